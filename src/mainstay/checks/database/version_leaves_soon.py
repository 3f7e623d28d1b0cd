"""DB011: a version that RDS will not create, or will bill for, within three months."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from mainstay import facts
from mainstay.checks.examples import database, plan_of, settings
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance
from mainstay.plan.values import Ref

_AHEAD = timedelta(days=90)


def _plan(version: str) -> Plan:
    db = database(engine="mysql", engine_version=version, parameter_group=Ref("Settings"))
    return plan_of(db, settings("mysql8.4", require_secure_transport="1"))


def _bad() -> Plan:
    """MySQL 8.4.7, which leaves on 2026-11-30, seen ten days before"""
    return _plan("8.4.7")


def _good() -> Plan:
    """MySQL 8.4.9, which leaves on 2027-05-08"""
    return _plan("8.4.9")


@rule(
    id="DB011",
    severity=Severity.WARNING,
    harm=Harm.REJECTED,
    summary="the version leaves soon",
    source="RDS release calendars of PostgreSQL, MySQL and MariaDB (2026-11-21)",
    applies_to=(DbInstance,),
    field="engine_version",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """Minor versions live about a year. From its day on, RDS refuses to create a pinned one, and upgrades what runs on
    it in the next maintenance window. A major that leaves standard support is billed by the vCPU from then on.
    """
    engine, version = scene.engine_of(db), literal(db.engine_version, str)
    if engine is None or version is None or not scene.stands_alone(db):
        return
    major = facts.major_of(engine, version)
    leaves, newest = load("versions").data["leaves_on"].get(engine, {}).get(version), _newest(engine, version, scene)
    # The newest minor leaves together with its major.
    if leaves is not None and newest != version and _is_near(date.fromisoformat(leaves), scene.today):
        yield Fault(
            db,
            f"RDS stops creating {engine} {version} on {leaves}, {_days(leaves, scene)}.",
            f"pin {newest}, or name the major alone",
            mend=(replace(db, engine_version=newest),),
        )
    ends, dates = facts.standard_ends(engine, version), facts.lifecycle(engine, version)
    is_paid = db.lifecycle_support in (None, "open-source-rds-extended-support")
    if ends is not None and (is_paid or dates is None) and _is_near(ends, scene.today):
        then = f"Extended Support is billed from {dates.charged_from}" if dates else "there is no Extended Support"
        yield Fault(
            db,
            f"{engine} {major} leaves standard support on {ends}, {_days(ends.isoformat(), scene)}; {then}.",
            f"plan the upgrade to {engine} {facts.majors(engine)[-1]}",
        )


def _newest(engine: str, version: str, scene: Scene) -> str:
    major = facts.major_of(engine, version)
    known = [name for name in facts.versions(engine, on=scene.today) if facts.major_of(engine, name) == major]
    return max(known, key=facts.order, default=version)


def _is_near(day: date, today: date) -> bool:
    # From the day itself on, DB009 and DB010 speak.
    return today < day <= today + _AHEAD


def _days(day: str, scene: Scene) -> str:
    left = (date.fromisoformat(day) - scene.today).days
    return f"in {left} day{'' if left == 1 else 's'}"
