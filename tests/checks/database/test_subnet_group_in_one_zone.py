"""DB037: zones as far as they can be seen, names, numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.subnet_group_in_one_zone import faults
from mainstay.checks.examples import plan_of
from mainstay.core.findings import Finding
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Subnet, SubnetGroup
from mainstay.plan.values import Param, Ref, Unknown, Zone

Say = Callable[..., list[Finding]]


def plan(*zones: object, name: object = None, links: tuple[object, ...] | None = None) -> Plan:
    subnets = [
        Subnet(key=f"Subnet{number}", vpc="vpc-1", cidr="10.0.0.0/24", zone=zone)  # type: ignore[arg-type]  # any
        for number, zone in enumerate(zones)
    ]
    own: tuple[object, ...] = tuple(Ref(subnet.key) for subnet in subnets)
    group = SubnetGroup(key="Group", description="d", subnets=links or own, name=name)  # type: ignore[arg-type]  # any
    return plan_of(group, *subnets)


@pytest.mark.parametrize(
    ("zones", "said"),
    [
        ((Zone(0), Zone(1)), None),
        ((Zone(1), Zone(1)), "in 1 zone;"),
        (("us-east-1a", "us-east-1b"), None),
        (("us-east-1a", "us-east-1a", "us-east-1a"), "in 1 zone;"),
        ((Zone(0),), "in 1 zone;"),
        ((Param("Zone"),), "in 1 zone;"),  # whichever it is
        (("us-east-1a", Zone(0)), None),  # may be two
        (("us-east-1a", None), None),
        ((Param("One"), Param("One")), None),
        (("us-west-2-lax-1a", "us-west-2-lax-1a"), None),
        (("us-west-2-lax-1a",), None),
        (("us-gov-west-1a", "us-gov-west-1a"), "in 1 zone;"),
        (("eusc-de-east-1a", "eusc-de-east-1a"), "in 1 zone;"),
        (("us-east-1-wl1-bos-wlz-1", "us-east-1-wl1-bos-wlz-1"), None),
    ],
)
def test_zones(zones: tuple[object, ...], said: str | None, say: Say) -> None:
    findings = say(faults, plan(*zones))
    assert len(findings) == (said is not None)
    assert all(said in finding.detail for finding in findings if said)


@pytest.mark.parametrize(
    ("links", "count"),
    [
        (("subnet-1",), 1),
        (("subnet-1", "subnet-2"), 0),
        ((Param("Subnets"),), 0),
        ((Unknown("later", is_list=True),), 0),
        ((Ref("Subnet0"), "subnet-2"), 0),
        (tuple(f"subnet-{number}" for number in range(20)), 0),
        (tuple(f"subnet-{number}" for number in range(21)), 1),
    ],
)
def test_subnets_of_somebody_else(links: tuple[object, ...], count: int, say: Say) -> None:
    assert len(say(faults, plan(Zone(0), links=links))) == count


def test_a_group_without_subnets(say: Say) -> None:
    assert say(faults, plan()) == []


@pytest.mark.parametrize(
    ("name", "count"), [("shop db_1.a-b", 0), ("default", 1), ("Default", 1), ("shop/db", 1), (Param("Name"), 0)]
)
def test_names(name: object, count: int, say: Say) -> None:
    assert len(say(faults, plan(Zone(0), Zone(1), name=name))) == count
