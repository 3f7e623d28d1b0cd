"""Who reaches whom in a region: security groups at both ends, subnets, routes, NAT, and doors to AWS's services.

One walk, both ways: what lets the client out, by which route, and what lets it in. Three answers: open, shut (something
is surely missing), or neither, where the plan does not show enough. What stands outside the plan cannot be seen into.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from typing import Final, Literal

from mainstay.core.records import dataclass
from mainstay.plan.graph import needs
from mainstay.plan.mentions import has_kind, is_mentioned, meddled
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import ElasticIp, HostedZone, IngressRule, Instance, RouteTable, Subnet, Vpc, VpcEndpoint
from mainstay.plan.routes import EVERYWHERE, Exit, table_of, way_out
from mainstay.plan.standing import Place, is_about, may_speak_v6, place, places
from mainstay.plan.traffic import Opening, egress, ingress, leaves_freely
from mainstay.plan.values import Join, Ref, is_expression

HTTPS: Final = 443
__all__ = ["HTTPS", "Gap", "Way", "places", "service_of", "to_internet", "to_resource", "to_service"]


@dataclass(frozen=True, slots=True)
class Gap:
    """What a way surely lacks: in words, at which resource it is mended, and how.

    `side`: the client's groups, the other end's, routes, the door to a service, or the networks as such.
    """

    words: str
    at: str
    fix: str
    side: Literal["egress", "ingress", "route", "door", "network"]


@dataclass(frozen=True, slots=True)
class Way:
    """A connection that was asked about: the rules, routes and doors that it goes by, and what it lacks.

    `unseen` says in words what the plan does not show.
    """

    by: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """What is surely missing, in words."""
        return tuple(gap.words for gap in self.gaps)

    @property
    def is_open(self) -> bool:
        """Whether nothing is missing, and everything was seen."""
        return not self.gaps and not self.unseen

    @property
    def is_shut(self) -> bool:
        """Whether something is surely missing, whatever the plan does not show."""
        return bool(self.gaps)


def to_resource(region: RegionPlan, source: str, target: str, port: int) -> Way:
    """The way from one resource to another of the same network, on a TCP port.

    Either may be an instance, a proxy, a function, a host or an endpoint; the source also a security group (whoever
    wears it) or a subnet (whatever stands in it). KeyError for what is no place in a network.
    """
    start, end = place(region, source), place(region, target)
    if apart := _apart(region, start, end):
        return apart
    out, may_leave = _leaving(region, start, end, port)
    into, may_enter = _entering(region, start, end, port)
    gaps, unseen = [], []
    first, last = _first(start), _first(end)
    if may_leave is False:
        fix = f"add an egress rule to {first}: TCP {port} to {last}"
        gaps.append(Gap(f"nothing lets {start.name} out to {end.name} on {port}", first, fix, "egress"))
    if may_enter is False:
        fix = f"add an ingress rule to {last}: TCP {port} from {first}"
        gaps.append(Gap(f"{end.worn} does not admit {start.name} to port {port}", last, fix, "ingress"))
    if may_leave is None:
        unseen.append(f"whether {start.name} is let out to {end.name} on {port}")
    if may_enter is None:
        unseen.append(f"whether {end.name} admits {start.name} on {port}")
    return Way(_keys(out, into), tuple(gaps), tuple(unseen))


def to_internet(region: RegionPlan, source: str, port: int = HTTPS) -> Way:
    """The way from a resource to any address of the internet: from each of its subnets by NAT, and past its groups."""
    start = place(region, source)
    out, may_leave = _everywhere(region, start, port)
    by, gaps, unseen = [*_keys(out)], [], []
    if may_leave is False:
        fix = f"add an egress rule to {_first(start)}: TCP {port} to {EVERYWHERE}"
        gaps.append(Gap(f"nothing lets {source} out to the internet on {port}", _first(start), fix, "egress"))
    elif may_leave is None:
        unseen.append(f"whether {source} is let out to the internet")
    if not start.sees_subnets:
        unseen.append(f"the subnets of {source} are not in this plan")
    exits = [(subnet, way_out(region, subnet, has_address=_has_address(region, start))) for subnet in start.subnets]
    for subnet, found in exits:
        by += found.by if found.is_open else ()
        if found.is_open is None:
            unseen.append(f"whether {subnet.key} has a way to the internet")
    gaps += _without_exit(exits)
    return Way(tuple(dict.fromkeys(by)), tuple(gaps), tuple(unseen))


def _without_exit(exits: Iterable[tuple[Subnet, Exit]]) -> Iterator[Gap]:
    for subnet, found in exits:
        if found.is_open is False:
            fix = f"route {EVERYWHERE} of {subnet.key} to a NAT gateway in a subnet that has an internet gateway"
            yield Gap(found.words, found.at, fix, "route")


def to_service(region: RegionPlan, source: str, service: str) -> Way:
    """The way to an AWS service by its endpoint's name (`ssm`, `secretsmanager`, `s3`): by its own door, or by NAT.

    A door with private names takes all calls of its VPC to the service, also where NAT would have carried them.
    """
    start, doors = place(region, source), [one for one in region.of(VpcEndpoint) if service_of(one) in (service, "")]
    if start.is_outside:
        return Way()
    if start.vpc is None or start.vpc.key in meddled(region):
        return Way(unseen=(f"the network of {source} is not in this plan",))
    if any(service_of(one) == "" or not isinstance(one.vpc, Ref) or is_expression(one.kind) for one in doors):
        return Way(unseen=(f"whether {start.vpc.key} has a door to {service}",))
    named = [one for one in doors if one.vpc == Ref(start.vpc.key) and _answers(one)]
    if len(named) == 1 and named[0].has_private_dns is True:
        return _by_interface(region, start, start.vpc, named[0])
    if named:
        # One of several ways is taken, and nobody knows which: two doors of a VPC cannot have the same name at once.
        return Way(unseen=(f"whether {named[0].key} answers for the service's own name",))
    return _by_routes(region, start, start.vpc, service, doors)


def _by_routes(region: RegionPlan, start: Place, vpc: Vpc, service: str, doors: list[VpcEndpoint]) -> Way:
    """Where no door answers for the service's name: by a gateway's routes, or out of the VPC."""
    own = [one for one in doors if one.vpc == Ref(vpc.key)]
    ways = [to_internet(region, start.name), *(_by_gateway(region, start, one) for one in own if _is_gateway(one))]
    for way in (*(one for one in ways if one.is_open), *(one for one in ways if not one.is_shut)):
        return way
    if _takes_another_name(region, start.name, own):
        return Way(unseen=(f"by which door {start.name} reaches {service}",))
    gaps = [*(gap for way in ways for gap in way.gaps), *_lacking_door(vpc.key, service, doors)]
    return Way(gaps=tuple(dict.fromkeys(gaps)))


def service_of(door: VpcEndpoint) -> str:
    """The service that an endpoint is a door to, such as `ssm`; empty when that cannot be seen."""
    last = door.service.parts[-1] if isinstance(door.service, Join) else door.service
    return last.rsplit(".", 1)[-1] if isinstance(last, str) else ""


def _is_gateway(door: VpcEndpoint) -> bool:
    return door.kind != "Interface"


def _answers(door: VpcEndpoint) -> bool:
    """Whether the service's own name may lead to the door."""
    return door.kind == "Interface" and door.has_private_dns is not False


