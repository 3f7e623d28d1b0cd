"""What groups let through: rules inside, rules of their own, and what cannot be seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import (
    DbInstance,
    EgressRule,
    IngressRule,
    NestedStack,
    Resource,
    RulePeer,
    SecurityGroup,
    Vpc,
)
from mainstay.plan.traffic import egress, ingress, leaves_freely
from mainstay.plan.values import Attr, If, Param, Ref, Unknown

GROUP = SecurityGroup(key="Group", description="app")


def region(*resources: Resource) -> RegionPlan:
    return RegionPlan(region="us-east-1", resources=resources)


def way_in(group: object, **peer: object) -> IngressRule:
    fields: dict[str, object] = {"key": "In", "group": group, "protocol": "tcp", "from_port": 1, "to_port": 2}
    return IngressRule(**(fields | peer))  # type: ignore[arg-type]  # fields of a rule


@pytest.mark.parametrize(
    ("group", "covers"),
    [
        (Ref("Group"), [True]),
        (Ref("Other"), []),
        ("sg-0a1b2c3d", []),
        (Param("Group"), []),  # an id from outside
        (Attr("Vpc", "DefaultSecurityGroup"), []),
        (Unknown("later"), [None]),
        (If("Large", Ref("Group"), Ref("Other")), [None]),
    ],
)
def test_whose_rule_it_is(group: object, covers: list[bool | None]) -> None:
    assert [one.covers(1) for one in ingress(GROUP, region(GROUP, way_in(group)))] == covers
    out = EgressRule(key="Out", group=group, protocol="tcp", from_port=1, to_port=2)  # type: ignore[arg-type]  # any
    assert [one.covers(1) for one in egress(GROUP, region(GROUP, out))] == covers


def test_what_others_may_add_is_not_seen() -> None:
    told = NestedStack(key="More", template_url="x", parameters={"Group": Attr("Group", "group_id")})
    assert [one.covers(1) for one in ingress(GROUP, region(GROUP, told))] == [None]
    assert [one.covers(1) for one in egress(GROUP, region(GROUP, told))] == [None]


def test_the_network_s_own_range_is_read() -> None:
    peer = RulePeer(protocol="-1", cidr=Attr("Vpc", "CidrBlock"))
    group = SecurityGroup(key="Group", description="app", ingress=(peer,))
    (opening,) = ingress(group, region(group, Vpc(key="Vpc", cidr="10.0.0.0/16")))
    assert opening.cidr == "10.0.0.0/16"
    (opening,) = ingress(group, region(group, Vpc(key="Vpc", cidr=Param("Range"))))
    assert opening.cidr == ""
    (opening,) = ingress(group, region(group))
    assert opening.cidr == ""


def test_who_leaves_freely() -> None:
    assert leaves_freely(GROUP, region(GROUP))
    closed = SecurityGroup(key="Group", description="app", egress=())
    # CloudFormation and Terraform make opposite things of an empty list.
    assert not leaves_freely(closed, region(closed))
    assert [one.covers(1) for one in egress(closed, region(closed))] == [None]
    hidden = SecurityGroup(key="Group", description="app", extras={"SecurityGroupEgress": "odd"})
    assert not leaves_freely(hidden, region(hidden))
    # A rule of its own takes AWS's rule away.
    out = EgressRule(key="Out", group=Ref("Group"), protocol="-1", cidr="10.0.0.0/8")
    assert not leaves_freely(GROUP, region(GROUP, out))
    assert leaves_freely(GROUP, region(GROUP, replace(out, group=Ref("Other"))))


def test_a_rule_that_hangs_on_a_condition_may_not_be_there() -> None:
    out = EgressRule(key="Out", group=Ref("Group"), protocol="udp", cidr="10.0.0.0/8")
    assert [one.covers(1) for one in egress(GROUP, region(GROUP, out))] == [False]
    hanging = replace(out, extras={"@Condition": "IsClosed"})
    assert [one.covers(1) for one in egress(GROUP, region(GROUP, hanging))] == [False, None]
    stated = replace(GROUP, egress=(RulePeer(protocol="udp", cidr="10.0.0.0/8"),))
    assert [one.covers(1) for one in egress(stated, region(stated, hanging))] == [False, False]


@pytest.mark.parametrize(
    ("database", "port"),
    [
        (DbInstance(key="Db", engine="postgres"), 5432),
        (DbInstance(key="Db", engine="MySQL"), 3306),
        (DbInstance(key="Db", engine="postgres", port=6000), 6000),
        (DbInstance(key="Db", engine="postgres", port=Param("Port")), None),
        (DbInstance(key="Db", engine="oracle-ee"), None),
        (DbInstance(key="Other"), None),
    ],
)
def test_the_port_of_an_instance_is_read(database: DbInstance, port: int | None) -> None:
    rule = way_in(Ref("Group"), from_port=Attr("Db", "endpoint_port"), to_port=Attr("Db", "endpoint_port"))
    (opening,) = ingress(GROUP, region(GROUP, database, rule))
    assert (opening.from_port, opening.to_port) == (port, port)
    assert opening.covers(port or 1) is (True if port else None)
