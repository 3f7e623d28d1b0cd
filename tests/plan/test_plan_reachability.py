"""Who reaches whom: over all blueprints, and where one link of a way is taken out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mainstay.plan.passes import build
from mainstay.plan.passes.needs import clients
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.reachability import places, to_internet, to_resource, to_service
from mainstay.plan.resources import (
    DbInstance,
    DbProxy,
    EgressRule,
    Function,
    IngressRule,
    Instance,
    NestedStack,
    Opaque,
    Resource,
    RulePeer,
    SecurityGroup,
    Vpc,
)
from mainstay.plan.values import Attr, Ref, Unknown
from mainstay.spec import load

Built = Callable[..., Plan]
BLUEPRINTS = sorted((Path(__file__).parents[2] / "blueprints").glob("*.yaml"))
CASES = [(path, environment) for path in BLUEPRINTS for environment in ("dev", "prod")]
# What the functions do decides whether they log in to the database.
_LOGS_IN = ("RotationFunction", "ValidationFunction", "RestoreValidationFunction")


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case[0].stem}-{case[1]}")
def region(request: pytest.FixtureRequest) -> RegionPlan:
    path, environment = request.param
    return build(load(path, environment=environment)).primary


def port(region: RegionPlan) -> int:
    found = next(region.of(DbInstance)).port
    assert isinstance(found, int)
    return found


def test_whoever_has_to_reaches_the_database(region: RegionPlan) -> None:
    has_proxy = any(region.of(DbProxy))
    clients_of = [one.key for one in (*region.of(DbProxy), *region.of(Instance))]
    clients_of += [one.key for one in region.of(Function) if one.key in _LOGS_IN]
    if "ApplicationGroup" in {one.key for one in region.resources} and not has_proxy:
        clients_of.append("ApplicationGroup")
    for client in clients_of:
        assert to_resource(region, client, "Database", port(region)).missing == (), client
    if has_proxy:
        assert to_resource(region, "ApplicationGroup", "DatabaseProxy", 3306).is_open
        assert not to_resource(region, "ApplicationGroup", "Database", port(region)).is_open


def test_the_database_reaches_nobody(region: RegionPlan) -> None:
    databases = [one.key for one in region.of(DbInstance)]
    for database in databases:
        assert not to_internet(region, database).is_open
        assert [one for one in places(region) if to_resource(region, database, one, port(region)).is_open] == []


def test_nothing_of_it_is_reached_on_another_port(region: RegionPlan) -> None:
    for source in places(region):
        for target in (one.key for one in region.of(DbInstance)):
            assert not to_resource(region, source, target, 22).is_open


def test_what_a_role_calls_can_be_reached(region: RegionPlan) -> None:
    for one in region.resources:
        if isinstance(one, Instance | Function) and one.key in places(region):
            others = tuple(other for other in region.resources if not isinstance(other, Instance | Function))
            (client,) = clients((*others, one))
            for service in client.services:
                assert to_service(region, one.key, service).missing == (), (one.key, service)


def without(region: RegionPlan, *gone: str) -> RegionPlan:
    return replace(region, resources=tuple(one for one in region.resources if one.key not in gone))


def changed(region: RegionPlan, key: str, **fields: object) -> RegionPlan:
    def other(one: Resource) -> Resource:
        return replace(one, **fields) if one.key == key else one  # type: ignore[arg-type]  # fields of its kind

    return replace(region, resources=tuple(map(other, region.resources)))


def test_both_halves_of_a_permission_are_needed(built: Built) -> None:
    region = built(access__bastion="{}").primary
    way = to_resource(region, "Bastion", "Database", 5432)
    assert (way.is_open, way.by) == (True, ("BastionGroupToDatabaseGroup", "DatabaseGroupFromBastionGroup"))
    out = to_resource(without(region, "BastionGroupToDatabaseGroup"), "Bastion", "Database", 5432)
    assert out.missing == ("nothing lets Bastion out to Database on 5432",)
    into = to_resource(without(region, "DatabaseGroupFromBastionGroup"), "Bastion", "Database", 5432)
    assert into.missing == ("DatabaseGroup does not admit Bastion to port 5432",)
    # A group that states no egress gets AWS's rule that lets everything out.
    outward = [one.key for one in region.resources if isinstance(one, EgressRule)]
    free = changed(without(region, *outward), "BastionGroup", egress=None)
    assert to_resource(free, "Bastion", "Database", 5432).is_open
    assert to_internet(free, "Bastion").is_open


def test_a_replica_stands_where_its_source_does(built: Built) -> None:
    region = built(database__replicas="{count: 1}", access="{application: subnets, bastion: {}}").primary
    assert to_resource(region, "PrivateSubnet1", "DatabaseReplica1", 5432).by == ("DatabaseGroupFrom10x0x2x0x24",)
    assert to_resource(region, "Bastion", "DatabaseReplica1", 5432).is_open
    assert not to_resource(region, "IsolatedSubnet1", "Database", 5432).is_open


def test_addresses_admit_what_stands_in_them_whole(built: Built) -> None:
    region = built(access="{application: subnets}").primary
    assert to_resource(region, "PrivateSubnet2", "Database", 5432).is_open
    odd = changed(region, "PrivateSubnet2", cidr=Unknown("a parameter"))
    assert not to_resource(odd, "PrivateSubnet2", "Database", 5432).is_open
    broken = changed(region, "DatabaseGroupFrom10x0x3x0x24", cidr="nowhere")
    assert not to_resource(broken, "PrivateSubnet2", "Database", 5432).is_open
    # Of a group nobody knows where it is worn.
    peer = RulePeer(protocol="-1", cidr="0.0.0.0/0")
    open_ = changed(region, "DatabaseGroup", ingress=(peer,))
    assert to_resource(open_, "PublicSubnet1", "Database", 5432).is_open


@pytest.mark.parametrize(
    ("gone", "missing"),
    [
        ("PrivateDefaultRoute1", "PrivateRoutes1, the route table of PrivateSubnet1, has no route to a NAT gateway"),
        (
            "PrivateSubnet1Routes",
            "PrivateSubnet1 is associated with no route table, and its VPC's main one leads nowhere",
        ),
        (
            "PublicDefaultRoute",
            "NatGateway1 stands in PublicSubnet1, from which no route leads to an attached internet gateway",
        ),
        (
            "PublicSubnet1Routes",
            "NatGateway1 stands in PublicSubnet1, from which no route leads to an attached internet gateway",
        ),
        (
            "InternetAttachment",
            "NatGateway1 stands in PublicSubnet1, from which no route leads to an attached internet gateway",
        ),
        ("BastionGroupToPackages", "nothing lets Bastion out to the internet on 443"),
    ],
)
def test_each_link_of_the_way_out_is_needed(built: Built, gone: str, missing: str) -> None:
    region = built(access__bastion="{}", network="{nat: one}").primary
    assert to_internet(region, "Bastion").by == ("BastionGroupToPackages", "PrivateDefaultRoute1")
    assert to_internet(without(region, gone), "Bastion").missing == (missing,)


@pytest.mark.parametrize(
    ("gone", "unseen"),
    [
        ("NatGateway1", "whether PrivateSubnet1 has a way to the internet"),
        ("PublicSubnet1", "whether PrivateSubnet1 has a way to the internet"),
        ("PrivateSubnet1", "the subnets of Bastion are not in this plan"),
        ("BastionGroup", "whether Bastion is let out to the internet"),
    ],
)
def test_what_is_not_in_the_plan_is_not_said_to_be_missing(built: Built, gone: str, unseen: str) -> None:
    way = to_internet(without(built(access__bastion="{}").primary, gone), "Bastion")
    assert (way.is_open, way.is_shut, way.unseen) == (False, False, (unseen,))


def test_without_a_public_address_a_gateway_is_no_way_out(built: Built) -> None:
    region = built(access__bastion="{}").primary
    moved = changed(region, "Bastion", subnet=Ref("PublicSubnet1"))
    words = "PublicSubnet1 leads to an internet gateway, which takes a public address"
    assert to_internet(moved, "Bastion").missing == (words,)
    assert to_internet(changed(moved, "PublicSubnet1", maps_public_ip=True), "Bastion").is_open


@pytest.mark.parametrize(
    ("service", "key", "fields", "missing"),
    [
        (
            *("ssm", "SsmEndpoint", {"has_private_dns": False}),
            "SsmEndpoint does not answer for the service's own name (PrivateDnsEnabled is false)",
        ),
        ("ssm", "SsmEndpoint", {"groups": ()}, "SsmEndpoint does not admit Bastion to port 443"),
        ("ssm", "Vpc", {"has_dns_support": False}, "the private names of SsmEndpoint need EnableDnsSupport on Vpc"),
        ("ssm", "Vpc", {"has_dns_hostnames": None}, "the private names of SsmEndpoint need EnableDnsHostnames on Vpc"),
        ("ssm", "SsmEndpoint", {"vpc": Ref("Other")}, "SsmEndpoint is no door of Vpc"),
        ("sqs", "Bastion", {}, "Vpc has no endpoint for sqs"),
        ("s3", "S3Endpoint", {"route_tables": ()}, "PrivateSubnet1 has no route to S3Endpoint"),
        ("s3", "BastionGroupToPackages", {"cidr": "10.0.0.0/8"}, "nothing lets Bastion out to the internet on 443"),
    ],
)
def test_each_link_of_a_way_to_a_service_is_needed(
    built: Built, service: str, key: str, fields: dict[str, object], missing: str
) -> None:
    region = built(access__bastion="{}", network="{nat: none}").primary
    assert to_service(region, "Bastion", service).is_open is (service != "sqs")
    assert missing in to_service(changed(region, key, **fields), "Bastion", service).missing


@pytest.mark.parametrize(
    ("service", "key", "fields", "unseen"),
    [
        ("ssm", "SsmEndpoint", {"has_private_dns": None}, "whether SsmEndpoint answers for the service's own name"),
        ("ssm", "SsmEndpoint", {"groups": ("sg-0a1b2c3d",)}, "whether SsmEndpoint admits Bastion on 443"),
        ("ssm", "SsmEndpoint", {"vpc": "vpc-0a1b2c3d"}, "whether Vpc has a door to ssm"),
        ("ssm", "SsmEndpoint", {"service": Unknown("later")}, "whether Vpc has a door to ssm"),
        ("ssm", "SsmEndpoint", {"kind": Unknown("later")}, "whether Vpc has a door to ssm"),
        ("s3", "Bastion", {"security_groups": ()}, "whether Bastion is let out to the addresses of S3Endpoint"),
        ("s3", "S3Endpoint", {"route_tables": ("rtb-0a1b2c3d",)}, "whether PrivateSubnet1 has a route to S3Endpoint"),
        ("s3", "Bastion", {"subnet": "subnet-0a1b2c3d"}, "the subnets of Bastion are not in this plan"),
    ],
)
def test_what_is_not_seen_of_a_way_to_a_service_is_not_said_to_be_missing(
    built: Built, service: str, key: str, fields: dict[str, object], unseen: str
) -> None:
    way = to_service(
        changed(built(access__bastion="{}", network="{nat: none}").primary, key, **fields), "Bastion", service
    )
    assert (way.is_open, way.is_shut, way.unseen) == (False, False, (unseen,))


def test_a_service_without_a_door_is_reached_by_nat(built: Built) -> None:
    assert to_service(built(access__bastion="{}").primary, "Bastion", "sqs").is_open
    closed = built(access__bastion="{}", network="{nat: none}").primary
    assert not to_service(closed, "Bastion", "sqs").is_open
    odd = changed(closed, "SsmEndpoint", service=Unknown("a parameter"))
    assert not to_service(odd, "Bastion", "ssm").is_open
    plain = changed(closed, "SsmEndpoint", service="com.amazonaws.eu-central-1.ssm")
    assert to_service(plain, "Bastion", "ssm").is_open


def test_what_stands_in_no_network_is_no_place(built: Built) -> None:
    region = built().primary
    with pytest.raises(KeyError, match="DatabaseKey is a Key, which stands in no network"):
        to_internet(region, "DatabaseKey")


def alone(region: RegionPlan) -> RegionPlan:
    """The bastion's network with another beside it, in which a lone group stands."""
    other = (Vpc(key="Other", cidr="10.9.0.0/16"), SecurityGroup(key="Lone", description="d", vpc=Ref("Other")))
    return replace(region, resources=(*region.resources, *other))


