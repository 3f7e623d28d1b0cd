"""Alarms that can fire, in the metric's own unit, on the primary and every replica."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay import facts
from mainstay.core.naming import logical_id
from mainstay.core.records import dataclass
from mainstay.core.units import Bytes, Duration, Share
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.logical import ALERTS_TOPIC, DATABASE, instances
from mainstay.plan.resources import Alarm
from mainstay.plan.values import Ref
from mainstay.spec import Spec

# CloudWatch's words. For the rest no unit is written: an alarm that names another than the metric's gets no data.
_UNITS: Final = {
    "percent": "Percent",
    "count": "Count",
    "bytes": "Bytes",
    "seconds": "Seconds",
    "microseconds": "Microseconds",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One alarm on one thing; `threshold` in the metric's unit."""

    name: str
    metric: str
    comparison: str
    threshold: float
    what: str
    path: str
    # A database that reports no free storage or no lag is not there or not replicating: that is an alarm. One that
    # reports no load is not overloaded.
    missing: str = "missing"
    periods: int | None = None  # in a row; as the table of metrics recommends when left out


def build_alarms(spec: Spec, draft: Draft) -> Draft:
    """The draft with the alarms; each tells the topic when it fires and when it is over."""
    alarms = [
        alarm(spec, instance, identifier, watch)
        for instance, identifier in instances(spec).items()
        for watch in _watches(spec, draft, instance)
    ]
    return draft.adding(*alarms)


def most_connections(spec: Spec, draft: Draft, memory: Bytes) -> int:
    """max_connections as set, or as RDS derives it from a class with so much nominal memory."""
    written = draft.settings.get("max_connections")
    if written is not None:
        return facts.evaluate(written, {"DBInstanceClassMemory": memory}) or 0
    return facts.default_max_connections(spec.database.engine, memory, draft.version) or 0


def _watches(spec: Spec, draft: Draft, instance: str) -> Iterator[Watch]:
    alerts = spec.alerts
    memory = draft.memory if instance == DATABASE else draft.replica_memory
    yield Watch(
        name="cpu",
        metric="CPUUtilization",
        comparison="GreaterThanThreshold",
        threshold=float(alerts.cpu * 100),
        what=f"CPU above {alerts.cpu}",
        path="alerts.cpu",
        periods=alerts.cpu_for // 60,
    )
    yield Watch(
        name="free-storage",
        metric="FreeStorageSpace",
        comparison="LessThanThreshold",
        threshold=_bytes(alerts.free_storage, spec.storage.size),
        what=f"free storage below {alerts.free_storage}",
        path="alerts.free_storage",
        missing="breaching",
    )
    yield Watch(
        name="free-memory",
        metric="FreeableMemory",
        comparison="LessThanThreshold",
        threshold=_bytes(alerts.free_memory, memory),
        what=f"free memory below {alerts.free_memory}",
        path="alerts.free_memory",
    )
    most, limit = most_connections(spec, draft, memory), alerts.connections
    yield Watch(
        name="connections",
        metric="DatabaseConnections",
        comparison="GreaterThanThreshold",
        threshold=float(limit.of(most) if isinstance(limit, Share) else limit),
        what=f"more connections than {limit}{f' of {most}' if isinstance(limit, Share) else ''}",
        path="alerts.connections",
    )
    if instance != DATABASE:
        yield from _replication(spec)


def _replication(spec: Spec) -> Iterator[Watch]:
    yield Watch(
        name="lag",
        metric="ReplicaLag",
        comparison="GreaterThanThreshold",
        threshold=float(spec.alerts.replica_lag),
        what=f"replica more than {spec.alerts.replica_lag} behind",
        path="alerts.replica_lag",
        missing="breaching",
    )
    yield Watch(
        name="replication",
        metric="ReplicaLag",
        comparison="LessThanThreshold",
        threshold=0.0,  # RDS reports -1 for a replica that does not replicate, which is never above a threshold
        what="replication has stopped",
        path="alerts.replica_lag",
    )


def _bytes(limit: Share | Bytes, whole: Bytes) -> float:
    return float(limit.of(whole) if isinstance(limit, Share) else limit)


def alarm(spec: Spec, watched: str, called: str, watch: Watch) -> Alarm:
    """An alarm on a resource by its key and by what people call it; KeyError when the tables lack the metric."""
    fact = facts.metric(watch.metric)
    if fact is None:
        raise KeyError(f"no facts about the metric {watch.metric}")
    is_percentile = fact.statistic.startswith("p")
    return Alarm(
        key=logical_id(watched, watch.name, "alarm"),
        # A name of its own: it is what a person reads at night. Nothing else of an alarm replaces it.
        name=f"{called}-{watch.name}",
        description=f"{called}: {watch.what}",
        namespace=fact.namespace,
        metric=watch.metric,
        dimensions={fact.dimension: Ref(watched)},
        # Percentiles stand in a property of their own.
        statistic=None if is_percentile else fact.statistic,
        extended_statistic=fact.statistic if is_percentile else None,
        unit=_UNITS.get(fact.unit),
        comparison=watch.comparison,
        threshold=watch.threshold,
        period=Duration(fact.period_s),
        evaluation_periods=watch.periods or fact.datapoints,
        datapoints=watch.periods or fact.datapoints,
        missing_data=watch.missing,
        is_enabled=True,
        alarm_actions=(Ref(ALERTS_TOPIC),),
        ok_actions=(Ref(ALERTS_TOPIC),),
        tags=tags(spec),
        origin=spec.origin_of(watch.path),
    )
