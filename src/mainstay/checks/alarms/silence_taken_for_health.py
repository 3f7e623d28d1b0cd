"""AL009: an alarm that takes the silence of what it watches for health."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import alarm, database, plan_of, told
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Alarm

# Counts of which nothing is reported while nothing happens.
_BEATS = {("AWS/Lambda", "Invocations"), ("AWS/Events", "Invocations"), ("AWS/SNS", "NumberOfMessagesPublished")}


def _beat(missing: str) -> Plan:
    calls = alarm(
        namespace="AWS/Lambda",
        metric="Invocations",
        statistic="Sum",
        threshold=1.0,
        dimensions={"FunctionName": "export"},
        missing_data=missing,
    )
    return plan_of(database(), calls, *told())


def _bad() -> Plan:
    """Fewer than one call of a function, and no data is no breach"""
    return _beat("notBreaching")


def _good() -> Plan:
    """Fewer than one call of a function, and no data is a breach"""
    return _beat("breaching")


@rule(
    id="AL009",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="silence is taken for health",
    source="CloudWatch User Guide, alarms-and-missing-data; Lambda Developer Guide, monitoring-metrics-types"
    " (2026-11-20)",
    applies_to=(Alarm,),
    field="missing_data",
    bad=_bad,
    good=_good,
)
def faults(alarm: Alarm, scene: Scene) -> Iterator[Fault]:
    """A function that is not called reports no calls, not even none: the alarm that waits for fewer than one never
    sees a number. An instance whose disk is full is stopped and reports nothing any more, so an alarm on free storage
    can end just when it matters; that is milder, as it has rung before.
    """
    comparison = literal(alarm.comparison, str) or ""
    missing = "missing" if alarm.missing_data is None else literal(alarm.missing_data, str)
    if not comparison.startswith("LessThan") or missing in (None, "breaching"):
        return
    if (alarm.namespace, alarm.metric) in _BEATS:
        yield Fault(
            alarm,
            f"{alarm.key} waits for {alarm.metric} below {alarm.threshold}, and takes missing data as {missing}:"
            " while nothing happens there is no data, so it never rings.",
            "set TreatMissingData to breaching",
            mend=(replace(alarm, missing_data="breaching"),),
        )
    elif alarm.metric == "FreeStorageSpace" and alarm.namespace in (None, "AWS/RDS"):
        yield Fault(
            alarm,
            f"{alarm.key} takes missing data as {missing}: an instance that a full disk has stopped reports none.",
            "set TreatMissingData to breaching",
            Severity.INFO,
            mend=(replace(alarm, missing_data="breaching"),),
        )
