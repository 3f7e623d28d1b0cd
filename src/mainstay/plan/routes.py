"""How a subnet's own addresses get out of their VPC: its route table, NAT gateways, the internet gateway."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mainstay.core.records import dataclass
from mainstay.plan.mentions import has_kind, keeps, meddled
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import (
    GatewayAttachment,
    InternetGateway,
    NatGateway,
    Route,
    RouteTable,
    RouteTableAssociation,
    Subnet,
)
from mainstay.plan.values import If, Ref, Unknown

EVERYWHERE: Final = "0.0.0.0/0"
# An association or a route whose subnet or table cannot be seen may be any subnet's or table's.
_ANYBODY: Final = ""
# Properties of a table that add routes which are no resources.
_ROUTES: Final = re.compile(r"propagating|\.route\b")


@dataclass(frozen=True, slots=True)
class Exit:
    """A subnet's way to the internet: the route, when there is one; else what is wrong, and where.

    `is_open` is None when it cannot be seen.
    """

    is_open: bool | None
    by: tuple[str, ...] = ()
    words: str = ""
    at: str = ""


def way_out(region: RegionPlan, subnet: Subnet, *, has_address: bool | None) -> Exit:
    """The way of what stands in a subnet, by NAT or, where it has a public address, by the internet gateway."""
    table, is_seen = table_of(region, subnet)
    if not is_seen or (table is not None and table.key in meddled(region)):
        return Exit(None)
    if table is None:
        words = f"{subnet.key} is associated with no route table, and its VPC's main one leads nowhere"
        return Exit(False, words=words, at=subnet.key)
    ways = [_by(region, route, subnet, has_address) for route in _routes(region, table)]
    for wanted in (True, None):
        if found := [one for one in ways if one is not None and one.is_open is wanted]:
            return found[0]
    if keeps(table, _ROUTES) or has_kind(region, "routepropagation"):
        return Exit(None)
    words = f"{table.key}, the route table of {subnet.key}, has no route to a NAT gateway"
    return next((one for one in ways if one is not None), Exit(False, words=words, at=subnet.key))


def _by(region: RegionPlan, route: Route, subnet: Subnet, has_address: bool | None) -> Exit | None:
    """What one route is worth for the way to the internet; None for one that leads elsewhere."""
    if route.nat_gateway is not None:
        nat = region.resolve(route.nat_gateway, NatGateway)
        found = through(region, nat) if nat else Exit(None)
    elif route.internet_gateway is not None:
        found = _by_gateway(region, route, subnet, has_address)
    else:
        # By a transit gateway, a peer, an instance that does NAT: none of these is looked into.
        return Exit(None)
    if route.destination == EVERYWHERE:
        return Exit(found.is_open, (route.key,), found.words, found.at)
    return None if isinstance(route.destination, str) else Exit(None)


def through(region: RegionPlan, nat: NatGateway) -> Exit:
    """Whether a NAT gateway leads to the internet, which takes a subnet with a route to an internet gateway."""
    if is_private(nat):
        return Exit(False, words=f"{nat.key} is a private NAT gateway", at=nat.key)
    home = region.resolve(nat.subnet, Subnet)
    is_public = leads_to_gateway(region, home) if home else None
    if home is None or is_public is not False:
        return Exit(is_public)
    words = f"{nat.key} stands in {home.key}, from which no route leads to an attached internet gateway"
    return Exit(False, words=words, at=nat.key)


def is_private(nat: NatGateway) -> bool:
    """Whether it leads into other networks by intention."""
    return "private" in nat.extras.values()


def leads_to_gateway(region: RegionPlan, subnet: Subnet) -> bool | None:
    """Whether a subnet's default route leads to an attached internet gateway; None when that cannot be seen."""
    table, is_seen = table_of(region, subnet)
    if not is_seen or (table is not None and table.key in meddled(region)):
        return None
    found = [_is_to_gateway(region, route) for route in (_routes(region, table) if table else ())]
    return True if True in found else None if None in found else False


def _is_to_gateway(region: RegionPlan, route: Route) -> bool | None:
    if route.destination != EVERYWHERE:
        return False if isinstance(route.destination, str) else None
    if route.internet_gateway is None:
        return False if route.nat_gateway is not None else None
    return _is_attached(region, route.internet_gateway)


def _by_gateway(region: RegionPlan, route: Route, subnet: Subnet, has_address: bool | None) -> Exit:
    is_attached = _is_attached(region, route.internet_gateway)
    if is_attached is not True:
        return Exit(is_attached, words=f"the internet gateway of {route.key} is attached to no VPC", at=subnet.key)
    words = f"{subnet.key} leads to an internet gateway, which takes a public address"
    return Exit(has_address, words=words, at=subnet.key)


def _is_attached(region: RegionPlan, link: object) -> bool | None:
    gateway = region.resolve(link, InternetGateway)
    if gateway is None:
        return None  # one by its id, or a gateway of another kind
    attachments = list(region.of(GatewayAttachment))
    if any(one.internet_gateway == link for one in attachments):
        return True
    is_seen = all(isinstance(one.internet_gateway, Ref) or one.internet_gateway is None for one in attachments)
    if any("vpc" in path.lower() for path in gateway.extras):
        return True  # Terraform's gateway may name its VPC itself
    return False if is_seen and gateway.key not in meddled(region) else None


def table_of(region: RegionPlan, subnet: Subnet) -> tuple[RouteTable | None, bool]:
    """The route table that a subnet is associated with, None for the VPC's main one; and whether that is seen."""
    found = _associations(region)
    if own := found.get(subnet.key):
        table = region.resolve(own[0].route_table, RouteTable)
        # A subnet has one table: of several, conditions say which.
        is_one = table is not None and all(one.route_table == own[0].route_table for one in own)
        return table if is_one else None, is_one
    is_main = not found.get(_ANYBODY) and subnet.key not in meddled(region) and not _names_other_tables(region)
    return None, is_main


def _names_other_tables(region: RegionPlan) -> bool:
    """Whether a route stands in a table that is not of this plan, which may be the VPC's main one."""
    return bool(_tables(region).get(_ANYBODY)) or has_kind(region, "mainroutetable", "defaultroutetable")


def _associations(region: RegionPlan) -> dict[str, list[RouteTableAssociation]]:
    def found() -> dict[str, list[RouteTableAssociation]]:
        by_subnet: dict[str, list[RouteTableAssociation]] = {}
        for one in region.of(RouteTableAssociation):
            by_subnet.setdefault(_owner(one.subnet), []).append(one)
        return by_subnet

    return region.remember(("associations",), found)


def _tables(region: RegionPlan) -> dict[str, list[Route]]:
    def found() -> dict[str, list[Route]]:
        by_table: dict[str, list[Route]] = {}
        for one in region.of(Route):
            by_table.setdefault(_owner(one.route_table), []).append(one)
        return by_table

    return region.remember(("routes",), found)


def _owner(link: object) -> str:
    return link.key if isinstance(link, Ref) else _ANYBODY


def _routes(region: RegionPlan, table: RouteTable) -> Iterator[Route]:
    yield from _tables(region).get(table.key, ())
    # One whose table cannot be seen may stand in this one; one by an id of its own stands in another.
    for one in _tables(region).get(_ANYBODY, ()):
        if isinstance(one.route_table, If | Unknown):
            yield Route(key=one.key, route_table=one.route_table, destination=Unknown("the table is not seen"))
