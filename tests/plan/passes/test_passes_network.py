"""Subnets, routes and groups: who reaches what."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.core.units import Duration
from mainstay.plan.passes.network import addresses
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import (
    DbInstance,
    DbProxy,
    EgressRule,
    FlowLog,
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
from mainstay.plan.values import Attr, Ref, Zone
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
    "{vpc: vpc-0a1b2c3d, isolated: [subnet-0a1b2c3d, subnet-0a1b2c3e], private: [subnet-0a1b2c3f, subnet-0a1b2c30]}"
)


IN_IT = {
    "network__existing": EXISTING,
    "network__flow_logs": "{}",
    "access__bastion": "{}",
    "access__proxy": "{}",
    "database__replicas": "{count: 1}",
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
    assert "EndpointGroup" not in {one.key for one in region.resources}
