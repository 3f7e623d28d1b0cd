"""Names in texts that no table reads."""

from __future__ import annotations

import re

from mainstay.plan.mentions import has_kind, is_mentioned, keeps, meddled, mentions, unknowns
from mainstay.plan.plan import Output, RegionPlan
from mainstay.plan.resources import DbInstance, Function, NestedStack, Opaque, Resource, RulePeer, SecurityGroup
from mainstay.plan.values import Attr, If, Join, Ref, Unknown

GROUP = SecurityGroup(key="AppGroup", description="app")


def region(*resources: Resource, **top: object) -> RegionPlan:
    return RegionPlan(region="us-east-1", resources=(GROUP, *resources), **top)  # type: ignore[arg-type]  # its fields


def test_where_names_stand() -> None:
    fleet = Opaque(key="Fleet", type="AWS::ECS::Service", properties={"Groups": [{"Fn::Sub": "${AppGroup.GroupId}"}]})
    assert is_mentioned("AppGroup", region(fleet))
    assert not is_mentioned("Group", region(fleet))
    odd = DbInstance(key="Db", engine=Unknown("a choice", source={"Fn::If": ["Large", {"Ref": "AppGroup"}, 1]}))
    assert is_mentioned("AppGroup", region(odd))
    assert is_mentioned("AppGroup", region(DbInstance(key="Db", extras={"VPCSecurityGroups": {"Ref": "AppGroup"}})))
    assert is_mentioned("AppGroup", region(extras={"Rules": ["AppGroup"]}))
    assert is_mentioned("AppGroup", region(outputs=(Output(name="O", value="x", extras={"Also": "AppGroup"}),)))
    assert not is_mentioned("AppGroup", region())


def test_names_in_a_module() -> None:
    fleet = Opaque(
        key="Fleet", type="aws_launch_template", properties={"ids": ["${aws_security_group.app-group_2.id}"]}
    )
    assert {"appgroup2", "securitygroupappgroup2"} <= mentions(region(fleet))


def test_who_may_change_what_it_is_told() -> None:
    told = {"Group": {"Ref": "AppGroup"}}
    for kind in ("Custom::Rules", "AWS::CloudFormation::CustomResource", "AWS::Serverless::Application"):
        assert meddled(region(Opaque(key="More", type=kind, properties=told))) == {"AppGroup"}
    assert meddled(region(Opaque(key="More", type="AWS::ECS::Service", properties=told))) == frozenset()
    assert meddled(
        region(NestedStack(key="More", template_url="x", parameters={"Group": Attr("AppGroup", "group_id")}))
    )
    # A type that cannot be read may be any.
    assert meddled(region(Opaque(key="More", type=Unknown("later"), properties=told)))  # type: ignore[arg-type]  # so


def test_kinds() -> None:
    within = region(Opaque(key="Peer", type="AWS::EC2::VPCPeeringConnection"))
    assert has_kind(within, "peering")
    assert has_kind(region(Opaque(key="Peer", type="aws_vpc_peering_connection")), "transitgateway", "peering")
    assert not has_kind(within, "transitgateway")


def test_what_is_kept_and_says_something() -> None:
    subnets = re.compile("subnet")
    assert keeps(DbInstance(key="Db", extras={"DBSubnetGroupName": {"Ref": "X"}}), subnets)
    assert not keeps(DbInstance(key="Db", extras={"Port": 1}), subnets)
    for nothing in (None, "", "${unknown}"):
        assert not keeps(DbInstance(key="Db", extras={"DBSubnetGroupName": nothing}), subnets)


def test_unknowns_at_any_depth() -> None:
    later = Unknown("later")
    function = Function(
        key="F",
        role=If("Large", later, "arn"),
        environment={"A": Join(("x", later))},
        subnets=(later, Ref("Subnet")),
    )
    found = [one for value in (function.role, function.environment, function.subnets) for one in unknowns(value)]
    assert found == [later] * 3
    assert list(unknowns(RulePeer(protocol=later))) == [later]