def _lacking_door(vpc: str, service: str, doors: list[VpcEndpoint]) -> Iterator[Gap]:
    """What is wrong with the doors to a service: one has no names, one is another VPC's, or there is none."""
    named = f"add an interface endpoint for {service} to {vpc}, with private DNS"
    for door in doors:
        if door.vpc == Ref(vpc) and not _is_gateway(door):
            words = f"{door.key} does not answer for the service's own name (PrivateDnsEnabled is false)"
            yield Gap(words, door.key, f"set PrivateDnsEnabled of {door.key} to true", "door")
        elif door.vpc != Ref(vpc):
            yield Gap(f"{door.key} is no door of {vpc}", door.key, named, "door")
    if not doors:
        yield Gap(f"{vpc} has no endpoint for {service}", vpc, named, "door")


def _takes_another_name(region: RegionPlan, source: str, doors: list[VpcEndpoint]) -> bool:
    """Whether names of the doors' own may be used, told to the client or kept in a zone."""
    unnamed, told = [one.key for one in doors if not _is_gateway(one)], needs(region[source])
    has_zone = any(region.of(HostedZone)) or has_kind(region, "hostedzone", "route53zone", "resolverrule")
    return any(key in told or has_zone for key in unnamed)


def _by_interface(region: RegionPlan, start: Place, vpc: Vpc, door: VpcEndpoint) -> Way:
    way = to_resource(region, start.name, door.key, HTTPS)
    # A VPC has DNS by default, and no host names (VPC User Guide, AmazonDNS-concepts, 2026-11-21).
    off = {
        "EnableDnsSupport": vpc.has_dns_support is False,
        "EnableDnsHostnames": vpc.has_dns_hostnames in (None, False),
    }
    lacking = " and ".join(name for name, is_off in off.items() if is_off)
    words = f"the private names of {door.key} need {lacking} on {vpc.key}"
    names = (Gap(words, vpc.key, f"set {lacking} of {vpc.key} to true", "door"),) if lacking else ()
    return Way((door.key, *way.by), (*way.gaps, *names), way.unseen)


def _by_gateway(region: RegionPlan, start: Place, door: VpcEndpoint) -> Way:
    out, may_leave = _everywhere(region, start, HTTPS)
    tables = [region.resolve(link, RouteTable) for link in door.route_tables]
    gaps, unseen = [], []
    if may_leave is False:
        fix = f"add an egress rule to {_first(start)}: TCP {HTTPS} to the prefix list of {door.key}"
        words = f"nothing lets {start.name} out to the addresses of {door.key}"
        gaps.append(Gap(words, _first(start), fix, "egress"))
    elif may_leave is None:
        unseen.append(f"whether {start.name} is let out to the addresses of {door.key}")
    if not start.sees_subnets:
        unseen.append(f"the subnets of {start.name} are not in this plan")
    for subnet in start.subnets:
        table, is_seen = table_of(region, subnet)
        if not is_seen or None in tables:
            unseen.append(f"whether {subnet.key} has a route to {door.key}")
        elif table not in tables:
            fix = f"add the route table of {subnet.key} to {door.key}"
            gaps.append(Gap(f"{subnet.key} has no route to {door.key}", door.key, fix, "door"))
    return Way((door.key, *_keys(out)), tuple(gaps), tuple(unseen))


