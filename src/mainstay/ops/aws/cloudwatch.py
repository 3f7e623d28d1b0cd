"""Alarms, and the one metric of our own that an alarm waits for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mainstay.ops.aws.door import Door


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmState:
    """An alarm: `state` is `OK`, `ALARM` or `INSUFFICIENT_DATA`; `actions` are the ARNs told when it fires."""

    name: str
    state: str
    actions: tuple[str, ...]
    is_enabled: bool
    metric: str = ""
    reason: str = ""


# DescribeAlarms takes at most 100 names (botocore service model cloudwatch, AlarmNames, checked 2026-11-20).
_MOST_NAMES = 100


class CloudWatchDoor(Door):
    """Questions to CloudWatch."""

    def put_one(self, namespace: str, metric: str, dimensions: Mapping[str, str]) -> None:
        """One value, 1, of a metric at this moment."""
        named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
        datum = {"MetricName": metric, "Dimensions": named, "Value": 1.0, "Unit": "Count"}
        self._ask("PutMetricData", Namespace=namespace, MetricData=[datum])

    def alarms_on(self, dimension: str, value: str) -> tuple[str, ...]:
        """The names of the metric alarms with this value of a dimension."""
        wanted = {"Name": dimension, "Value": value}
        known = self._pages("DescribeAlarms", "MetricAlarms")
        return tuple(one["AlarmName"] for one in known if wanted in one.get("Dimensions", ()))

    def alarms(self, names: Iterable[str]) -> tuple[AlarmState, ...]:
        """The metric alarms among these names that exist."""
        wanted = sorted(set(names))
        chunks = [wanted[at : at + _MOST_NAMES] for at in range(0, len(wanted), _MOST_NAMES)]
        return tuple(
            AlarmState(
                name=known["AlarmName"],
                state=known["StateValue"],
                actions=tuple(known.get("AlarmActions", ())),
                is_enabled=known.get("ActionsEnabled", True),
                metric=known.get("MetricName", ""),
                reason=known.get("StateReason", ""),
            )
            for chunk in chunks
            for known in self._pages("DescribeAlarms", "MetricAlarms", AlarmNames=chunk)
        )