def test_two_networks_are_apart_unless_something_joins_them(built: Built) -> None:
    region = alone(built(access__bastion="{}").primary)
    way = to_resource(region, "Lone", "Database", 5432)
    assert (way.is_shut, way.missing) == (True, ("Lone stands in Other, Database in Vpc",))
    peering = Opaque(key="Peering", type="AWS::EC2::VPCPeeringConnection")
    joined = to_resource(replace(region, resources=(*region.resources, peering)), "Lone", "Database", 5432)
    assert (joined.is_open, joined.is_shut, joined.unseen) == (False, False, ("how Other and Vpc are joined",))


def test_a_function_in_no_network_reaches_services_and_no_database(built: Built) -> None:
    region = built(access__bastion="{}").primary
    outside = replace(region, resources=(*region.resources, Function(key="Outside", role="arn")))
    assert to_service(outside, "Outside", "ssm").is_open
    words = ("Outside stands in no VPC, Database in one",)
    assert to_resource(outside, "Outside", "Database", 5432).missing == words
    assert to_resource(outside, "Database", "Outside", 5432).missing == words


def test_what_others_do_with_a_network_is_not_seen(built: Built) -> None:
    region = built(access__bastion="{}", network="{nat: none}").primary
    more = NestedStack(key="More", template_url="x", parameters={"Vpc": Attr("Vpc", "id")})
    assert to_service(region, "Bastion", "sqs").is_shut
    told = to_service(replace(region, resources=(*region.resources, more)), "Bastion", "sqs")
    assert told.unseen == ("the network of Bastion is not in this plan",)


