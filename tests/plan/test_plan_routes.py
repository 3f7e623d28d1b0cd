"""The way out of a subnet, in three answers: open, surely shut, and not seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import (
    GatewayAttachment,
    InternetGateway,
    NatGateway,
    NestedStack,
    Opaque,
    Resource,
    Route,
    RouteTable,
    RouteTableAssociation,
    Subnet,
    Vpc,
)
from mainstay.plan.routes import Exit, leads_to_gateway, table_of, way_out
from mainstay.plan.values import Attr, If, Json, Param, Ref, Unknown

ALL = "0.0.0.0/0"
NETWORK: dict[str, Resource] = {
    one.key: one
    for one in (
        Vpc(key="Vpc", cidr="10.0.0.0/16"),
        InternetGateway(key="Gateway"),
        GatewayAttachment(key="Attached", vpc=Ref("Vpc"), internet_gateway=Ref("Gateway")),
        Subnet(key="Public", vpc=Ref("Vpc"), cidr="10.0.0.0/24"),
        Subnet(key="Private", vpc=Ref("Vpc"), cidr="10.0.1.0/24"),
        RouteTable(key="Outer", vpc=Ref("Vpc")),
        RouteTable(key="Inner", vpc=Ref("Vpc")),
        Route(key="Out", route_table=Ref("Outer"), destination=ALL, internet_gateway=Ref("Gateway")),
        Route(key="ByNat", route_table=Ref("Inner"), destination=ALL, nat_gateway=Ref("Nat")),
        RouteTableAssociation(key="PublicTable", subnet=Ref("Public"), route_table=Ref("Outer")),
        RouteTableAssociation(key="PrivateTable", subnet=Ref("Private"), route_table=Ref("Inner")),
        NatGateway(key="Nat", subnet=Ref("Public")),
    )
}


def region(**parts: Resource | None) -> RegionPlan:
    return RegionPlan(region="us-east-1", resources=tuple(one for one in (NETWORK | parts).values() if one is not None))


def changed(key: str, **fields: object) -> Resource:
    return replace(NETWORK[key], **fields)  # type: ignore[arg-type]  # fields of its kind


def exit_of(within: RegionPlan, key: str = "Private", *, has_address: bool | None = False) -> Exit:
    subnet = within[key]
    assert isinstance(subnet, Subnet)
    return way_out(within, subnet, has_address=has_address)


def route(**target: object) -> Route:
    fields: dict[str, object] = {"key": "Other", "route_table": Ref("Inner"), "destination": ALL}
    return Route(**(fields | target))  # type: ignore[arg-type]  # fields of a route


def test_by_nat() -> None:
    assert exit_of(region()) == Exit(True, by=("ByNat",))


@pytest.mark.parametrize(("has_address", "is_open"), [(True, True), (False, False), (None, None)])
def test_by_the_internet_gateway_with_a_public_address(has_address: bool | None, is_open: bool | None) -> None:
    assert exit_of(region(), "Public", has_address=has_address).is_open is is_open


@pytest.mark.parametrize(
    ("parts", "words", "at"),
    [
        ({"ByNat": None}, "Inner, the route table of Private, has no route to a NAT gateway", "Private"),
        ({"ByNat": changed("ByNat", destination="10.1.0.0/16")}, "has no route to a NAT gateway", "Private"),
        ({"PrivateTable": None}, "Private is associated with no route table", "Private"),
        ({"Out": None}, "Nat stands in Public, from which no route leads", "Nat"),
        ({"Out": changed("Out", destination="10.1.0.0/16")}, "Nat stands in Public", "Nat"),
        ({"Nat": changed("Nat", subnet=Ref("Private"))}, "Nat stands in Private", "Nat"),
        ({"Nat": changed("Nat", extras={"ConnectivityType": "private"})}, "Nat is a private NAT gateway", "Nat"),
        ({"Attached": None}, "Nat stands in Public", "Nat"),
        ({"PublicTable": None}, "Nat stands in Public", "Nat"),
    ],
)
def test_what_is_surely_missing(parts: dict[str, Resource | None], words: str, at: str) -> None:
    found = exit_of(region(**parts))
    assert (found.is_open, found.at) == (False, at)
    assert words in found.words


def test_a_gateway_that_is_not_attached_leads_nowhere() -> None:
    found = exit_of(region(Attached=None), "Public", has_address=True)
    assert (found.is_open, found.words) == (False, "the internet gateway of Out is attached to no VPC")
    named = exit_of(
        region(Attached=None, Gateway=InternetGateway(key="Gateway", extras={"aws_internet_gateway.vpc_id": "vpc-1"})),
        "Public",
        has_address=True,
    )
    assert named.is_open is True


@pytest.mark.parametrize(
    "parts",
    [
        {"ByNat": None, "Other": route()},  # a transit gateway, say
        {"ByNat": None, "Other": route(destination="10.0.0.0/8")},  # by which endpoints elsewhere may be reached
        {"ByNat": changed("ByNat", destination=Unknown("later"))},
        {"ByNat": changed("ByNat", nat_gateway="nat-0a1b2c3d")},
        {"ByNat": changed("ByNat", nat_gateway=None, internet_gateway="igw-0a1b2c3d")},
        {"ByNat": None, "Other": route(route_table=Unknown("later"), destination="10.0.0.0/8")},
        {"ByNat": None, "Inner": changed("Inner", extras={"aws_route_table.propagating_vgws": ["vgw-1"]})},
        {"ByNat": None, "Other": Opaque(key="Other", type="AWS::EC2::VPNGatewayRoutePropagation")},
        {"ByNat": None, "Other": NestedStack(key="Other", template_url="x", parameters={"Table": Attr("Inner", "id")})},
        {"PrivateTable": changed("PrivateTable", route_table=Param("Table"))},
        {"PrivateTable": changed("PrivateTable", subnet=If("Several", Ref("Private"), Ref("Public")))},
        {"Other": RouteTableAssociation(key="Other", subnet=Ref("Private"), route_table=Ref("Outer"))},
        {"PrivateTable": None, "Other": Opaque(key="Other", type="aws_main_route_table_association")},
        {"PrivateTable": None, "Other": route(route_table=Attr("Vpc", "main_route_table_id"))},
        {
            "PrivateTable": None,
            "Other": NestedStack(key="Other", template_url="x", parameters={"S": Attr("Private", "id")}),
        },
        {"Nat": changed("Nat", subnet="subnet-0a1b2c3d")},
        {"PublicTable": changed("PublicTable", route_table=Param("Table"))},
        {"Out": changed("Out", destination=Unknown("later"))},
        {"Out": changed("Out", internet_gateway=None)},
        {"Out": changed("Out", internet_gateway="igw-0a1b2c3d")},
        {"Attached": changed("Attached", internet_gateway=Param("Gateway"))},
        {"Other": NestedStack(key="Other", template_url="x", parameters={"Table": Attr("Outer", "id")}), "Out": None},
    ],
)
def test_what_is_not_seen(parts: dict[str, Resource | None]) -> None:
    assert exit_of(region(**parts)).is_open is None


@pytest.mark.parametrize(
    "kept",
    [
        {"aws_route_table.id": "rtb-1"},
        {"aws_route_table.propagating_vgws": []},
        {"aws_route_table.route": "${unknown}"},
    ],
)
def test_what_terraform_shows_of_a_table_adds_no_route(kept: dict[str, Json]) -> None:
    assert exit_of(region(ByNat=None, Inner=changed("Inner", extras=kept))).is_open is False


def test_one_good_route_is_enough() -> None:
    assert exit_of(region(Other=route(destination="10.0.0.0/8"))).is_open is True


def test_the_same_association_twice_is_one() -> None:
    again = RouteTableAssociation(key="Again", subnet=Ref("Private"), route_table=Ref("Inner"))
    assert exit_of(region(Again=again)).is_open is True


def test_a_route_in_a_table_of_somebody_else_is_none_of_this_one() -> None:
    assert exit_of(region(ByNat=None, Other=route(route_table="rtb-0a1b2c3d"))).is_open is False


def test_a_route_to_nat_is_none_to_the_gateway() -> None:
    within = region()
    public, private = within["Public"], within["Private"]
    assert isinstance(public, Subnet)
    assert isinstance(private, Subnet)
    assert (leads_to_gateway(within, public), leads_to_gateway(within, private)) == (True, False)
    assert table_of(within, public) == (within["Outer"], True)
