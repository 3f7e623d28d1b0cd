"""DB031: a database with a public address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, Opaque, Route, RouteTableAssociation, Subnet, SubnetGroup
from mainstay.plan.values import Ref


def _bad() -> Plan:
    """Neither PubliclyAccessible nor a subnet group is written"""
    return plan_of(database(is_public=None, subnet_group=None))


def _good() -> Plan:
    """PubliclyAccessible is not written, but there is a subnet group"""
    return plan_of(database(is_public=None, subnet_group="isolated"))


@rule(
    id="DB031",
    severity=Severity.ERROR,
    harm=Harm.SECURITY,
    summary="the database has a public address",
    source="botocore RDS model, PubliclyAccessible; Security Hub RDS.2 and RDS.46 (2026-11-20)",
    applies_to=(DbInstance,),
    field="is_public",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """The endpoint resolves to a public address, and one loose security group away stands the internet. Without a
    subnet group the instance lands in the default VPC, where a public address is the default.
    """
    if db.is_public is True:
        yield Fault(
            db,
            f"{db.key} is publicly accessible.",
            "set PubliclyAccessible to false; people come by a bastion",
            mend=(replace(db, is_public=False),),
        )
    elif db.is_public is None and db.subnet_group is None and db.snapshot is None and scene.stands_alone(db):
        yield Fault(
            db,
            f"{db.key} names no subnet group, so it stands in the default VPC with a public address.",
            "give it a subnet group of private subnets, and set PubliclyAccessible to false",
            mend=(replace(db, is_public=False),),
        )
    elif open_ones := [subnet.key for subnet in _subnets(db, scene) if _leads_to_internet(subnet, scene)]:
        yield Fault(
            db,
            f"{db.key} stands in {', '.join(open_ones)}, from where a route leads to an internet gateway.",
            "take subnets without such a route: one changed property, and the database is on the internet",
            Severity.WARNING,
            "subnet_group",
        )


def _subnets(db: DbInstance, scene: Scene) -> Iterator[Subnet]:
    group = scene.region.resolve(db.subnet_group, SubnetGroup)
    for link in group.subnets if group else ():
        subnet = scene.region.resolve(link, Subnet)
        if subnet is not None:
            yield subnet


def _leads_to_internet(subnet: Subnet, scene: Scene) -> bool:
    tables = [
        one.route_table
        for one in scene.region.of(RouteTableAssociation)
        if scene.region.resolve(one.subnet, Subnet) is subnet and isinstance(one.route_table, Ref)
    ]
    routes = (route for route in scene.region.of(Route) if route.route_table in tables)
    return any(_is_to_internet(route.internet_gateway, scene) for route in routes)


def _is_to_internet(gateway: object, scene: Scene) -> bool:
    """Whether a route's gateway is one of the internet: the same property names the gateway of a VPN."""
    if isinstance(gateway, Ref):
        return not isinstance(scene.region.find(gateway.key), Opaque)
    return isinstance(gateway, str) and gateway.startswith("igw-")
