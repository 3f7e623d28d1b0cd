"""AL002: a threshold typed in gigabytes or milliseconds, against a metric in bytes or seconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay import facts
from mainstay.checks.examples import alarm, database, plan_of, told
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, amount, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Alarm

_LEAST_BYTES = 2**20  # nobody watches for less than a MiB of disk or memory
_MOST_SECONDS = 1.0  # a latency of a second is far beyond trouble


def _bad() -> Plan:
    """Free storage below 10, meant as GB"""
    return plan_of(database(), alarm(threshold=10.0), *told())


def _good() -> Plan:
    """Free storage below 1 MiB, little but possible"""
    return plan_of(database(), alarm(threshold=2.0**20), *told())


@rule(
    id="AL002",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="the threshold is in another unit than the metric",
    source="RDS User Guide, rds-metrics: FreeStorageSpace in bytes, ReadLatency in seconds (2026-11-20)",
    applies_to=(Alarm,),
    field="threshold",
    bad=_bad,
    good=_good,
)
def faults(alarm: Alarm, scene: Scene) -> Iterator[Fault]:
    """CloudWatch compares bare numbers. `FreeStorageSpace < 10` waits for the last ten bytes, `ReadLatency > 20` for
    reads that take twenty seconds: by then everybody knows.
    """
    metric = facts.metric(literal(alarm.metric, str) or "")
    number = amount(alarm.threshold)
    if metric is None or number is None or alarm.namespace not in (None, metric.namespace):
        return
    if metric.unit == "bytes" and 0 < number < _LEAST_BYTES:
        yield Fault(
            alarm,
            f"{alarm.key} compares {metric.name}, in bytes, with {number:g}.",
            f"write it in bytes: {number:g} GiB is {number * 2**30:.0f}",
            mend=(replace(alarm, threshold=number * 2.0**30),),
        )
    if metric.name.endswith("Latency") and metric.unit == "seconds" and number >= _MOST_SECONDS:
        yield Fault(
            alarm,
            f"{alarm.key} compares {metric.name}, in seconds, with {number:g}.",
            f"write it in seconds: {number:g} ms is {number / 1000:g}; AWS recommends {metric.threshold:g}",
            mend=(replace(alarm, threshold=number / 1000),),
        )
