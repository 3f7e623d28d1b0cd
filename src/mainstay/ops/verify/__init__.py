"""Verify: whether what was planned has arrived, asked of the running stack; nothing is changed."""

from mainstay.ops.verify.model import Verification
from mainstay.ops.verify.run import CHECKS, RECOVERY_CHECKS, verify

__all__ = ["CHECKS", "RECOVERY_CHECKS", "Verification", "verify"]