@pytest.mark.parametrize("kind", ["AWS::Route53::HostedZone", "aws_route53_zone", "AWS::Route53Resolver::ResolverRule"])
def test_a_door_may_have_a_name_of_its_own(kind: str, built: Built) -> None:
    region = changed(built(access__bastion="{}", network="{nat: none}").primary, "SsmEndpoint", has_private_dns=False)
    assert to_service(region, "Bastion", "ssm").is_shut
    zone = replace(region, resources=(*region.resources, Opaque(key="Zone", type=kind)))
    assert to_service(zone, "Bastion", "ssm").unseen == ("by which door Bastion reaches ssm",)
    # Where there is no door, no name leads to one.
    assert to_service(zone, "Bastion", "sqs").is_shut


def test_of_two_doors_with_one_name_nobody_knows_which_stands(built: Built) -> None:
    region = changed(built(access__bastion="{}", network="{nat: none}").primary, "SsmEndpoint", groups=())
    assert to_service(region, "Bastion", "ssm").is_shut
    second = replace(region["SsmEndpoint"], key="Second")
    two = replace(region, resources=(*region.resources, second))
    assert to_service(two, "Bastion", "ssm").unseen == ("whether SsmEndpoint answers for the service's own name",)


def test_a_function_may_be_told_the_name_of_a_door(built: Built) -> None:
    region = changed(built(access__bastion="{}", network="{nat: none}").primary, "SsmEndpoint", has_private_dns=False)
    group: Ref[SecurityGroup] = Ref("BastionGroup")
    plain = Function(key="Job", role="arn", subnets=(Ref("PrivateSubnet1"),), security_groups=(group,))
    told = replace(plain, environment={"ENDPOINT": Attr("SsmEndpoint", "DnsEntries")})
    assert to_service(replace(region, resources=(*region.resources, plain)), "Job", "ssm").is_shut
    assert not to_service(replace(region, resources=(*region.resources, told)), "Job", "ssm").is_shut


