"""Extended Support: the days on which it begins and grows, and what each step costs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mainstay.checks.examples import lone_database as database
from mainstay.checks.examples import plan_of, replica
from mainstay.forecast import cost
from mainstay.forecast.support import support_of
from mainstay.plan.plan import Plan
from mainstay.plan.values import Param

OFF = "open-source-rds-extended-support-disabled"
BEGINS, THIRD = date(2026, 8, 1), date(2028, 8, 1)
A_YEAR, DEARER = 2 * 0.1 * 730, 2 * 0.2 * 730


def plan(**changes: object) -> Plan:
    return plan_of(
        database(**{"engine": "mysql", "engine_version": "8.0.46", "instance_class": "db.t4g.micro", **changes})
    )


def charged(of: Plan, today: date) -> float | None:
    found = [item for item in cost(of, today=today).items if item.part == "Extended Support"]
    assert len(found) <= 1
    return found[0].amount[1] if found and found[0].amount else None


@pytest.mark.parametrize(
    ("today", "amount"),
    [
        (BEGINS - timedelta(days=1), None),
        (BEGINS, A_YEAR),
        (THIRD - timedelta(days=1), A_YEAR),
        (THIRD, DEARER),
    ],
)
def test_it_is_charged_from_its_day_on_and_doubles_in_its_third_year(today: date, amount: float | None) -> None:
    assert charged(plan(), today) == amount


@pytest.mark.parametrize(
    ("changes", "amount"),
    [
        ({"is_multi_az": True}, 2 * A_YEAR),
        ({"instance_class": "db.m5.2xlarge"}, 4 * A_YEAR),
        ({"lifecycle_support": "open-source-rds-extended-support"}, A_YEAR),
        ({"lifecycle_support": OFF}, None),
        ({"engine_version": "8.4.7"}, None),
        ({"engine_version": Param("Version")}, None),
        ({"engine": "mariadb", "engine_version": "10.6.28"}, None),
    ],
)
def test_every_vcpu_pays_unless_it_is_turned_off(changes: dict[str, object], amount: float | None) -> None:
    assert charged(plan(**changes), BEGINS) == amount


def test_a_class_that_is_not_known_is_no_free_support() -> None:
    bill = cost(plan(instance_class="db.x9.large"), today=BEGINS)
    (item,) = [one for one in bill.items if one.part == "Extended Support"]
    assert (item.amount, item in bill.unknown) == (None, True)
    (known,) = [one for one in cost(plan(), today=BEGINS).items if one.part == "Extended Support"]
    assert known.what == "since 2026-08-01, 2 vCPU at 0.10 USD an hour"
    assert "not known" in item.what


def test_a_replica_has_its_source_s_version() -> None:
    source = database(engine="mysql", engine_version="8.0.46", instance_class="db.t4g.micro")
    steps = support_of(plan_of(source, replica(instance_class="db.t4g.medium")))
    assert [step.database for step in steps if step.begins == BEGINS] == ["Database", "Replica"]


def test_a_replica_is_enrolled_as_its_source_is_unless_it_says_otherwise() -> None:
    source = database(engine="mysql", engine_version="8.0.46", lifecycle_support=OFF)
    assert [step.amount for step in support_of(plan_of(source, replica(instance_class="db.t4g.medium")))] == [None] * 2
    own = replica(instance_class="db.t4g.medium", lifecycle_support="open-source-rds-extended-support")
    assert [step.database for step in support_of(plan_of(source, own)) if step.amount] == ["Replica"] * 2
    assert [item for item in cost(plan_of(source, replica()), today=BEGINS).items if "Extended" in item.part] == []


def test_the_steps_in_the_order_of_time() -> None:
    steps = support_of(plan())
    assert [(step.begins, step.amount and step.amount[0]) for step in steps] == [
        (BEGINS, A_YEAR),
        (THIRD, DEARER),
        (date(2029, 7, 31), None),
    ]
    assert steps[0].as_json() == {
        "database": "Database",
        "begins": "2026-08-01",
        "what": "Extended Support is charged",
        "low_usd": 146.0,
        "expected_usd": 146.0,
        "high_usd": 146.0,
    }
    assert "by itself" in steps[2].what


def test_without_it_there_is_one_step() -> None:
    (step,) = support_of(plan(lifecycle_support=OFF))
    assert (step.begins, step.amount) == (date(2026, 7, 31), None)
    assert support_of(plan(engine="mariadb")) == ()
    (first, *_) = support_of(plan(instance_class="db.x9.large"))
    assert (first.amount, "not known" in first.what) == (None, True)
