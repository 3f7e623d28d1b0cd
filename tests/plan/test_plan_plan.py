"""Plans: unique keys, resources by key, by kind and by reference."""

from __future__ import annotations

import pytest

from mainstay.core.errors import InputRefused
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import KINDS, LogGroup, Resource, Subnet, Vpc
from mainstay.plan.resources.resource import Opaque
from mainstay.plan.values import Ref

VPC = Vpc(key="Vpc", cidr="10.0.0.0/16")
SUBNET = Subnet(key="Subnet", vpc=Ref("Vpc"), cidr="10.0.0.0/24")
REGION = RegionPlan(region="eu-central-1", resources=(VPC, SUBNET))


def test_a_key_is_used_once() -> None:
    with pytest.raises(InputRefused) as raised:
        RegionPlan(region="", resources=(VPC, LogGroup(key="Vpc")))
    assert raised.value.detail == "'Vpc' is used twice in region (not given)."


def test_resources_are_found_by_key_and_by_kind() -> None:
    assert REGION["Subnet"] is SUBNET
    with pytest.raises(KeyError):
        REGION["Database"]
    assert list(REGION.of(Vpc)) == [VPC]


def test_a_reference_resolves_to_its_kind_only() -> None:
    assert REGION.resolve(SUBNET.vpc, Vpc) is VPC
    assert REGION.resolve(SUBNET.vpc, Subnet) is None
    assert REGION.resolve("vpc-1", Vpc) is None


def test_the_first_region_is_the_primary() -> None:
    other = RegionPlan(region="eu-west-1", resources=(Vpc(key="Vpc", cidr="10.1.0.0/16"),))
    plan = Plan(regions=(REGION, other))
    assert plan.primary is REGION
    assert [vpc.cidr for vpc in plan.of(Vpc)] == ["10.0.0.0/16", "10.1.0.0/16"]


def test_every_kind_of_resource_is_listed_once() -> None:
    known, waiting = set(), [Resource]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            known.add(kind)
            waiting.append(kind)
    # A class made with slots exists twice for the interpreter: the one that is used is the one in its module.
    real = {kind for kind in known if kind.__module__.startswith("mainstay.plan.resources")}
    assert {kind.__name__ for kind in real} - {Opaque.__name__} == {kind.__name__ for kind in KINDS}
    assert len(set(KINDS)) == len(KINDS)
