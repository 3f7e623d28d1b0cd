"""What a drill costs, each and a month of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mainstay.checks.examples import lone_database as database
from mainstay.checks.examples import plan_of, replica
from mainstay.core.units import Bytes, Duration
from mainstay.forecast import DrillCost, cost
from mainstay.forecast.restoring import restore_time
from mainstay.plan.intent import DrillIntent, Intent
from mainstay.plan.plan import Plan
from mainstay.plan.values import Param

DB = database(engine="mysql", instance_class="db.m5.large", storage=Bytes.gib(100), max_storage=None)


def plan(**changes: object) -> Plan:
    return plan_of(
        database(**{"engine": "mysql", "instance_class": "db.m5.large", "storage": Bytes.gib(100), **changes})
    )


def drill(of: Plan) -> DrillCost:
    (found,) = cost(of).drills
    return found


def test_a_drill_is_an_instance_and_storage_for_as_long_as_it_is_read() -> None:
    restore = restore_time(DB, replays=True)
    created = restore.least / 3600
    # 30, 60 and 100 GiB read at 400, 200 and 50 MiB/s; ten minutes at least, and as much to go.
    read = (1 / 6, 1 / 6 + 1 / 6, 100 * 1024 / 50 / 3600 + restore.most / 3600)
    stands = (read[0] + created, read[1] + created, read[2])
    stored, moved = 100 * 0.115 / 730, (0, 0, 100 * 0.01 * 2)
    expected = tuple(0.171 * hours + stored * kept + way for hours, kept, way in zip(read, stands, moved, strict=True))
    found = drill(plan())
    assert found.each == pytest.approx(expected)
    assert set(found.prices) == {"instance_hour/mysql/db.m5.large", "storage_gb_month/gp3", "transfer_cross_zone_gb"}


def test_a_large_one_is_read_for_longer_than_ten_minutes() -> None:
    large = replace(DB, storage=Bytes.gib(1_000))
    created = restore_time(large, replays=True).least / 3600
    low, expected = 1_000 * 1024 * 0.3 / 400 / 3600, 1_000 * 1024 * 0.6 / 200 / 3600 + 1 / 6
    stored = 1_000 * 0.115 / 730
    found = drill(plan_of(large))
    assert found.each is not None
    assert found.each[:2] == pytest.approx(
        (0.171 * low + stored * (low + created), 0.171 * expected + stored * (expected + created))
    )
    assert "db.m5.large in one zone for 0.2 to 1" in found.what


@pytest.mark.parametrize(
    ("every", "times"), [(Duration.days(7), 365.25 / 12 / 7), (Duration.days(1), 365.25 / 12), (None, None)]
)
def test_a_month_of_them_by_the_schedule_of_the_spec(every: Duration | None, times: float | None) -> None:
    found = drill(plan_of(DB, intent=Intent(drill=DrillIntent(every=every))))
    assert found.each is not None
    expected = None if times is None else pytest.approx(tuple(one * times for one in found.each))
    assert found.a_month == expected
    assert found.as_json()["every_s"] == every


def test_speed_that_the_copy_has_as_well_is_paid_for() -> None:
    slow, fast = drill(plan(storage_type="io1", iops=1_000)), drill(plan(storage_type="io1", iops=2_000))
    assert slow.each is not None
    assert fast.each is not None
    assert fast.each[2] > slow.each[2]
    wide = {"storage": Bytes.gib(400)}
    assert drill(plan(iops=12_000, **wide)).each == drill(plan(**wide)).each
    assert drill(plan(iops=11_000, **wide)).each == drill(plan(**wide)).each
    assert drill(plan(iops=12_001, **wide)).each != drill(plan(**wide)).each


@pytest.mark.parametrize(
    "changes", [{"instance_class": "db.x9.large"}, {"storage": Param("Size")}, {"storage_type": "gp9"}]
)
def test_a_drill_without_a_price_says_so(changes: dict[str, object]) -> None:
    found = drill(plan(**changes))
    assert (found.each, found.a_month) == (None, None)
    assert "without a price" in found.what
    assert found.as_json()["each"] == {"low_usd": None, "expected_usd": None, "high_usd": None}


def test_replicas_are_not_drilled() -> None:
    assert [one.database for one in cost(plan_of(DB, replica(), database(key="Second"))).drills] == [
        "Database",
        "Second",
    ]
