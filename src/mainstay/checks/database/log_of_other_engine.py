"""DB021: a log exported that the engine does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.naming import nearest
from mainstay.core.units import Duration
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, LogGroup


def _plan(log: str) -> Plan:
    group = LogGroup(key="Log", name=f"/aws/rds/instance/shop/{log}", retention=Duration.days(30))
    return plan_of(database(identifier="shop", log_exports=(log,)), group)


def _bad() -> Plan:
    """PostgreSQL, with MySQL's slowquery"""
    return _plan("slowquery")


def _good() -> Plan:
    """PostgreSQL, with its own log, in which slow statements stand, too"""
    return _plan("postgresql")


@rule(
    id="DB021",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="the engine has no such log",
    source="botocore RDS model, EnableCloudwatchLogsExports (2026-11-20)",
    applies_to=(DbInstance,),
    field="log_exports",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """RDS refuses the instance: each engine exports logs of its own names, and PostgreSQL has one for everything."""
    engine = scene.engine_of(db)
    known = load("log_exports").data[engine] if engine else []
    for name in (literal(each, str) for each in db.log_exports):
        if engine and name is not None and name not in known:
            hint = f"export any of {', '.join(known)}"
            yield Fault(db, f"{engine} has no log '{name}' to export.", hint, mend=(_without(db, name, known),))


def _without(db: DbInstance, log: str, known: list[str]) -> DbInstance:
    """The instance without that log; with the one of nearly that name, where there is one."""
    meant = nearest(log, known)
    kept = (meant if each == log else each for each in db.log_exports)
    return replace(db, log_exports=tuple(dict.fromkeys(each for each in kept if each is not None)))
