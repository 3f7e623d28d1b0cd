"""What stands around the database, to the cent, and which of its resources are counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mainstay.checks.examples import key_for, lone_database, plan_of
from mainstay.core.units import Bytes, Duration
from mainstay.forecast.cost_around import cost_around
from mainstay.forecast.prices import CostItem, known
from mainstay.plan.resources import Function, HostedZone, RecordSet, Resource, VpcEndpoint
from mainstay.plan.values import Param


def item(part: str, *resources: Resource) -> CostItem:
    (found,) = [one for one in cost_around(plan_of(*resources).primary) if one.part == part]
    return found


def test_a_function_is_paid_by_its_calls_its_seconds_and_its_memory() -> None:
    found = item("functions", Function(key="F", role="r", memory=Bytes.gib(1)), Function(key="G", role="r"))
    # 1 GiB, and 128 MiB where nothing is written; 30 calls of a second, 300 of 5, 3,000 of 30.
    expected = [
        calls * (2 * known("lambda_million") / 10**6 + seconds * 1.125 * known("lambda_gb_second"))
        for calls, seconds in ((30, 1), (300, 5), (3_000, 30))
    ]
    assert found.amount == pytest.approx(expected, rel=1e-12)
    assert found.what == "2, called 30 to 3000 times a month"


def test_only_endpoints_with_interfaces_are_paid() -> None:
    door = VpcEndpoint(key="Door", vpc="v", service="s", kind="Interface", subnets=("a", "b"))
    found = item("endpoints", door, replace(door, key="Free", kind="Gateway", subnets=()))
    assert (found.resources, found.what) == (("Door",), "1 in 2 subnets")


def test_only_keys_that_rotate_grow_dearer() -> None:
    keys = [key_for(key=f"Key{number}", rotates=rotates) for number, rotates in enumerate((True, True, None))]
    found = item("keys", *keys).amount
    assert found is not None
    base, calls = 3 * known("kms_key_month"), 3 * known("kms_10k_requests")
    assert found == pytest.approx(
        (base + 0.1 * calls, base + calls, base + 2 * 2 * known("kms_rotation_month") + 10 * calls)
    )


def test_lines_of_an_interval_that_is_not_known_have_no_price() -> None:
    known_one = lone_database(monitoring_interval=Duration(60))
    later = lone_database(key="Later", monitoring_interval=Param("Interval"))
    found = item("enhanced monitoring", known_one, later)
    assert (found.amount, found.prices) == (None, ())
    assert found.what == "by an interval that is not known"
    assert item("enhanced monitoring", known_one).amount is not None


def test_a_zone_is_paid_with_what_it_is_asked_and_a_record_is_not() -> None:
    record = RecordSet(key="Name", zone="Z0123", name="db.shop.internal", type="CNAME")
    found = item("zones of names", HostedZone(key="Zone", name="shop.internal"), record)
    zone, queries = known("hosted_zone_month"), known("dns_million_queries")
    assert found.amount == pytest.approx((zone, zone + 0.1 * queries, zone + 5 * queries))
    assert (found.resources, found.what) == (("Zone",), "1, asked up to 5 million times a month")
    assert list(cost_around(plan_of(record).primary)) == []
