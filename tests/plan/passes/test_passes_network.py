"""Subnets, routes and groups: who reaches what."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.passes.draft import Draft
from mainstay.plan.passes.endpoints import build_endpoints
from mainstay.plan.passes.network import addresses
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.policies import Condition, InlinePolicy, Policy, Statement
from mainstay.plan.resources import (
    DbInstance,
    DbProxy,
    EgressRule,
    FlowLog,
    Function,
    IngressRule,
    Instance,
    InternetGateway,
    LogGroup,
    NatGateway,
    Role,
    Route,
    RouteTableAssociation,
    SecurityGroup,
    Subnet,
    SubnetGroup,
    VpcEndpoint,
)
from mainstay.plan.values import Attr, Ref, Unknown, Zone, join
from mainstay.spec import load

Built = Callable[..., Plan]
SPEC = """\
name: shop
database: {version: "17", class: db.m7g.large, name: tap}
storage: {size: 100 GiB}
alerts: {subscribers: [ops@example.com]}
"""


def routes_of(region: RegionPlan, subnet: str) -> list[Route]:
    (table,) = [one.route_table for one in region.of(RouteTableAssociation) if one.subnet == Ref(subnet)]
    return [route for route in region.of(Route) if route.route_table == table]


@pytest.mark.parametrize(("nat", "gateways"), [("per_zone", 3), ("one", 1), ("none", 0)])
def test_a_private_subnet_leaves_through_its_nat(built: Built, nat: str, gateways: int) -> None:
    region = built(network=f"{{zones: 3, nat: {nat}}}").primary
    assert len(list(region.of(NatGateway))) == gateways
    assert len(list(region.of(InternetGateway))) == min(gateways, 1)
    for index in range(3):
        found = [route.nat_gateway for route in routes_of(region, f"PrivateSubnet{index + 1}")]
        expected = {"per_zone": [f"NatGateway{index + 1}"], "one": ["NatGateway1"], "none": []}
        assert found == [Ref(key) for key in expected[nat]]
    # Tiers a database stands in have no way out at all.
    assert [routes_of(region, f"IsolatedSubnet{index + 1}") for index in range(3)] == [[], [], []]


def test_subnets_stand_in_different_zones_and_are_private(built: Built) -> None:
    region = built().primary
    subnets = list(region.of(Subnet))
    assert [subnet.cidr for subnet in subnets] == [f"10.0.{n}.0/24" for n in range(6)]
    assert [subnet.zone for subnet in subnets] == [Zone(0), Zone(1)] * 3
    assert {subnet.maps_public_ip for subnet in subnets} == {False}
    (group,) = region.of(SubnetGroup)
    assert group.subnets == (Ref("IsolatedSubnet1"), Ref("IsolatedSubnet2"))


def test_written_ranges_are_kept_and_the_rest_goes_round_them(built: Built) -> None:
    region = built(network="{cidr: 10.4.0.0/16, subnets: {private: [10.4.0.0/24, 10.4.2.0/24]}}").primary
    ranges = {subnet.key: subnet.cidr for subnet in region.of(Subnet)}
    assert (ranges["PrivateSubnet1"], ranges["PrivateSubnet2"]) == ("10.4.0.0/24", "10.4.2.0/24")
    assert (ranges["PublicSubnet1"], ranges["PublicSubnet2"]) == ("10.4.1.0/24", "10.4.3.0/24")
    assert (ranges["IsolatedSubnet1"], ranges["IsolatedSubnet2"]) == ("10.4.4.0/24", "10.4.5.0/24")


@given(st.integers(16, 24), st.integers(2, 4), st.sampled_from(["per_zone", "one", "none"]))
def test_computed_ranges_fit_and_never_overlap(prefix: int, zones: int, nat: str) -> None:
    network = f"{{cidr: 10.0.0.0/{prefix}, zones: {zones}, nat: {nat}}}"
    spec = load(SPEC, overrides={"network": network})
    ranges = [one for tier in addresses(spec).values() for one in tier]
    assert len(ranges) == zones * (2 if nat == "none" else 3)
    assert all(one.subnet_of(IPv4Network(f"10.0.0.0/{prefix}")) for one in ranges)
    assert not any(one.overlaps(other) for one, other in combinations(ranges, 2))


def test_the_smallest_network_that_fits_is_used_whole(built: Built) -> None:
    region = built(network="{cidr: 10.0.0.0/26, nat: none}").primary
    assert [subnet.cidr for subnet in region.of(Subnet)] == [f"10.0.0.{n}/28" for n in (0, 16, 32, 48)]


def test_only_application_and_bastion_reach_the_database(built: Built) -> None:
    region = built(access__bastion="{}").primary
    admitted = [rule for rule in region.of(IngressRule) if rule.group == Ref("DatabaseGroup")]
    assert [(rule.source_group, rule.from_port, rule.to_port, rule.protocol) for rule in admitted] == [
        (Ref("ApplicationGroup"), 5432, 5432, "tcp"),
        (Ref("BastionGroup"), 5432, 5432, "tcp"),
    ]
    assert [rule.key for rule in region.of(EgressRule) if rule.group == Ref("DatabaseGroup")] == []
    assert [rule.key for rule in region.of(IngressRule) if rule.group == Ref("BastionGroup")] == []


def test_every_permission_has_both_halves(built: Built) -> None:
    region = built(access__bastion="{}").primary
    ingress = {(rule.source_group, rule.group, rule.from_port) for rule in region.of(IngressRule)}
    egress = {
        (rule.group, rule.destination_group, rule.from_port) for rule in region.of(EgressRule) if rule.destination_group
    }
    assert ingress == egress


def test_no_group_is_left_with_aws_s_allow_all(built: Built) -> None:
    groups = list(built(access__bastion="{}").primary.of(SecurityGroup))
    assert len(groups) == 4
    for group in groups:
        assert [(rule.protocol, rule.cidr) for rule in group.egress or ()] == [("-1", "127.0.0.1/32")]
        assert group.ingress == ()


def test_named_groups_and_addresses_are_admitted_on_the_engine_s_port(built: Built) -> None:
    region = built(access="{security_groups: [sg-0a1b2c3d], cidrs: [10.1.0.0/16]}", database__port="6000").primary
    rules = [(rule.key, rule.source_group, rule.cidr, rule.from_port) for rule in region.of(IngressRule)]
    assert rules == [
        ("DatabaseGroupFromSg0a1b2c3d", "sg-0a1b2c3d", None, 6000),
        ("DatabaseGroupFrom10x1x0x0x16", None, "10.1.0.0/16", 6000),
        ("DatabaseGroupFromApplicationGroup", Ref("ApplicationGroup"), None, 6000),
    ]


def test_two_ranges_with_the_same_digits_are_two_rules(built: Built) -> None:
    region = built(access__cidrs="[10.1.0.0/16, 10.10.0.0/16, 101.0.0.0/16, 1.0.100.0/24]").primary
    assert len({rule.key for rule in region.of(IngressRule)}) == 5


def test_the_bastion_s_doors_stand_in_every_zone(built: Built) -> None:
    region = built(access__bastion="{}").primary
    endpoints = {endpoint.key: endpoint for endpoint in region.of(VpcEndpoint)}
    assert sorted(endpoints) == ["S3Endpoint", "SsmEndpoint", "SsmmessagesEndpoint"]
    assert endpoints["SsmEndpoint"].subnets == (Ref("PrivateSubnet1"), Ref("PrivateSubnet2"))
    assert endpoints["SsmEndpoint"].groups == (Ref("EndpointGroup"),)
    assert endpoints["S3Endpoint"].route_tables == (Ref("PrivateRoutes1"), Ref("PrivateRoutes2"))
    assert list(built().primary.of(VpcEndpoint)) == []


def test_functions_and_hosts_get_doors_to_what_their_roles_call(built: Built) -> None:
    spec, draft = load(SPEC), Draft()
    statements = (
        Statement(actions=("secretsmanager:GetSecretValue", "cloudwatch:PutMetricData", "rds-db:connect")),
        Statement(actions=("logs:PutLogEvents",)),
        Statement(actions=("kms:Decrypt",), conditions=(Condition("StringEquals", "kms:ViaService", ("s3",)),)),
        Statement(effect="Deny", actions=("sns:Publish",)),
    )
    role = Role(key="FunctionRole", trust=Policy(()), policies=(InlinePolicy("Calls", Policy(statements)),))
    function = Function(
        key="Validation", role=Ref("FunctionRole"), subnets=("subnet-1",), security_groups=(Ref("FunctionGroup"),)
    )
    outside = Function(key="Outside", role=Ref("FunctionRole"), security_groups=(Ref("OutsideGroup"),))
    made = build_endpoints(spec, draft.adding(role, function, outside)).resources
    doors = {one.key: one for one in made if isinstance(one, VpcEndpoint)}
    assert sorted(doors) == ["MonitoringEndpoint", "SecretsmanagerEndpoint"]
    assert {one.kind for one in doors.values()} == {"Interface"}
    (admitted,) = [one for one in made if isinstance(one, IngressRule)]
    assert (admitted.group, admitted.source_group, admitted.from_port) == (
        Ref("EndpointGroup"),
        Ref("FunctionGroup"),
        443,
    )
    (leaving,) = [one for one in made if isinstance(one, EgressRule)]
    assert (leaving.group, leaving.destination_group, leaving.to_port) == (
        Ref("FunctionGroup"),
        Ref("EndpointGroup"),
        443,
    )


def test_who_calls_nothing_that_can_be_seen_gets_no_door() -> None:
    spec, draft = load(SPEC), Draft()
    strange = (
        Function(key="One", role="arn:aws:iam::123456789012:role/x", subnets=("subnet-1",)),
        Function(key="Two", role=Ref("Absent"), subnets=("subnet-1",)),
        Instance(key="Three", image="ami-1", profile="profile", security_groups=("sg-0a1b2c3d",)),
        Instance(key="Four", image="ami-1", profile=Ref("One")),
        Function(key="Five", role=Ref("Role"), subnets=("subnet-1",)),
        Role(
            key="Role",
            trust=Policy(()),
            managed_policies=(Unknown("a parameter"), "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"),
            policies=(InlinePolicy("Calls", Policy((Statement(actions=(Unknown("a parameter"),)),))),),
        ),
    )
    made = build_endpoints(spec, draft.adding(*strange)).resources
    # Hosts get their packages; the role that a parameter completes still shows what AWS's own policy calls.
    assert sorted(one.key for one in made if isinstance(one, VpcEndpoint)) == [
        "S3Endpoint",
        "SsmEndpoint",
        "SsmmessagesEndpoint",
    ]


def test_endpoints_can_be_asked_for(built: Built) -> None:
    region = built(network="{endpoints: [logs, s3, ec2messages], subnets: {application: [10.0.9.0/24]}}").primary
    doors = {one.key: one for one in region.of(VpcEndpoint)}
    assert sorted(doors) == ["Ec2messagesEndpoint", "LogsEndpoint", "S3Endpoint"]
    assert doors["S3Endpoint"].route_tables == (
        Ref("ApplicationRoutes1"),
        Ref("PrivateRoutes1"),
        Ref("PrivateRoutes2"),
    )
    # Nothing of the plan calls them, so that what does is somewhere in the network.
    (rule,) = [one for one in region.of(IngressRule) if one.group == Ref("EndpointGroup")]
    assert (rule.cidr, rule.from_port) == ("10.0.0.0/16", 443)


def test_exports_are_read_by_a_door_that_costs_nothing(built: Built) -> None:
    region = built(protection__export="{}").primary
    assert [(one.key, one.kind) for one in region.of(VpcEndpoint)] == [("S3Endpoint", "Gateway")]
    assert "EndpointGroup" not in {one.key for one in region.resources}


def test_without_doors_calls_leave_through_nat(built: Built) -> None:
    region = built(network="{endpoints: none}", access__bastion="{}").primary
    assert list(region.of(VpcEndpoint)) == []
    (way,) = [one for one in region.of(EgressRule) if one.group == Ref("BastionGroup") and one.cidr]
    assert (way.cidr, way.from_port) == ("0.0.0.0/0", 443)
    made = build_endpoints(
        load(SPEC, overrides={"network": "{endpoints: none}"}),
        Draft().adding(
            Role(
                key="FunctionRole",
                trust=Policy(()),
                policies=(InlinePolicy("Calls", Policy((Statement(actions=("rds:DescribeDBInstances",)),))),),
            ),
            Function(
                key="Validation", role=Ref("FunctionRole"), subnets=("subnet-1",), security_groups=(Ref("Functions"),)
            ),
        ),
    ).resources
    (way,) = [one for one in made if isinstance(one, EgressRule)]
    assert (way.key, way.group, way.cidr) == ("FunctionsToServices", Ref("Functions"), "0.0.0.0/0")


def test_a_network_without_any_way_to_what_is_called_is_refused(refused: Callable[..., list[Finding]]) -> None:
    (fault,) = refused(network="{endpoints: none, nat: none}", access__bastion="{}")
    assert fault.id == "SP027"
    assert "nothing in this network could call s3, ssm, ssmmessages" in fault.detail
    assert fault.subject == "network.endpoints"


def test_without_doors_and_clients_nothing_is_refused(built: Built) -> None:
    assert list(built(network="{endpoints: none, nat: none}").primary.of(VpcEndpoint)) == []


def test_applications_may_stand_in_subnets_of_their_own(built: Built) -> None:
    network = (
        "{nat: none, subnets: {application: [10.0.1.0/24], private: [10.0.10.0/24, 10.0.11.0/24]}, endpoints: needed}"
    )
    region = built(network=network, access__application="subnets").primary
    ranges = {subnet.key: subnet.cidr for subnet in region.of(Subnet)}
    assert ranges["ApplicationSubnet1"] == "10.0.1.0/24"
    assert (ranges["PrivateSubnet1"], ranges["PrivateSubnet2"]) == ("10.0.10.0/24", "10.0.11.0/24")
    assert "ApplicationSubnet2" not in ranges
    assert routes_of(region, "ApplicationSubnet1") == []
    outputs = {one.name: one.value for one in region.outputs}
    assert outputs["ApplicationSubnetIds"] == Attr("ApplicationSubnet1", "id")
    assert outputs["PrivateSubnetIds"] == join(Attr("PrivateSubnet1", "id"), ",", Attr("PrivateSubnet2", "id"))


def test_application_subnets_leave_through_nat_as_private_ones_do(built: Built) -> None:
    region = built(network="{zones: 3, nat: 2, subnets: {application: [10.0.9.0/24, 10.0.8.0/24]}}").primary
    ways = [route.nat_gateway for n in (1, 2) for route in routes_of(region, f"ApplicationSubnet{n}")]
    assert ways == [Ref("NatGateway1"), Ref("NatGateway2")]


@pytest.mark.parametrize(
    ("way", "network", "expected"),
    [
        ("group", "{subnets: {application: [10.0.9.0/24]}}", [(Ref("ApplicationGroup"), None)]),
        ("subnets", "{subnets: {application: [10.0.9.0/24]}}", [(None, "10.0.9.0/24")]),
        ("both", "{subnets: {application: [10.0.9.0/24]}}", [(Ref("ApplicationGroup"), None), (None, "10.0.9.0/24")]),
        ("subnets", "{}", [(None, "10.0.2.0/24"), (None, "10.0.3.0/24")]),
    ],
)
def test_applications_are_admitted_by_group_or_by_their_subnets(
    built: Built, way: str, network: str, expected: list[tuple[object, object]]
) -> None:
    region = built(network=network, access__application=way).primary
    admitted = [one for one in region.of(IngressRule) if one.group == Ref("DatabaseGroup")]
    assert [(one.source_group, one.cidr) for one in admitted] == expected
    # A group that nobody is admitted by is not made.
    assert ("ApplicationGroup" in {one.key for one in region.resources}) == (way != "subnets")
    assert ("ApplicationGroupId" in {one.name for one in region.outputs}) == (way != "subnets")


def test_behind_a_proxy_the_subnets_are_admitted_there(built: Built) -> None:
    region = built(access="{application: subnets, proxy: {}}").primary
    assert [(one.group, one.cidr) for one in region.of(IngressRule) if one.cidr] == [
        (Ref("ProxyGroup"), "10.0.2.0/24"),
        (Ref("ProxyGroup"), "10.0.3.0/24"),
    ]
    admitted = [one.source_group for one in region.of(IngressRule) if one.group == Ref("DatabaseGroup")]
    assert admitted == [Ref("ProxyGroup")]


def test_an_address_that_is_named_twice_is_one_rule(built: Built) -> None:
    region = built(access="{application: subnets, cidrs: [10.0.2.0/24]}").primary
    assert [one.cidr for one in region.of(IngressRule)] == ["10.0.2.0/24", "10.0.3.0/24"]


@pytest.mark.parametrize("way", ["group", "subnets", "both"])
def test_an_application_s_own_subnets_land(complaints: Callable[..., list[str]], way: str) -> None:
    network = "{nat: none, subnets: {application: [10.0.1.0/24]}, endpoints: [logs, secretsmanager]}"
    assert complaints(network=network, access__application=way, access__proxy="{}") == []


def test_descriptions_are_of_the_characters_that_ec2_takes(built: Built) -> None:
    region = built(access="{bastion: {}, security_groups: [sg-0a1b2c3d], cidrs: [10.1.0.0/16]}").primary
    kinds = (SecurityGroup, IngressRule, EgressRule)
    texts = [str(one.description) for one in region.resources if isinstance(one, kinds)]
    assert len(texts) == 13
    # AWS::EC2::SecurityGroup, GroupDescription, 2026-10-20.
    assert [text for text in texts if not re.fullmatch(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}", text)] == []


def test_fewer_gateways_than_zones_are_shared(built: Built) -> None:
    region = built(network="{zones: 3, nat: 2}").primary
    assert len(list(region.of(NatGateway))) == 2
    ways = [one.nat_gateway for one in region.of(Route) if one.nat_gateway]
    assert ways == [Ref("NatGateway1"), Ref("NatGateway2"), Ref("NatGateway1")]


@pytest.mark.parametrize("traffic", ["all", "accepted", "rejected"])
def test_flow_logs_land(complaints: Callable[..., list[str]], traffic: str) -> None:
    assert complaints(network=f"{{zones: 3, nat: 2, flow_logs: {{traffic: {traffic}, keep: 30d}}}}") == []


def test_flow_logs_go_into_a_group_with_an_end(built: Built) -> None:
    plan = built(network__flow_logs="{traffic: rejected, keep: 30d}")
    (log,) = plan.of(FlowLog)
    assert (log.traffic, log.vpc, log.log_group, log.role) == (
        "REJECT",
        Ref("Vpc"),
        Ref("FlowLogGroup"),
        Ref("FlowLogRole"),
    )
    group = plan.primary["FlowLogGroup"]
    assert isinstance(group, LogGroup)
    assert (group.name, group.retention) == ("/mainstay/shop-dev/flow-logs", Duration.days(30))
    role = plan.primary["FlowLogRole"]
    assert isinstance(role, Role)
    assert role.policies[0].document.statements[0].resources == (Attr("FlowLogGroup", "arn"),)
    assert list(built().of(FlowLog)) == []


EXISTING = (
    "{vpc: vpc-0a1b2c3d, isolated: [subnet-0a1b2c3d, subnet-0a1b2c3e], private: [subnet-0a1b2c3f, subnet-0a1b2c30],"
    " application: [{id: subnet-0a1b2c31, cidr: 10.7.1.0/24}]}"
)


IN_IT = {
    "network__existing": EXISTING,
    "network__flow_logs": "{}",
    "access__bastion": "{}",
    "access__proxy": "{max_connections: 90%}",
    "database__replicas": "{count: 1}",
    "access__application": "both",
}


def test_an_existing_network_lands(complaints: Callable[..., list[str]]) -> None:
    assert complaints(**IN_IT) == []


def test_in_an_existing_network_nothing_of_a_network_is_made(built: Built) -> None:
    region = built(**IN_IT).primary
    kinds = {type(one).__name__ for one in region.resources}
    made = {"Vpc", "Subnet", "RouteTable", "Route", "NatGateway", "InternetGateway", "VpcEndpoint", "ElasticIp"}
    assert not kinds & made
    assert {one.vpc for one in region.of(SecurityGroup)} == {"vpc-0a1b2c3d"}
    assert [one.vpc for one in region.of(FlowLog)] == ["vpc-0a1b2c3d"]
    assert next(region.of(SubnetGroup)).subnets == ("subnet-0a1b2c3d", "subnet-0a1b2c3e")
    assert next(region.of(DbProxy)).subnets == ("subnet-0a1b2c3f", "subnet-0a1b2c30")
    assert next(region.of(Instance)).subnet == "subnet-0a1b2c3f"
    assert [one.zone for one in region.of(DbInstance)] == [None, None]
    assert {one.name: one.value for one in region.outputs}["VpcId"] == "vpc-0a1b2c3d"
    assert {one.name: one.value for one in region.outputs}["ApplicationSubnetIds"] == "subnet-0a1b2c31"
    assert {one.name: one.value for one in region.outputs}["PrivateSubnetIds"] == "subnet-0a1b2c3f,subnet-0a1b2c30"
    assert [one.cidr for one in region.of(IngressRule) if one.cidr] == ["10.7.1.0/24"]
    assert "EndpointGroup" not in {one.key for one in region.resources}


def test_in_zones_that_are_named_replicas_are_spread(built: Built) -> None:
    zones = EXISTING.replace("application:", "zones: [eu-central-1a, eu-central-1b], application:")
    region = built(**{**IN_IT, "network__existing": zones, "database__replicas": "{count: 3}"}).primary
    assert [one.zone for one in region.of(DbInstance)] == [None, "eu-central-1a", "eu-central-1b", "eu-central-1a"]