def _apart(region: RegionPlan, start: Place, end: Place) -> Way | None:
    """The answer for two places that do not stand in one network."""
    if start.is_outside or end.is_outside:
        lone = start if start.is_outside else end
        other = end if start.is_outside else start
        words = f"{lone.name} stands in no VPC, {other.name} in one"
        fix = f"give {lone.name} subnets and a group in the VPC of {other.name}"
        return Way(gaps=(Gap(words, lone.name, fix, "network"),))
    if start.vpc is None or end.vpc is None or start.vpc == end.vpc:
        return None
    if has_kind(region, "peering", "transitgateway", "vpngateway", "vpclattice"):
        return Way(unseen=(f"how {start.vpc.key} and {end.vpc.key} are joined",))
    words = f"{start.name} stands in {start.vpc.key}, {end.name} in {end.vpc.key}"
    return Way(gaps=(Gap(words, start.name, f"put {start.name} into {end.vpc.key}", "network"),))


def _leaving(region: RegionPlan, start: Place, end: Place, port: int) -> tuple[Opening | None, bool | None]:
    if start.groups is None:
        return None, True
    rules = ((rule, _both(rule.covers(port), is_about(rule, end, region))) for rule in _out(region, start))
    return _best(rules, sees_all=start.sees_groups)


def _entering(region: RegionPlan, start: Place, end: Place, port: int) -> tuple[Opening | None, bool | None]:
    admitted = (rule for group in end.groups or () for rule in ingress(group, region))
    rules = ((rule, _both(rule.covers(port), is_about(rule, start, region))) for rule in admitted)
    return _best(rules, sees_all=end.sees_groups or _wears_default(region, end))


def _wears_default(region: RegionPlan, end: Place) -> bool:
    """Whether an endpoint wears the group that comes with its VPC, which as it comes admits only itself.

    PrivateLink Guide, create-interface-endpoint, "Security groups" (2026-11-21).
    """
    door = region[end.name]
    if not isinstance(door, VpcEndpoint) or door.groups or door.extras or end.vpc is None:
        return False
    is_changed = any(not isinstance(rule.group, Ref) for rule in region.of(IngressRule))
    return not is_changed and not has_kind(region, "defaultsecuritygroup")


def _everywhere(region: RegionPlan, start: Place, port: int) -> tuple[Opening | None, bool | None]:
    rules = ((rule, _both(rule.covers(port), _is_public(rule, start))) for rule in _out(region, start))
    return _best(rules, sees_all=start.sees_groups)


def _out(region: RegionPlan, start: Place) -> Iterator[Opening]:
    for group in start.groups or ():
        if leaves_freely(group, region):
            yield Opening(group, "-1", None, None, cidr=EVERYWHERE)
        yield from egress(group, region)


def _is_public(rule: Opening, start: Place) -> bool | None:
    """Whether a rule lets out to any address of the internet; None for what may be those of a service."""
    if rule.group is not None:
        return False
    if ":" in rule.cidr:
        return None if may_speak_v6(start) else False
    try:
        peer = IPv4Network(rule.cidr)
    except ValueError:
        return None
    return True if peer.prefixlen == 0 else False if peer.is_private else None


def _best(rules: Iterable[tuple[Opening, bool | None]], *, sees_all: bool) -> tuple[Opening | None, bool | None]:
    """The first rule that surely lets something through; whether there is one, None when there may be."""
    is_doubtful = not sees_all
    for rule, verdict in rules:
        if verdict is True:
            return rule, True
        is_doubtful = is_doubtful or verdict is None
    return None, None if is_doubtful else False


def _both(one: bool | None, two: bool | None) -> bool | None:
    if one is False or two is False:
        return False
    return None if one is None or two is None else True


def _has_address(region: RegionPlan, start: Place) -> bool | None:
    """Whether what stands there has a public address; a function never has one, whatever its subnet gives.

    Lambda Developer Guide, configuration-vpc-internet (2026-11-21).
    """
    if start.is_function:
        return False
    if all(one.maps_public_ip is True for one in start.subnets):
        return True
    is_given = any(one.extras for one in region.of(ElasticIp)) or has_kind(region, "eipassociation")
    is_plain = all(one.maps_public_ip in (None, False) for one in start.subnets)
    is_host = isinstance(region[start.name], Instance) and start.sees_subnets
    return False if is_host and is_plain and not is_given and not is_mentioned(start.name, region) else None


def _first(there: Place) -> str:
    return there.groups[0].key if there.groups else there.name


def _keys(*rules: Opening | None) -> tuple[str, ...]:
    return tuple(rule.resource.key for rule in rules if rule is not None)
