"""Who reaches whom in a region: security groups at both ends, subnets, routes, NAT, and doors to AWS's services.

What stands outside the plan (a group or subnet by id) cannot be seen into, and is said to be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import (
    DbInstance,
    DbProxy,
    Function,
    GatewayAttachment,
    Instance,
    NatGateway,
    Resource,
    Route,
    RouteTable,
    RouteTableAssociation,
    SecurityGroup,
    Subnet,
    SubnetGroup,
    VpcEndpoint,
)
from mainstay.plan.traffic import Opening, egress, ingress
from mainstay.plan.values import Join

HTTPS: Final = 443
_EVERYWHERE: Final = "0.0.0.0/0"


@dataclass(frozen=True, slots=True)
class Way:
    """A connection that was asked about: the rules, routes and doors that it goes by, and what it lacks, in words."""

    by: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something stands: the groups that it wears (None: its owner decides) and its subnets."""

    name: str
    groups: tuple[SecurityGroup, ...] | None
    subnets: tuple[Subnet, ...]


def to_resource(region: RegionPlan, source: str, target: str, port: int) -> Way:
    """The way from one resource to another of the same network, on a TCP port.

    Either may be an instance, a proxy, a function, a host or an endpoint; the source also a security group (whoever
    wears it) or a subnet (whatever stands in it). KeyError for what is no place in a network.
    """
    start, end = _place(region, source), _place(region, target)
    leaving = _leaving(region, start, end, port)
    entering = _entering(region, start, end, port)
    by = tuple(one.resource.key for one in (leaving, entering) if one is not None)
    missing = []
    if leaving is None and start.groups is not None:
        missing.append(f"nothing lets {start.name} out to {end.name} on {port}")
    if entering is None:
        missing.append(f"{end.name} does not admit {start.name} on {port}")
    return Way(by, tuple(missing))


def to_internet(region: RegionPlan, source: str, port: int = HTTPS) -> Way:
    """The way from a resource to any address of the internet: from each of its subnets by NAT, and past its groups."""
    start = _place(region, source)
    out = _everywhere(region, start, port)
    by, missing = ([out.resource.key], []) if out else ([], [f"nothing lets {start.name} out to the internet"])
    if not start.subnets:
        missing.append(f"the subnets of {start.name} are not in this plan")
    for subnet in start.subnets:
        route = _way_out(region, subnet)
        if route is None:
            missing.append(f"{subnet.key} has no way to the internet")
        else:
            by.append(route.key)
    return Way(tuple(dict.fromkeys(by)), tuple(missing))


def to_service(region: RegionPlan, source: str, service: str) -> Way:
    """The way to an AWS service by its endpoint's name (`ssm`, `secretsmanager`, `s3`): by its own door, or by NAT."""
    doors = [one for one in region.of(VpcEndpoint) if _service(one) == service]
    ways = [_through(region, source, door) for door in doors] or [to_internet(region, source)]
    return next((way for way in ways if way.is_open), ways[0])


def _service(door: VpcEndpoint) -> str:
    last = door.service.parts[-1] if isinstance(door.service, Join) else door.service
    return last.rsplit(".", 1)[-1] if isinstance(last, str) else ""


def _through(region: RegionPlan, source: str, door: VpcEndpoint) -> Way:
    if door.kind == "Interface":
        way = to_resource(region, source, door.key, HTTPS)
        lacks = () if door.has_private_dns is True else (f"{door.key} does not answer for the service's own name",)
        return Way((door.key, *way.by), (*way.missing, *lacks))
    start = _place(region, source)
    out = _everywhere(region, start, HTTPS)
    tables = [region.resolve(link, RouteTable) for link in door.route_tables]
    missing = [f"{one.key} has no route to {door.key}" for one in start.subnets if _table(region, one) not in tables]
    if not start.subnets:
        missing.append(f"the subnets of {start.name} are not in this plan")
    if out is None:
        missing.append(f"nothing lets {start.name} out to the addresses of {door.key}")
    return Way((door.key, *([out.resource.key] if out else [])), tuple(missing))


def _leaving(region: RegionPlan, start: _Place, end: _Place, port: int) -> Opening | None:
    for group in start.groups or ():
        if group.egress is None:
            return Opening(group, "-1", None, None, cidr=_EVERYWHERE)
        for one in egress(group, region):
            if one.covers(port) and _is_about(one, end):
                return one
    return None


