"""Read replicas: which failure they survive, and what they lose."""

from __future__ import annotations

import pytest

from mainstay.checks.examples import alarm, plan_of, replica
from mainstay.checks.examples import lone_database as database
from mainstay.core.units import Duration
from mainstay.forecast import Failure, Way, promise
from mainstay.plan.resources import Resource
from mainstay.plan.values import Ref, Unknown

LAG: dict[str, object] = {
    "metric": "ReplicaLag",
    "dimensions": {"DBInstanceIdentifier": Ref("Replica")},
    "comparison": "GreaterThanThreshold",
    "threshold": 60.0,
    "period": Duration(60),
    "evaluation_periods": 5,
    "alarm_actions": (Ref("Topic"),),
}


def way(failure: Failure, *others: Resource, **changes: object) -> Way:
    plan = plan_of(database(zone="a"), replica(key="Replica", **{"zone": "b", **changes}), *others)
    (outcome,) = promise(plan).of(failure)
    return next(one for one in outcome.ways if one.name == "replica Replica")


def test_a_watched_replica_loses_as_much_as_may_go_unnoticed() -> None:
    found = way(Failure.INSTANCE_LOST, alarm(**LAG))
    assert (found.survives, found.rpo) == (True, Duration(60 + 5 * 60))
    assert (found.rto_least, found.rto_most) == (Duration(60), Duration(300))
    assert found.reach is None
    assert "asynchronous" in found.reasons[0].because[0].text


def test_of_two_alarms_the_one_that_tells_sooner_counts() -> None:
    slow, fast = alarm(**LAG), alarm(**{**LAG, "key": "Fast", "evaluation_periods": 1})
    assert way(Failure.INSTANCE_LOST, slow, fast).rpo == Duration(120)


@pytest.mark.parametrize(
    "changes",
    [
        {"metric": "CPUUtilization"},
        {"comparison": "LessThanThreshold"},
        {"dimensions": {"DBInstanceIdentifier": Ref("Database")}},
        {"alarm_actions": ()},
        {"is_enabled": False},
        {"threshold": Unknown("a mapping")},
        {"period": None},
        {"evaluation_periods": None},
    ],
)
def test_a_lag_that_nobody_is_told_of_promises_nothing(changes: dict[str, object]) -> None:
    found = way(Failure.INSTANCE_LOST, alarm(**{**LAG, **changes}))
    assert not found.survives
    assert "nobody is told" in found.reasons[0].text


@pytest.mark.parametrize(("zone", "survives"), [("b", True), ("a", False), (None, False)])
def test_a_lost_zone_takes_a_replica_in_it(zone: str | None, survives: bool) -> None:
    assert way(Failure.ZONE_LOST, alarm(**LAG), zone=zone).survives is survives
    assert way(Failure.INSTANCE_LOST, alarm(**LAG), zone=zone).survives


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (Failure.ROW_DELETED, "repeats the deletion"),
        (Failure.STACK_DELETED, "deleted with the stack"),
        (Failure.REGION_LOST, "same region"),
        (Failure.ACCOUNT_COMPROMISED, "holds the account"),
        (Failure.KEY_LOST, "same key"),
    ],
)
def test_what_a_replica_shares_with_its_source(failure: Failure, says: str) -> None:
    found = way(failure, alarm(**LAG))
    assert not found.survives
    assert says in found.reasons[0].text


def test_a_replica_of_another_instance_is_no_way_back() -> None:
    plan = plan_of(database(), database(key="Other"), replica(source=Ref("Other")), alarm(**LAG))
    first = next(one for one in promise(plan).of(Failure.INSTANCE_LOST) if one.database == "Database")
    assert [one.name for one in first.ways] == ["standby", "automated backups"]
