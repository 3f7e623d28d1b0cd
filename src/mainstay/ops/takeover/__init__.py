"""Takeover: a failover within the region, done on purpose, measured by clients that write all the while."""

from mainstay.ops.takeover.model import FAULTS, REBOOT, TakenOver, TakeoverRequest
from mainstay.ops.takeover.run import STEPS, takeover

__all__ = ["FAULTS", "REBOOT", "STEPS", "TakenOver", "TakeoverRequest", "takeover"]
