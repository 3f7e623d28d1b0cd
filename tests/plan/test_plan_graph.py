"""References: found at any depth, checked by kind, ordered."""

from __future__ import annotations

import pytest

from mainstay.core.errors import InputRefused
from mainstay.plan.graph import Edge, edges, faults, in_dependency_order, needs
from mainstay.plan.plan import RegionPlan
from mainstay.plan.policies import Policy, Statement
from mainstay.plan.resources import (
    Alarm,
    Bucket,
    BucketPolicy,
    DbInstance,
    Key,
    LogGroup,
    NestedStack,
    Resource,
    SecurityGroup,
    Subnet,
    Vpc,
)
from mainstay.plan.resources.network import RulePeer
from mainstay.plan.resources.resource import Opaque
from mainstay.plan.values import Attr, If, Join, Ref, SecretField


def region(*resources: Resource) -> RegionPlan:
    return RegionPlan(region="", resources=resources)


def test_references_are_found_wherever_they_hide() -> None:
    policy = Policy((Statement(resources=(Attr("Bucket", "arn"), Join((Attr("Bucket", "arn"), "/*")))),))
    assert needs(BucketPolicy(key="P", bucket=Ref("Bucket"), policy=policy)) == {"Bucket"}
    database = DbInstance(
        key="D",
        password=SecretField(Ref("Secret"), "password"),
        key_id=If("has key", Ref("Key"), Attr("Other", "arn")),
        depends_on=(Ref("Log"),),
        tags={"Key": Attr("Tagged", "id")},
    )
    assert needs(database) == {"Secret", "Key", "Other", "Log", "Tagged"}


def test_an_edge_knows_its_field_and_the_kind_it_wants() -> None:
    alarm = Alarm(key="A", comparison="GreaterThanThreshold", dimensions={"DBInstanceIdentifier": Ref("D")})
    assert list(edges(alarm)) == [Edge("A", "D", "dimensions.DBInstanceIdentifier", "Resource")]
    group = SecurityGroup(key="G", description="d", egress=(RulePeer(protocol="-1", group=Ref("H")),))
    assert [(edge.field, edge.kind) for edge in edges(group)] == [("egress.group", None)]


def test_bookkeeping_is_no_reference() -> None:
    assert needs(LogGroup(key="L", extras={"KmsKeyId": "Key"})) == frozenset()


def test_a_reference_that_leads_nowhere_is_a_fault() -> None:
    subnet = Subnet(key="S", vpc=Ref("Vpc"), cidr="10.0.0.0/24")
    assert faults(region(subnet)) == ["S.vpc points at Vpc, which does not exist"]
    assert faults(region(subnet, Vpc(key="Vpc", cidr="10.0.0.0/16"))) == []


def test_a_reference_to_another_kind_is_a_fault() -> None:
    subnet = Subnet(key="S", vpc=Ref("B"), cidr="10.0.0.0/24")
    assert faults(region(subnet, Bucket(key="B"))) == ["S.vpc needs a Vpc, but B is a Bucket"]
    assert faults(region(subnet, Opaque(key="B", type="AWS::EC2::Other"))) == []
    assert faults(region(subnet, NestedStack(key="B", template_url="https://x"))) == []


def test_a_dependency_may_be_of_any_kind() -> None:
    log = LogGroup(key="L", depends_on=(Ref("K"),))
    assert faults(region(log, Key(key="K", policy=Policy(())))) == []


def test_what_is_needed_comes_first() -> None:
    first, second, third = LogGroup(key="C"), LogGroup(key="B", depends_on=(Ref("C"),)), LogGroup(key="A")
    third = LogGroup(key="A", depends_on=(Ref("B"), Ref("Outside")))
    assert [one.key for one in in_dependency_order(region(third, second, first))] == ["C", "B", "A"]


def test_a_circle_is_refused_by_name() -> None:
    one, other = LogGroup(key="A", depends_on=(Ref("B"),)), LogGroup(key="B", depends_on=(Ref("A"),))
    with pytest.raises(InputRefused) as raised:
        in_dependency_order(region(one, other, LogGroup(key="C")))
    assert raised.value.detail == "None of these can be created first: A, B."
