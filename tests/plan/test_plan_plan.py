"""Plans: unique keys, resources by key, by kind and by reference."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest

from mainstay.core.errors import InputRefused
from mainstay.plan.plan import OutputOf, Parameter, Plan, RegionPlan
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


def test_what_is_found_once_changes_nothing_that_others_see() -> None:
    asked = RegionPlan(region="eu-central-1", resources=(VPC, SUBNET))
    assert (asked.find("Vpc"), asked.find("None"), asked.find(None)) == (VPC, None, None)
    assert list(asked.of(Resource)) == [VPC, SUBNET]
    assert asked == REGION
    assert repr(asked) == repr(REGION)
    assert list(replace(asked, resources=(SUBNET,)).of(Vpc)) == []
    assert deepcopy(asked).find("Vpc") == VPC


def test_a_question_about_resources_is_answered_once() -> None:
    asked = RegionPlan(region="", resources=(VPC,))
    answers = iter((1, 2, 3))
    assert [asked.remember(("a", key), lambda: next(answers)) for key in ("x", "y", "x")] == [1, 2, 1]


def test_a_reference_resolves_to_its_kind_only() -> None:
    assert REGION.resolve(SUBNET.vpc, Vpc) is VPC
    assert REGION.resolve(SUBNET.vpc, Subnet) is None
    assert REGION.resolve("vpc-1", Vpc) is None


def test_the_first_region_is_the_primary() -> None:
    other = RegionPlan(region="eu-west-1", resources=(Vpc(key="Vpc", cidr="10.1.0.0/16"),))
    plan = Plan(regions=(REGION, other))
    assert plan.primary is REGION
    assert [vpc.cidr for vpc in plan.of(Vpc)] == ["10.0.0.0/16", "10.1.0.0/16"]


def taking(region: str, *sources: str) -> RegionPlan:
    """A region whose parameters take an output of each of these."""
    parameters = [Parameter(name=f"From{index}", source=OutputOf(one, "Key")) for index, one in enumerate(sources)]
    return RegionPlan(region=region, parameters=(*parameters, Parameter(name="Given")))


def test_a_region_is_deployed_after_those_whose_outputs_it_takes() -> None:
    first, second, third = taking("a", "c", "b"), taking("b", "c"), taking("c")
    plan = Plan(regions=(first, second, third))
    assert plan.in_deploy_order == (third, second, first)
    assert first.awaits == {"b", "c"}
    assert plan.primary is first


def test_regions_that_wait_for_nobody_keep_their_order() -> None:
    regions = (taking("a"), taking("b"), taking("c"))
    assert Plan(regions=regions).in_deploy_order == regions


@pytest.mark.parametrize("regions", [(taking("a", "b"), taking("b", "a")), (taking("a", "b"),), (taking("a", "a"),)])
def test_regions_that_wait_for_each_other_are_refused(regions: tuple[RegionPlan, ...]) -> None:
    with pytest.raises(InputRefused, match="no region can be deployed first") as raised:
        _ = Plan(regions=regions).in_deploy_order
    assert f"a (for {next(iter(regions[0].awaits))})" in raised.value.detail


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
