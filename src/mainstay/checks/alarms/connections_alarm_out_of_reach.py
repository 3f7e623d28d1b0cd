"""AL008: an alarm on more connections than the server ever admits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import alarm, database, plan_of, told
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, amount, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Alarm


def _watching(threshold: float) -> Plan:
    connections = alarm(
        metric="DatabaseConnections", statistic="Average", comparison="GreaterThanThreshold", threshold=float(threshold)
    )
    return plan_of(database(instance_class="db.t4g.micro"), connections, *told())


def _bad() -> Plan:
    """More than 112 connections on a class of 1 GiB, where the maximum is 112"""
    return _watching(112)


def _good() -> Plan:
    """More than 111 connections there"""
    return _watching(111)


@rule(
    id="AL008",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="the connections alarm cannot go off",
    source="RDS User Guide, CHAP_Limits: maximum number of database connections (2026-11-20)",
    applies_to=(Alarm,),
    field="threshold",
    bad=_bad,
    good=_good,
)
def faults(alarm: Alarm, scene: Scene) -> Iterator[Fault]:
    """max_connections follows from the memory of the class. With a threshold above it, clients are refused (`remaining
    connection slots are reserved`) while the alarm stays green.
    """
    db = scene.watched(alarm.dimensions.get("DBInstanceIdentifier"))
    number = amount(alarm.threshold)
    if alarm.metric != "DatabaseConnections" or db is None or number is None:
        return
    most = scene.number(db, "max_connections")
    if most is None:
        return
    is_unreachable = {
        "GreaterThanThreshold": number >= most,
        "GreaterThanOrEqualToThreshold": number > most,
    }
    if is_unreachable.get(literal(alarm.comparison, str) or "", False):
        yield Fault(
            alarm,
            f"{alarm.key} goes off above {number:g} connections, but {db.key} admits {most} at most.",
            f"set the threshold to {most * 9 // 10}, 90 % of the maximum",
            mend=(replace(alarm, threshold=float(most * 9 // 10)),),
        )
