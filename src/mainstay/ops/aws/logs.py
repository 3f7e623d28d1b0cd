"""Log groups."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.core.units import Duration
from mainstay.ops.aws.door import Door


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGroupState:
    """A log group; without `retention` it keeps everything."""

    name: str
    retention: Duration | None = None


class LogsDoor(Door):
    """Questions to CloudWatch Logs."""

    def groups(self, prefix: str) -> tuple[LogGroupState, ...]:
        """The log groups whose name starts so."""
        return tuple(
            LogGroupState(
                name=group["logGroupName"],
                retention=Duration.days(group["retentionInDays"]) if "retentionInDays" in group else None,
            )
            for group in self._pages("DescribeLogGroups", "logGroups", logGroupNamePrefix=prefix)
        )
