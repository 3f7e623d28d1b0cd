"""AL003: a statistic that makes another number of a metric than the one that the threshold is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay import facts
from mainstay.checks.examples import alarm, database, plan_of, told
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.facts.metrics import MetricFact
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Alarm

_MINUTE = 60  # RDS reports each metric of an instance once a minute


def _watching(statistic: str) -> Plan:
    cpu = alarm(
        metric="CPUUtilization",
        statistic=statistic,
        comparison="GreaterThanThreshold",
        threshold=90.0,
        period=Duration(300),
        evaluation_periods=1,
    )
    return plan_of(database(), cpu, *told())


def _bad() -> Plan:
    """The sum of the CPU's percentages over five minutes"""
    return _watching("Sum")


def _good() -> Plan:
    """Their average over five minutes"""
    return _watching("Average")


@rule(
    id="AL003",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="the statistic makes another number of the metric",
    source="CloudWatch User Guide, Best_Practice_Recommended_Alarms_AWS_Services; RDS User Guide, rds-metrics"
    " (2026-11-20)",
    applies_to=(Alarm,),
    field="statistic",
    bad=_bad,
    good=_good,
)
def faults(alarm: Alarm, scene: Scene) -> Iterator[Fault]:
    """RDS reports a level once a minute. Its sum grows with the period, so the alarm on too much always rings and the
    one on too little never does; a count of samples says nothing of the level at all. An average or the best minute
    hides the minute in which the disk was full: that is milder, and can be meant.
    """
    metric = facts.metric(literal(alarm.metric, str) or "")
    statistic, period = literal(alarm.statistic, str), literal(alarm.period, int)
    if metric is None or metric.dimension not in alarm.dimensions or metric.exists_with == "proxy":
        return
    if alarm.namespace not in (None, metric.namespace):
        return
    wrong = _wrong(statistic, period, metric)
    if wrong is not None:
        said, severity = wrong
        property_ = "ExtendedStatistic" if metric.statistic.startswith("p") else "Statistic"
        yield Fault(
            alarm,
            f"{alarm.key} compares the {statistic} of {metric.name} with {alarm.threshold}: {said}.",
            f"set {property_} to {metric.statistic}",
            severity,
            mend=(_by(alarm, metric.statistic),),
        )


def _by(alarm: Alarm, statistic: str) -> Alarm:
    if statistic.startswith("p"):
        return replace(alarm, statistic=None, extended_statistic=statistic)
    return replace(alarm, statistic=statistic, extended_statistic=None)


def _wrong(statistic: str | None, period: int | None, metric: MetricFact) -> tuple[str, Severity] | None:
    """What is wrong with a statistic, and how much so; in a period of one sample all but the count are the same."""
    if statistic == "SampleCount":
        return "that is the number of reports, whatever they say", Severity.ERROR
    if period is None or period <= _MINUTE:
        return None
    if statistic == "Sum":
        return f"over {period} that adds up {period // _MINUTE} reports of one level", Severity.ERROR
    if statistic == ("Maximum" if metric.alarming == "low" else "Minimum"):
        return f"of {period // _MINUTE} reports only the best counts", Severity.INFO
    if statistic == "Average" and metric.statistic in ("Minimum", "Maximum"):
        return f"over {period} the worst of {period // _MINUTE} reports disappears", Severity.INFO
    return None
