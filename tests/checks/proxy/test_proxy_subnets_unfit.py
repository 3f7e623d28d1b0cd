"""PX003: how many subnets, in which zones and in whose network."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import database, plan_of
from mainstay.checks.proxy.examples import fronted, proxy
from mainstay.checks.proxy.proxy_subnets_unfit import faults
from mainstay.core.findings import Finding
from mainstay.plan.resources import (
    Resource,
    Subnet,
    SubnetGroup,
)
from mainstay.plan.values import (
    Param,
    Ref,
    Unknown,
    Zone,
)

Say = Callable[..., list[Finding]]


def subnet(key: str, zone: object, vpc: object = Ref("Vpc"), **changes: object) -> Subnet:
    return Subnet(key=key, vpc=vpc, cidr="10.0.0.0/24", zone=zone, **changes)  # type: ignore[arg-type]  # any field


def in_two(one: object, two: object, **changes: object) -> tuple[Resource, ...]:
    front = proxy(subnets=(Ref("One"), Ref("Two")))
    return front, subnet("One", one, **changes), subnet("Two", two, **changes)


@pytest.mark.parametrize(
    ("links", "count"),
    [
        (("subnet-1",), 1),
        ((), 1),
        (("subnet-1", "subnet-2"), 0),
        ((Param("Subnets"),), 0),
        ((Ref("One"), Param("Two")), 0),
        (Unknown("later"), 0),
    ],
)
def test_how_many(links: object, count: int, say: Say) -> None:
    assert len(say(faults, plan_of(proxy(subnets=links), subnet("One", "us-east-1a")))) == count


@pytest.mark.parametrize(
    ("one", "two", "count"),
    [
        ("us-east-1a", "us-east-1b", 0),
        ("us-east-1a", "us-east-1a", 1),
        (Zone(0), Zone(0), 1),
        (Zone(0), Zone(1), 0),
        (Param("Zone"), Param("Zone"), 0),
        (None, None, 0),
    ],
)
def test_zones(one: object, two: object, count: int, say: Say) -> None:
    assert len(say(faults, plan_of(*in_two(one, two)))) == count


def test_a_subnet_elsewhere_may_be_in_another_zone(say: Say) -> None:
    assert say(faults, plan_of(proxy(subnets=(Ref("One"), "subnet-2")), subnet("One", "us-east-1a"))) == []


@pytest.mark.parametrize(("zone_id", "count"), [("use1-az3", 2), ("use1-az1", 0), (["odd"], 0)])
def test_zones_without_proxies(zone_id: object, count: int, say: Say) -> None:
    plan = plan_of(*in_two(None, None, extras={"AvailabilityZoneId": zone_id}))
    assert len(say(faults, plan)) == count


@pytest.mark.parametrize(("vpc", "count"), [(Ref("Vpc"), 0), (Ref("Other"), 1), ("vpc-1", 0)])
def test_networks(vpc: object, count: int, say: Say) -> None:
    front, *others = in_two("us-east-1a", "us-east-1b")
    there = subnet("There", "us-east-1a", vpc)
    home = SubnetGroup(key="Home", description="d", subnets=(Ref("There"), "subnet-3"))
    plan = fronted(
        Database=database(subnet_group=Ref("Home")), Proxy=front, Home=home, There=there, One=others[0], Two=others[1]
    )
    findings = say(faults, plan)
    assert len(findings) == count
    assert all("stands in Vpc, its database in Other" in each.detail for each in findings)
