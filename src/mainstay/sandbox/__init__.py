"""The sandbox: AWS on this machine, answered in process at botocore's seam, over real database servers."""

from mainstay.sandbox.seam import session

__all__ = ["session"]
