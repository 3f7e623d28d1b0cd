"""What restores that AWS Backup tries cost: which databases, for how long, and what is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mainstay.checks.examples import lone_database, plan_of, replica
from mainstay.core.units import Bytes, Duration
from mainstay.forecast.cost_of_restore_tests import cost_of_restore_tests
from mainstay.forecast.prices import CostItem
from mainstay.forecast.restoring import restore_time
from mainstay.plan.resources import Resource, RestoreTestingSelection
from mainstay.plan.values import Param

TEST = RestoreTestingSelection(
    key="T", plan="p", name="n", role="r", resource_type="RDS", validation_window=Duration(5 * 3600)
)
MICRO = lone_database(engine="mysql", instance_class="db.t4g.micro", storage=Bytes.gib(200))
AN_HOUR = 0.016 + 200 * 0.115 / 730
WEEKS = 365.25 / 12 / 7


def item(*resources: Resource) -> CostItem:
    return next(iter(cost_of_restore_tests(plan_of(*resources).primary)))


@pytest.mark.parametrize(
    ("window", "hours"), [(Duration(5 * 3600), 5), (Duration(600), 1 / 6), (Duration(599), 1 / 6), (None, 1 / 6)]
)
def test_a_copy_is_paid_for_as_long_as_it_is_kept(window: Duration | None, hours: float) -> None:
    most = restore_time(MICRO, replays=True).most / 3600
    expected = [one * AN_HOUR * WEEKS for one in (hours, hours + 1 / 6, hours + most)]
    assert item(replace(TEST, validation_window=window), MICRO).amount == pytest.approx(expected, rel=1e-9)


def test_a_replica_is_not_restored() -> None:
    both = item(TEST, MICRO, replica(instance_class="db.m7g.large"))
    assert both.amount == item(TEST, MICRO).amount
    two = item(TEST, MICRO, replace(MICRO, key="Other")).amount
    assert two == pytest.approx([2 * one for one in item(TEST, MICRO).amount or ()])


@pytest.mark.parametrize(
    "changes",
    [{"storage": Param("Size")}, {"storage": None}, {"storage_type": "odd"}, {"instance_class": "db.x9.large"}],
)
def test_what_is_not_known_is_never_nothing(changes: dict[str, object]) -> None:
    found = item(TEST, replace(MICRO, **changes))  # type: ignore[arg-type]  # fields of many types
    assert (found.amount, found.prices) == (None, ())
    assert found.what == "by a class, a size or a storage that has no price"
