"""DB009: an engine version or a class with which RDS creates nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from mainstay import facts
from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance

_CLASS = re.compile(r"db\.([a-z]+)([0-9]+)")


def _bad() -> Plan:
    """PostgreSQL 16.3, which RDS no longer creates"""
    return plan_of(database(engine_version="16.3"))


def _good() -> Plan:
    """The major alone: RDS picks its default minor"""
    return plan_of(database(engine_version="16"))


@rule(
    id="DB009",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="RDS does not create this version or class",
    source="RDS version and class lists in cfn-lint 1.58.0 (2026-10-20); RDS release calendars (2026-11-20)",
    applies_to=(DbInstance,),
    field="engine_version",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """Minor versions leave after about a year. A pinned one that has left is refused (`Cannot find version 16.3 for
    postgres`) exactly when the stack is needed again: in a new region, or after a disaster.
    """
    engine = scene.engine_of(db)
    if engine is None:
        return
    version = literal(db.engine_version, str)
    if version and scene.stands_alone(db) and db.snapshot is None and _has_left(engine, version, scene):
        yield Fault(
            db,
            f"RDS creates no {engine} {version}; it creates {_neighbours(engine, version, scene)}.",
            "name a version that can be created, or the major alone",
            mend=_newest(db, engine, version, scene),
        )
    name = literal(db.instance_class, str)
    if name and facts.class_offered(scene.region.region, engine, name) is False and facts.class_shape(name):
        yield Fault(
            db,
            f"{scene.region.region} does not offer {name} for {engine}.",
            "choose a class of another generation, or another region",
        )
    elif name and (first := _first_generation(name)):
        yield Fault(
            db,
            f"RDS has retired the generation of {name}, and creates {first} and newer.",
            "choose a class of a generation that is made today",
            Severity.WARNING,
        )


def _has_left(engine: str, version: str, scene: Scene) -> bool:
    # What is newer than everything in the table is newer than the table, not wrong.
    if version == facts.major_of(engine, version):
        return False
    creatable = facts.versions(engine, on=scene.today)
    return version not in creatable and facts.order(version) < max(
        map(facts.order, _siblings(engine, version, creatable))
    )


def _first_generation(name: str) -> str:
    """The oldest generation of the class's series that RDS still makes, such as `db.t3`; empty when it is not newer."""
    # The enumerations of RDS list t2, m4 and r4 still, with versions that have left since.
    made = [found for found in map(_CLASS.match, facts.class_names()) if found]
    asked = _CLASS.match(name)
    generations = [int(each[2]) for each in made if asked and each[1] == asked[1]]
    return f"db.{asked[1]}{min(generations)}" if asked and generations and int(asked[2]) < min(generations) else ""


def _newest(db: DbInstance, engine: str, version: str, scene: Scene) -> tuple[DbInstance, ...]:
    """The instance with the newest minor of its own major; nothing where the major itself has left."""
    newest = max(_siblings(engine, version, facts.versions(engine, on=scene.today)), key=facts.order)
    is_same = facts.major_of(engine, newest) == facts.major_of(engine, version)
    return (replace(db, engine_version=newest),) if is_same else ()


def _siblings(engine: str, version: str, creatable: list[str]) -> list[str]:
    major = facts.major_of(engine, version)
    return [name for name in creatable if facts.major_of(engine, name) == major] or creatable


def _neighbours(engine: str, version: str, scene: Scene) -> str:
    return ", ".join(_siblings(engine, version, facts.versions(engine, on=scene.today))[-4:])
