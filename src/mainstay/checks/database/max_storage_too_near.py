"""DB014: a ceiling for storage autoscaling that leaves it no step to take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Bytes
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance


def _bad() -> Plan:
    """100 GiB that may grow to 109 GiB"""
    return plan_of(database(storage=Bytes.gib(100), max_storage=Bytes.gib(109)))


def _good() -> Plan:
    """100 GiB that may grow to 126 GiB"""
    return plan_of(database(storage=Bytes.gib(100), max_storage=Bytes.gib(126)))


@rule(
    id="DB014",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="the storage ceiling is too near",
    source="RDS User Guide, USER_PIOPS.Autoscaling (2026-11-20)",
    applies_to=(DbInstance,),
    field="max_storage",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """RDS refuses a maximum less than 10 % above the allocated storage, and advises 26 %: the first step is 10 % and
    the next comes six hours later, so a nearer ceiling is reached while the disk is still filling.
    """
    storage, most = literal(db.storage, Bytes), literal(db.max_storage, Bytes)
    if not storage or most is None:
        return
    limits = load("limits").data["autoscaling"]
    least, advised = (Fraction(str(limits[name])) for name in ("least_headroom", "advised_headroom"))
    if most < storage * advised:
        wanted = least if most < storage * least else advised
        yield Fault(
            db,
            f"{db.key} has {storage} and may grow to {most}, {float(most / storage * 100 - 100):.0f} % more;"
            f" RDS {'wants' if wanted == least else 'advises'} at least {float(wanted * 100 - 100):.0f} %.",
            f"set the maximum to {-(-storage * advised // Bytes.gib(1))} GiB or more",
            None if wanted == least else Severity.WARNING,
            mend=(replace(db, max_storage=Bytes.gib(-(-storage * advised // Bytes.gib(1)))),),
        )
