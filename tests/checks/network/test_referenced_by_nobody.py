"""NW004: what counts as a use, and what is left alone because it may be one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.examples import database, group, plan_of
from mainstay.checks.network.referenced_by_nobody import faults
from mainstay.core.findings import Finding, Severity
from mainstay.plan.plan import Output
from mainstay.plan.resources import (
    DbInstance,
    EgressRule,
    Function,
    IngressRule,
    NestedStack,
    Opaque,
    Resource,
    Route,
    RouteTable,
    RouteTableAssociation,
    RulePeer,
    Subnet,
    SubnetGroup,
    VpcEndpoint,
)
from mainstay.plan.values import Attr, If, Join, Ref, Unknown

Say = Callable[..., list[Finding]]
GROUP = group(key="Spare", description="left over")
SUBNET = Subnet(key="Spare", vpc="vpc-1", cidr="10.0.1.0/24")
TABLE = RouteTable(key="Spare", vpc="vpc-1")
SUBNETS = SubnetGroup(key="Spare", description="left over", subnets=("subnet-1",))


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (GROUP, "Nothing here wears Spare, and no other group's rules name it."),
        (SUBNET, "Nothing here stands in Spare."),
        (TABLE, "No subnet is associated with Spare: whichever it is meant for goes by the VPC's main one."),
        (SUBNETS, "Nothing here stands in Spare."),
    ],
)
def test_what_nobody_uses(one: Resource, words: str, say: Say) -> None:
    (finding,) = say(faults, plan_of(one))
    assert (finding.key, finding.detail, finding.severity) == ("Spare", words, Severity.INFO)


def rule_of(kind: type[IngressRule] | type[EgressRule], **fields: object) -> Resource:
    own: dict[str, object] = {"key": "Rule", "group": "sg-1", "protocol": "-1"}
    return kind(**(own | fields))  # type: ignore[arg-type]  # fields of a rule


@pytest.mark.parametrize(
    ("one", "user", "is_use"),
    [
        (GROUP, database(security_groups=(Ref("Spare"),)), True),
        (GROUP, database(security_groups=(If("Large", Ref("Spare"), "sg-1"),)), True),
        (GROUP, Function(key="Job", role="arn", environment={"GROUP": Join(("x/", Attr("Spare", "group_id")))}), True),
        (GROUP, rule_of(IngressRule, source_group=Ref("Spare")), True),
        (GROUP, group(egress=(RulePeer(protocol="-1", group=Ref("Spare")),), name="database"), True),
        (GROUP, rule_of(IngressRule, group=Ref("Spare")), False),  # its own rules are no use of it
        (GROUP, rule_of(EgressRule, group=Ref("Spare")), False),
        (GROUP, database(depends_on=(Ref("Spare"),)), False),
        (SUBNET, RouteTableAssociation(key="Routes", subnet=Ref("Spare"), route_table="rtb-1"), True),
        (SUBNET, replace(SUBNETS, key="Subnets", name="shop", subnets=(Ref("Spare"),)), True),
        (TABLE, RouteTableAssociation(key="Routes", subnet="subnet-1", route_table=Ref("Spare")), True),
        (TABLE, Route(key="Route", route_table=Ref("Spare"), destination="10.0.0.0/8"), False),
        (TABLE, VpcEndpoint(key="Door", vpc="vpc-1", service="s3", route_tables=(Ref("Spare"),)), False),
        (SUBNETS, database(subnet_group=Ref("Spare")), True),
        (GROUP, Opaque(key="Fleet", type="AWS::ECS::Service", properties={"Groups": [{"Ref": "Spare"}]}), True),
        (GROUP, NestedStack(key="More", template_url="x", parameters={"Group": Attr("Spare", "group_id")}), True),
        (GROUP, database(extras={"VPCSecurityGroups": {"Fn::If": ["A", {"Ref": "Spare"}, "x"]}}), True),
        (GROUP, DbInstance(key="Db", zone=Unknown("later")), True),  # whatever that is
        (GROUP, DbInstance(key="Db", zone=Unknown("not written")), False),
        (GROUP, DbInstance(key="Db", zone=Unknown("later", source={"Fn::Select": [0, "x"]})), False),
    ],
)
def test_what_is_a_use(one: Resource, user: Resource, is_use: bool, say: Say) -> None:
    assert [finding.key for finding in say(faults, plan_of(one, user))] == ([] if is_use else ["Spare"])


def test_a_group_is_no_use_of_itself(say: Say) -> None:
    itself = replace(GROUP, ingress=(RulePeer(protocol="-1", group=Ref("Spare")),))
    assert len(say(faults, plan_of(itself))) == 1


def test_what_is_put_out_is_for_others(say: Say) -> None:
    plan = plan_of(GROUP)
    (region,) = plan.regions
    told = replace(region, outputs=(Output(name="Group", value=Attr("Spare", "group_id")),))
    assert say(faults, replace(plan, regions=(told,))) == []


@pytest.mark.parametrize(
    "one",
    [replace(GROUP, name="spare"), replace(SUBNETS, name="spare"), replace(SUBNET, address="aws_subnet.spare[0]")],
)
def test_what_others_may_find(one: Resource, say: Say) -> None:
    assert say(faults, plan_of(one)) == []


@pytest.mark.parametrize(("destination", "severity"), [("0.0.0.0/0", Severity.WARNING), ("10.0.0.0/8", Severity.INFO)])
def test_a_table_with_a_way_out_was_meant_for_somebody(destination: str, severity: Severity, say: Say) -> None:
    route = Route(key="Route", route_table=Ref("Spare"), destination=destination, nat_gateway="nat-1")
    other = replace(route, key="Other", route_table="rtb-1", destination="0.0.0.0/0")
    assert [finding.severity for finding in say(faults, plan_of(TABLE, route, other))] == [severity]
