"""Failover: a database restored in another region, from what is there, whatever became of the first one."""

from mainstay.ops.failover.model import FailedOver, FailoverRequest
from mainstay.ops.failover.points import Choice
from mainstay.ops.failover.run import STEPS, failover

__all__ = ["STEPS", "Choice", "FailedOver", "FailoverRequest", "failover"]
