"""AL005: an alarm on a metric that this instance never reports."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay import facts
from mainstay.checks.examples import alarm, database, plan_of, told
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Alarm, DbInstance

# Volumes that do not live on a balance of bursts.
_STEADY = ("gp3", "io1", "io2")


def _on(storage_type: str) -> Plan:
    burst = alarm(metric="BurstBalance", statistic="Average", threshold=20.0)
    return plan_of(database(storage_type=storage_type), burst, *told())


def _bad() -> Plan:
    """The burst balance of a gp3 volume"""
    return _on("gp3")


def _good() -> Plan:
    """The burst balance of a gp2 volume"""
    return _on("gp2")


@rule(
    id="AL005",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="the metric does not exist",
    source="RDS User Guide, rds-metrics: each metric with the engines, classes and volumes that report it (2026-11-20)",
    applies_to=(Alarm,),
    field="metric",
    bad=_bad,
    good=_good,
)
def faults(alarm: Alarm, scene: Scene) -> Iterator[Fault]:
    """CloudWatch makes an alarm on any name. With no data it stays at INSUFFICIENT_DATA for ever, or green where
    missing data counts as well: it looks like protection and is none.
    """
    metric = facts.metric(literal(alarm.metric, str) or "")
    db = scene.watched(alarm.dimensions.get("DBInstanceIdentifier"))
    if metric is None or metric.exists_with is None or db is None or alarm.namespace not in (None, metric.namespace):
        return
    said = _missing(metric.exists_with, db, scene)
    if said:
        yield Fault(
            alarm,
            f"{alarm.key} watches {metric.name}, which {db.key} never reports: {said}.",
            "take the alarm out, or watch a metric that there is",
            # MySQL and MariaDB can follow a server outside RDS, by a procedure that no template shows.
            Severity.INFO if metric.exists_with == "replica" and db.engine != "postgres" else None,
        )


def _missing(needed: str, db: DbInstance, scene: Scene) -> str | None:
    """Why what a metric takes is not there, where that can be seen."""
    engine, name = scene.engine_of(db), scene.inherited(db, "instance_class", str) or ""
    storage = (scene.inherited(db, "storage_type", str) or "").lower()
    found = {
        "gp2": storage in _STEADY and f"its volume is {storage}, and only gp2 has a balance of bursts",
        "burstable class": name.startswith("db.")
        and not name.startswith("db.t")
        and f"{name} is no burstable class, so it has no CPU credits",
        "replica": engine and scene.stands_alone(db) and not hides(db, "source") and "it is no replica",
        "performance insights": db.has_performance_insights is False and "its Performance Insights are switched off",
        "postgres": engine in ("mysql", "mariadb") and f"its engine is {engine}",
        "mysql": engine == "postgres" and f"its engine is {engine}",
        "proxy": "only a proxy reports it, under the dimension ProxyName",
    }
    return found.get(needed) or None
