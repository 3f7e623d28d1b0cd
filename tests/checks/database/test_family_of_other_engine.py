"""DB027: engine and major against the group's family."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.family_of_other_engine import faults
from mainstay.checks.examples import database, plan_of, replica, settings
from mainstay.core.findings import Finding
from mainstay.plan.resources import ParameterGroup
from mainstay.plan.values import Param, Ref

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("engine", "version", "family", "count"),
    [
        ("postgres", "17.11", "postgres17", 0),
        ("postgres", "17", "postgres17", 0),
        ("postgres", "17.11", "postgres18", 1),
        ("mysql", "8.4.11", "mysql8.4", 0),
        ("mysql", "8.4", "mysql8.0", 1),
        ("MySQL", "8.0.36", "MySQL8.0", 0),
        ("MySQL", "8.4", "MySQL8.0", 1),
        ("mariadb", "11.8.9", "mysql8.4", 1),
        ("oracle-ee", "19", "postgres17", 0),
        ("postgres", None, "postgres16", 0),
    ],
)
def test_families(engine: str, version: str | None, family: str, count: int, say: Say) -> None:
    db = database(engine=engine, engine_version=version, parameter_group=Ref("Settings"))
    assert len(say(faults, plan_of(db, settings(family)))) == count


def test_not_seen(say: Say) -> None:
    assert say(faults, plan_of(database(parameter_group="default.postgres16"))) == []
    group = ParameterGroup(key="Settings", family=Param("Family"), description="d")
    assert say(faults, plan_of(database(parameter_group=Ref("Settings")), group)) == []


def test_a_replica_with_a_group_of_its_own(say: Say) -> None:
    plan = plan_of(database(), replica(parameter_group=Ref("Settings")), settings("postgres16"))
    (finding,) = say(faults, plan)
    assert finding.subject == "Replica"
    assert "make a group of the family postgres17" in finding.hint
