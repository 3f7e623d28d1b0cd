"""Where things stand in a network: their groups, subnets and VPC, and what of these cannot be seen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, TypeVar

from mainstay.core.records import dataclass
from mainstay.plan.mentions import has_kind, keeps
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import (
    DbInstance,
    DbProxy,
    Function,
    Instance,
    Resource,
    SecurityGroup,
    Subnet,
    SubnetGroup,
    Vpc,
    VpcEndpoint,
)
from mainstay.plan.traffic import Opening

R = TypeVar("R", bound=Resource)
# Paths of properties that tell where something stands, in both formats.
_NETWORK: Final = re.compile(r"(^|\.)(network_?interfaces?\b|vpc_?config(?!\.(0\.)?vpc_id))|security_?group|subnet")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: the groups that it wears (None: its owner decides) and its subnets.

    `sees_groups` and `sees_subnets` say whether these are all of them; `vpc` is None when the plan does not hold it.
    """

    name: str
    groups: tuple[SecurityGroup, ...] | None
    subnets: tuple[Subnet, ...]
    sees_groups: bool
    sees_subnets: bool
    vpc: Vpc | None
    is_function: bool = False
    is_outside: bool = False

    @property
    def worn(self) -> str:
        """The groups in words; of what wears none that is known, its own name."""
        return " or ".join(one.key for one in self.groups or ()) or self.name


def place(region: RegionPlan, key: str) -> Place:
    """Where an instance, a proxy, a function, a host or an endpoint stands; or who wears a group, or is in a subnet.

    KeyError for what is no place in a network.
    """
    one = region[key]
    match one:
        case SecurityGroup():
            return _place(region, one, (one,), (), (), sees_subnets=False)
        case Subnet():
            vpc = region.resolve(one.vpc, Vpc)
            return Place(key, None, (one,), sees_groups=False, sees_subnets=True, vpc=vpc)
        case DbInstance():
            return _of_database(region, one)
        case DbProxy() | Function():
            return _place(region, one, one.security_groups, one.subnets, ())
        case Instance():
            return _place(region, one, one.security_groups, () if one.subnet is None else (one.subnet,), ())
        case VpcEndpoint():
            return _place(region, one, one.groups, one.subnets, (one.vpc,))
    raise KeyError(f"{key} is a {type(one).__name__}, which stands in no network")


def _place(
    region: RegionPlan,
    one: Resource,
    groups: tuple[object, ...],
    subnets: tuple[object, ...],
    vpcs: tuple[object, ...],
    *,
    sees_subnets: bool = True,
) -> Place:
    worn = (one,) if isinstance(one, SecurityGroup) else _resolved(region, groups, SecurityGroup)
    within = _resolved(region, subnets, Subnet)
    # A subnet says it best; groups alone have to do where none is seen.
    links = vpcs or tuple(each.vpc for each in within) or tuple(each.vpc for each in worn)
    networks = _resolved(region, links, Vpc)
    is_whole = not keeps(one, _NETWORK)
    return Place(
        one.key,
        worn,
        within,
        sees_groups=bool(worn) and len(worn) == len(groups) and is_whole,
        sees_subnets=sees_subnets and bool(within) and len(within) == len(subnets) and is_whole,
        vpc=networks[0] if networks else None,
        is_function=isinstance(one, Function),
        is_outside=isinstance(one, Function) and not subnets and not groups and is_whole,
    )


def _of_database(region: RegionPlan, database: DbInstance) -> Place:
    """In the subnets of its group; a replica in the same region stands where its source does."""
    group = region.resolve(_stands_like(region, database).subnet_group, SubnetGroup)
    return _place(region, database, database.security_groups, group.subnets if group else (), ())


def _stands_like(region: RegionPlan, database: DbInstance) -> DbInstance:
    seen = {database.key}
    while database.subnet_group is None:
        source = region.resolve(database.source, DbInstance)
        if source is None or source.key in seen:
            break
        seen.add(source.key)
        database = source
    return database


def _resolved(region: RegionPlan, links: Iterable[object], kind: type[R]) -> tuple[R, ...]:
    return tuple(found for link in links if (found := region.resolve(link, kind)) is not None)


def is_about(rule: Opening, there: Place, region: RegionPlan) -> bool | None:
    """Whether a rule's peer is this place, by a group that it wears or by addresses; None when that cannot be seen."""
    if rule.group is not None:
        if rule.group in (there.groups or ()):
            return True
        return False if there.sees_groups else None
    peer = _range(rule.cidr)
    if peer is None:
        return None
    if isinstance(peer, IPv6Network):
        return None if may_speak_v6(there) else False
    return _holds(peer, there, region)


def may_speak_v6(there: Place) -> bool:
    """Whether something there may have an address of IPv6: its subnets are not seen, or one has a range of those."""
    return not there.sees_subnets or any("ipv6" in path.lower() for one in there.subnets for path in one.extras)


def _holds(peer: IPv4Network, there: Place, region: RegionPlan) -> bool | None:
    if peer.prefixlen == 0:
        return True
    network = _range(there.vpc.cidr) if there.vpc else None
    if isinstance(network, IPv4Network) and network.subnet_of(peer):
        return True
    ranges = [_range(one.cidr) for one in there.subnets]
    known = [one for one in ranges if isinstance(one, IPv4Network)]
    if there.sees_subnets and len(known) == len(ranges):
        if all(one.subnet_of(peer) for one in known):
            return True
        return None if any(one.overlaps(peer) for one in known) else False
    # A VPC may have been given further ranges.
    is_elsewhere = network is not None and not network.overlaps(peer) and not has_kind(region, "cidrblock")
    return False if is_elsewhere else None


def _range(value: object) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(value) if isinstance(value, str) else None
    except ValueError:
        return None


def places(region: RegionPlan) -> list[str]:
    """The keys of everything that stands in the network and may open a connection."""
    movers: tuple[type[Resource], ...] = (DbInstance, DbProxy, Function, Instance)
    return [one.key for one in region.resources if isinstance(one, movers) and not _is_outside(one)]


def _is_outside(one: Resource) -> bool:
    """A function without subnets stands in no network of ours."""
    return isinstance(one, Function) and not one.subnets