def _entering(region: RegionPlan, start: _Place, end: _Place, port: int) -> Opening | None:
    admitted = (one for group in end.groups or () for one in ingress(group, region))
    return next((one for one in admitted if one.covers(port) and _is_about(one, start)), None)


def _everywhere(region: RegionPlan, start: _Place, port: int) -> Opening | None:
    for group in start.groups or ():
        if group.egress is None:
            return Opening(group, "-1", None, None, cidr=_EVERYWHERE)
        for one in egress(group, region):
            if one.covers(port) and one.cidr == _EVERYWHERE:
                return one
    return None


def _is_about(rule: Opening, place: _Place) -> bool:
    """Whether a rule's peer is this place: by a group that it wears, or by the addresses of all its subnets."""
    if rule.group is not None:
        return rule.group in (place.groups or ())
    ranges = [_range(one.cidr) for one in place.subnets]
    peer = _range(rule.cidr)
    if peer is None or not ranges:
        return False
    return all(one is not None and one.subnet_of(peer) for one in ranges)


def _range(value: object) -> IPv4Network | None:
    try:
        return IPv4Network(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _way_out(region: RegionPlan, subnet: Subnet) -> Route | None:
    """The default route by which a subnet's own addresses get out: NAT in a subnet that has an internet gateway."""
    table = _table(region, subnet)
    for route in _defaults(region, table):
        nat = region.resolve(route.nat_gateway, NatGateway)
        home = region.resolve(nat.subnet, Subnet) if nat else subnet if subnet.maps_public_ip is True else None
        if home is not None and _has_gateway(region, home):
            return route
    return None


def _has_gateway(region: RegionPlan, subnet: Subnet) -> bool:
    attached = {one.internet_gateway for one in region.of(GatewayAttachment)}
    return any(
        route.internet_gateway in attached and route.internet_gateway is not None
        for route in _defaults(region, _table(region, subnet))
    )


def _defaults(region: RegionPlan, table: RouteTable | None) -> Iterator[Route]:
    if table is not None:
        for route in region.of(Route):
            if route.destination == _EVERYWHERE and region.resolve(route.route_table, RouteTable) is table:
                yield route


def _table(region: RegionPlan, subnet: Subnet) -> RouteTable | None:
    for one in region.of(RouteTableAssociation):
        if region.resolve(one.subnet, Subnet) is subnet:
            return region.resolve(one.route_table, RouteTable)
    return None


def _place(region: RegionPlan, key: str) -> _Place:
    one = region[key]
    match one:
        case SecurityGroup():
            return _Place(key, (one,), ())
        case Subnet():
            return _Place(key, None, (one,))
        case DbInstance():
            return _Place(key, _groups(region, one.security_groups), _database_subnets(region, one))
        case DbProxy() | Function():
            return _Place(key, _groups(region, one.security_groups), _subnets(region, one.subnets))
        case Instance():
            return _Place(key, _groups(region, one.security_groups), _subnets(region, (one.subnet,)))
        case VpcEndpoint():
            return _Place(key, _groups(region, one.groups), _subnets(region, one.subnets))
    raise KeyError(f"{key} is a {type(one).__name__}, which stands in no network")


def _database_subnets(region: RegionPlan, database: DbInstance) -> tuple[Subnet, ...]:
    """The subnets of its group; a replica in the same region stands where its source does."""
    source = region.resolve(database.source, DbInstance)
    if database.subnet_group is None and source is not None:
        return _database_subnets(region, source)
    group = region.resolve(database.subnet_group, SubnetGroup)
    return _subnets(region, group.subnets) if group else ()


def _groups(region: RegionPlan, links: Iterable[object]) -> tuple[SecurityGroup, ...]:
    return tuple(group for link in links if (group := region.resolve(link, SecurityGroup)) is not None)


def _subnets(region: RegionPlan, links: Iterable[object]) -> tuple[Subnet, ...]:
    return tuple(subnet for link in links if (subnet := region.resolve(link, Subnet)) is not None)


def places(region: RegionPlan) -> list[str]:
    """The keys of everything that stands in the network and may open a connection."""
    movers: tuple[type[Resource], ...] = (DbInstance, DbProxy, Function, Instance)
    return [one.key for one in region.resources if isinstance(one, movers) and not _is_outside(one)]


def _is_outside(one: Resource) -> bool:
    """A function without subnets stands in no network of ours."""
    return isinstance(one, Function) and not one.subnets
