"""DB045: standbys, and where none is wanted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.one_zone_in_production import faults
from mainstay.checks.examples import database, lone_database, plan_of, replica
from mainstay.core.findings import Finding
from mainstay.plan.intent import Intent
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"is_multi_az": None}, "(the default)"),
        ({"is_multi_az": False}, "(MultiAZ is false)"),
        ({"is_multi_az": True}, None),
        ({"is_multi_az": Param("MultiAz")}, None),
        ({"is_multi_az": None, "extras": {"MultiAZ": []}}, None),
        ({"is_multi_az": None, "extras": {"DBClusterIdentifier": "cluster"}}, None),
    ],
)
def test_zones(changes: dict[str, object], said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(database(**changes)))
    assert len(findings) == (said is not None)
    assert all(said in finding.detail for finding in findings if said)


def test_a_profile_may_do_without(say: Say) -> None:
    assert say(faults, plan_of(lone_database(), intent=Intent(profile="dev"))) == []
    assert len(say(faults, plan_of(lone_database()))) == 1


def test_a_replica_stands_in_for_its_source(say: Say) -> None:
    assert say(faults, plan_of(database(), replica())) == []
