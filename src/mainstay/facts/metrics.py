"""CloudWatch metrics of a database: unit, the direction in which trouble lies, and when the metric exists."""

from __future__ import annotations

from typing import Literal

from mainstay.core.records import dataclass
from mainstay.facts.loading import load


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFact:
    """One metric of `AWS/RDS`.

    `alarming` tells whether high or low values mean trouble. `threshold`, in `unit`, is AWS's own recommendation or
    our judgement (`recommended_by`); None where it depends on the instance: 90 % of max_connections, 25 % of
    memory, 10 % of storage, the number of vCPUs. `exists_with` names what it takes for the metric to exist.
    """

    name: str
    namespace: str
    dimension: str
    unit: str
    alarming: Literal["high", "low"]
    statistic: str
    threshold: float | None
    exists_with: str | None
    recommended_by: str
    period_s: int
    datapoints: int


def metric(name: str) -> MetricFact | None:
    """What is known of a metric; None when the table lacks it."""
    row = load("metrics").data.get(name)
    return MetricFact(name=name, **row) if row else None


def metric_names() -> list[str]:
    """The metrics that the table knows."""
    return list(load("metrics").data)