@pytest.mark.parametrize(
    ("peer", "is_open", "is_shut"),
    [
        ({"cidr": "0.0.0.0/0"}, True, False),
        ({"cidr": "10.0.0.0/8"}, False, True),
        ({"cidr": "52.0.0.0/8"}, False, False),  # may be where the service is
        ({"cidr": None, "cidr_v6": "::/0"}, False, True),
        ({"cidr": None}, False, False),  # a prefix list
    ],
)
def test_where_a_rule_lets_out_to(peer: dict[str, object], is_open: bool, is_shut: bool, built: Built) -> None:
    region = changed(built(access__bastion="{}").primary, "BastionGroupToPackages", **peer)
    way = to_internet(region, "Bastion")
    assert (way.is_open, way.is_shut) == (is_open, is_shut)


def test_a_function_has_no_public_address(built: Built) -> None:
    region = changed(built(access__bastion="{}").primary, "PublicSubnet1", maps_public_ip=True)
    function = Function(key="Job", role="arn", subnets=(Ref("PublicSubnet1"),), security_groups=(Ref("BastionGroup"),))
    way = to_internet(replace(region, resources=(*region.resources, function)), "Job")
    assert way.missing == ("PublicSubnet1 leads to an internet gateway, which takes a public address",)


def test_an_address_may_be_given_later(built: Built) -> None:
    region = changed(built(access__bastion="{}").primary, "Bastion", subnet=Ref("PublicSubnet1"))
    given = Opaque(key="Given", type="AWS::EC2::EIPAssociation")
    assert to_internet(region, "Bastion").is_shut
    assert not to_internet(replace(region, resources=(*region.resources, given)), "Bastion").is_shut


def test_the_group_that_comes_with_a_network_may_have_been_changed(built: Built) -> None:
    region = changed(built(access__bastion="{}", network="{nat: none}").primary, "SsmEndpoint", groups=())
    rule = IngressRule(key="Default", group=Attr("Vpc", "DefaultSecurityGroup"), protocol="-1", cidr="10.0.0.0/8")
    assert to_service(region, "Bastion", "ssm").is_shut
    assert not to_service(replace(region, resources=(*region.resources, rule)), "Bastion", "ssm").is_shut


def test_a_function_outside_opens_nothing(built: Built) -> None:
    region = built().primary
    outside = replace(region, resources=(*region.resources, Function(key="Outside", role="arn")))
    assert places(outside) == ["Database"]
    lone = changed(region, "Database", subnet_group="default")
    assert not to_resource(lone, "IsolatedSubnet1", "Database", 5432).is_open
