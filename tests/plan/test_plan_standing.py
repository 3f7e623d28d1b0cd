"""Where things stand, and whether a rule's peer is one of them."""

from __future__ import annotations

import pytest

from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import DbInstance, Function, Opaque, Resource, SecurityGroup, Subnet, SubnetGroup, Vpc
from mainstay.plan.standing import is_about, place
from mainstay.plan.traffic import Opening
from mainstay.plan.values import Param, Ref, Unknown, Value

GROUP = SecurityGroup(key="Group", description="app", vpc=Ref("Vpc"))
OTHER = SecurityGroup(key="Other", description="other", vpc=Ref("Vpc"))


def region(*more: Resource, cidr: Value[str] = "10.0.0.0/16", **function: object) -> RegionPlan:
    fields: dict[str, object] = {"key": "App", "role": "arn", "subnets": (Ref("One"), Ref("Two"))}
    fields |= {"security_groups": (Ref("Group"),)}
    resources = (
        Vpc(key="Vpc", cidr=cidr),
        Subnet(key="One", vpc=Ref("Vpc"), cidr="10.0.1.0/24"),
        Subnet(key="Two", vpc=Ref("Vpc"), cidr="10.0.2.0/24"),
        *(GROUP, OTHER),
        Function(**(fields | function)),  # type: ignore[arg-type]  # fields of a function
    )
    kept = tuple(one for one in resources if one.key not in {each.key for each in more})
    return RegionPlan(region="us-east-1", resources=(*kept, *more))


def about(within: RegionPlan, cidr: str = "", group: SecurityGroup | None = None, key: str = "App") -> bool | None:
    rule = Opening(GROUP, "-1", None, None, group=group, cidr=cidr)
    return is_about(rule, place(within, key), within)


@pytest.mark.parametrize(
    ("cidr", "answer"),
    [
        ("0.0.0.0/0", True),
        ("10.0.0.0/16", True),  # the whole VPC
        ("10.0.0.0/8", True),
        ("10.0.0.0/22", True),  # both subnets
        ("10.0.1.0/24", None),  # one of two
        ("10.0.1.0/25", None),
        ("10.0.3.0/24", False),
        ("10.9.0.0/16", False),
        ("::/0", False),  # nothing there has an address of IPv6
        ("", None),  # a prefix list, a parameter
        ("nowhere", None),
    ],
)
def test_addresses_against_subnets(cidr: str, answer: bool | None) -> None:
    assert about(region(), cidr) is answer


def test_addresses_against_a_network_alone() -> None:
    assert about(region(subnets=("subnet-1",)), "10.0.0.0/16") is True
    assert about(region(subnets=("subnet-1",)), "10.0.1.0/24") is None
    assert about(region(subnets=("subnet-1",)), "10.9.0.0/16") is False
    assert about(region(subnets=("subnet-1",)), "::/0") is None
    more = Opaque(key="More", type="AWS::EC2::VPCCidrBlock")
    assert about(region(more, subnets=("subnet-1",)), "10.9.0.0/16") is None
    assert about(region(cidr=Param("Range"), subnets=("subnet-1",)), "10.9.0.0/16") is None


def test_a_subnet_of_ipv6_may_be_meant() -> None:
    dual = Subnet(key="Two", vpc=Ref("Vpc"), cidr="10.0.2.0/24", extras={"Ipv6CidrBlock": "2001:db8::/64"})
    assert about(region(dual), "::/0") is None
    odd = Subnet(key="Two", vpc=Ref("Vpc"), cidr=Unknown("later"))
    assert about(region(odd), "10.0.1.0/24") is None


def test_groups() -> None:
    assert about(region(), group=GROUP) is True
    assert about(region(), group=OTHER) is False
    # It may wear it under the id that stands there.
    assert about(region(security_groups=(Ref("Group"), Unknown("later"))), group=OTHER) is None
    assert about(region(security_groups=()), group=OTHER) is None
    filled = {"aws_lambda_function.vpc_config.0.vpc_id": "vpc-1", "aws_lambda_function.vpc_config": "${unknown}"}
    assert about(region(extras=filled), group=OTHER) is False
    hidden = {"VpcConfig.Ipv6AllowedForDualStack": True}
    assert about(region(extras=hidden), group=OTHER) is None


def test_of_a_group_alone_its_wearers_are_not_seen() -> None:
    there = place(region(), "Group")
    assert (there.sees_groups, there.sees_subnets, there.worn) == (True, False, "Group")
    assert about(region(), "10.0.1.0/24", key="Group") is None


def test_a_circle_of_replicas_ends() -> None:
    first = DbInstance(key="First", source=Ref("Second"))
    second = DbInstance(key="Second", source=Ref("First"))
    assert place(region(first, second), "First").subnets == ()


def test_a_replica_stands_where_its_source_does() -> None:
    group = SubnetGroup(key="Subnets", description="d", subnets=(Ref("One"),))
    source = DbInstance(key="Source", subnet_group=Ref("Subnets"))
    copy = DbInstance(key="Copy", source=Ref("Source"))
    assert [one.key for one in place(region(group, source, copy), "Copy").subnets] == ["One"]


def test_a_function_without_a_network() -> None:
    assert place(region(subnets=(), security_groups=()), "App").is_outside
    assert not place(region(subnets=(), security_groups=(), extras={"VpcConfig": "odd"}), "App").is_outside
    assert not place(region(), "App").is_outside
