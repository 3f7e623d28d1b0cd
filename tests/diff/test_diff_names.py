"""What changes of names do, and what a record brings back with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mainstay import diff
from mainstay.core.units import Duration
from mainstay.plan.resources import HostedZone, RecordSet, ZoneNetwork

Compared = Callable[..., Any]
RECORD = RecordSet(
    key="Name", zone="Z1", name="db.shop.internal", type="CNAME", ttl=Duration(60), values=("db.example.org",)
)
HERE, THERE = ZoneNetwork(vpc="vpc-1", region="eu-west-1"), ZoneNetwork(vpc="vpc-2", region="eu-west-1")
ZONE = HostedZone(key="Zone", name="shop.internal", networks=(HERE,))


def test_a_record_is_written_whole_and_a_name_is_another_record(compared: Compared) -> None:
    (change,) = compared((RECORD,), (replace(RECORD, ttl=Duration(30)),)).changes
    assert change.effect is diff.Effect.IN_PLACE
    assert "led to another generation of the database comes back" in change.fields[0].warning
    (renamed,) = compared((RECORD,), (replace(RECORD, name="other.shop.internal"),)).changes
    assert renamed.effect is diff.Effect.REPLACEMENT


def test_a_zone_goes_on_answering_what_it_is_told_to(compared: Compared) -> None:
    (change,) = compared((ZONE,), (replace(ZONE, networks=(THERE,)),)).changes
    assert change.effect is diff.Effect.IN_PLACE
    assert "finds none of its names" in change.fields[0].warning
