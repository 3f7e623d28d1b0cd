"""DN002: names as DNS compares them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.dns.alias_at_the_apex import faults
from mainstay.checks.dns.examples import named, record, zone
from mainstay.core.findings import Finding
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("name", "of_zone", "kind", "count"),
    [
        ("shop.internal", "shop.internal", "CNAME", 1),
        ("Shop.Internal.", "shop.internal", "CNAME", 1),
        ("shop.internal", "shop.internal.", "CNAME", 1),
        ("db.shop.internal", "shop.internal", "CNAME", 0),
        ("shop.internal", "shop.internal", "A", 0),
        ("shop.internal", Param("Zone"), "CNAME", 0),
        (Param("Name"), Param("Zone"), "CNAME", 0),
    ],
)
def test_the_name_of_the_zone(name: object, of_zone: object, kind: str, count: int, say: Say) -> None:
    assert len(say(faults, named(Zone=zone(name=of_zone), Name=record(name=name, type=kind)))) == count


def test_a_zone_outside_of_the_plan_has_a_name_that_nobody_knows(say: Say) -> None:
    assert say(faults, named(Name=record(zone="Z0123456789", name="shop.internal"))) == []
