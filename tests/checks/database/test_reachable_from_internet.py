"""DB031: written and by default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mainstay.checks.database.reachable_from_internet import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding, Severity
from mainstay.plan.resources import Opaque, Resource, Route, RouteTable, RouteTableAssociation, Subnet, SubnetGroup
from mainstay.plan.values import Param, Ref, Unknown

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("db", "said"),
    [
        (database(is_public=True), "publicly accessible"),
        (database(is_public=False, subnet_group=None), None),
        (database(is_public=None, subnet_group=None), "default VPC"),
        (database(is_public=None), None),
        (database(is_public=Unknown("later"), subnet_group=None), None),
        (database(is_public=None, subnet_group=None, snapshot="rds:old"), None),
        (replica(is_public=None), None),
        (replica(is_public=True), "publicly accessible"),
    ],
)
def test_addresses(db: Resource, said: str | None, say: Say) -> None:
    details = [finding.detail for finding in say(faults, plan_of(db))]
    assert len(details) == (said is not None)
    assert all(said in detail for detail in details if said)


def network(*, gateway: object = Ref("Gateway"), nat: object = None, table: object = Ref("Public")) -> tuple[Any, ...]:
    # Any: whatever a case wants
    return (
        SubnetGroup(key="Subnets", description="d", subnets=(Ref("One"), Ref("Two"), "subnet-3")),
        Subnet(key="One", vpc="vpc-1", cidr="10.0.1.0/24"),
        Subnet(key="Two", vpc="vpc-1", cidr="10.0.2.0/24"),
        RouteTable(key="Public", vpc="vpc-1"),
        RouteTable(key="Private", vpc="vpc-1"),
        Route(
            key="Out",
            route_table=table,  # type: ignore[arg-type]  # as a case wants
            destination="0.0.0.0/0",
            internet_gateway=gateway,  # type: ignore[arg-type]  # as above
            nat_gateway=nat,  # type: ignore[arg-type]  # as above
        ),
        Opaque(key="Vpn", type="AWS::EC2::VPNGateway"),
        RouteTableAssociation(key="OnePublic", subnet=Ref("One"), route_table=Ref("Public")),
        RouteTableAssociation(key="TwoPrivate", subnet=Ref("Two"), route_table=Ref("Private")),
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "stands in One, from where a route leads"),
        ({"gateway": "igw-1"}, "stands in One, from where"),
        ({"gateway": "vgw-1"}, None),
        ({"gateway": Ref("Vpn")}, None),
        ({"gateway": Param("Gateway")}, None),
        ({"table": Ref("Private")}, "stands in Two, from where"),
        ({"table": "rtb-1"}, None),
        ({"gateway": None, "nat": Ref("Nat")}, None),
    ],
)
def test_subnets_with_a_way_to_the_internet(given: dict[str, object], said: str | None, say: Say) -> None:
    db = database(is_public=False, subnet_group=Ref("Subnets"))
    findings = say(faults, plan_of(db, *network(**given)))
    assert [finding.severity for finding in findings] == ([Severity.WARNING] if said else [])
    assert all(said in finding.detail for finding in findings if said)


def test_a_public_address_is_said_once(say: Say) -> None:
    db = database(is_public=True, subnet_group=Ref("Subnets"))
    assert len(say(faults, plan_of(db, *network()))) == 1


def test_a_subnet_of_somebody_else_is_not_named(say: Say) -> None:
    db = database(is_public=False, subnet_group=Ref("Subnets"))
    third = RouteTableAssociation(key="Three", subnet="subnet-3", route_table=Ref("Public"))
    (finding,) = say(faults, plan_of(db, *network(), third))
    assert "stands in One, from where" in finding.detail
