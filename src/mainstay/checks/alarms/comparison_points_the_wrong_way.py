"""AL001: an alarm on something that runs out, which waits for there to be too much of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay import facts
from mainstay.checks.examples import alarm, database, plan_of, told
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Alarm


def _bad() -> Plan:
    """Free storage at or above 10 GiB, the comparison that CDK writes when none is given"""
    return plan_of(database(), alarm(comparison="GreaterThanOrEqualToThreshold"), *told())


def _good() -> Plan:
    """Free storage at or below 10 GiB"""
    return plan_of(database(), alarm(comparison="LessThanOrEqualToThreshold"), *told())


@rule(
    id="AL001",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="the alarm compares the wrong way",
    source="CloudWatch User Guide, Best_Practice_Recommended_Alarms_AWS_Services (2026-11-20)",
    applies_to=(Alarm,),
    field="comparison",
    bad=_bad,
    good=_good,
)
def faults(alarm: Alarm, scene: Scene) -> Iterator[Fault]:
    """The alarm is on from the first minute, people learn to ignore it or mute it, and when the disk is really full it
    turns green. The opposite comparison on metrics that rise (a count that falls to nothing) can be meant.
    """
    metric = facts.metric(literal(alarm.metric, str) or "")
    comparison = literal(alarm.comparison, str) or ""
    if metric is None or alarm.namespace not in (None, metric.namespace) or metric.alarming != "low":
        return
    if comparison.startswith("GreaterThan") and comparison.endswith("Threshold") and "Upper" not in comparison:
        opposite = comparison.replace("Greater", "Less")
        yield Fault(
            alarm,
            f"{alarm.key} is on while {metric.name} is high ({comparison}); trouble is when it is low.",
            f"compare with {opposite}",
            mend=(replace(alarm, comparison=opposite),),
        )
