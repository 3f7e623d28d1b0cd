"""What security groups let through: rules inside a group and rules of their own, seen as one list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mainstay.checks.scene import Scene, literal
from mainstay.facts import load
from mainstay.plan.resources import DbInstance, EgressRule, IngressRule, Resource, RulePeer, SecurityGroup
from mainstay.plan.values import Value

_TCP = ("tcp", "6")
_ALL = ("-1", "all")
# How a group without a way out is spelled, because an empty list means that everything may leave.
_NOWHERE = ("127.0.0.1/32", "255.255.255.255/32", "::1/128")


@dataclass(frozen=True, slots=True)
class Opening:
    """One rule: the resource that states it, its ports, and the peer: a group of the plan, an address range, or other.

    `group` is None and `cidr` empty when the peer is something that the plan does not resolve.
    """

    resource: Resource
    protocol: str | None
    from_port: Value[int] | None
    to_port: Value[int] | None
    group: SecurityGroup | None = None
    cidr: str = ""

    def covers(self, port: int) -> bool | None:
        """Whether TCP traffic to the port passes; None when that cannot be seen."""
        if self.protocol in _ALL:
            return True
        if self.protocol not in _TCP:
            return None if self.protocol is None else False
        low, high = literal(self.from_port, int), literal(self.to_port, int)
        return None if low is None or high is None else low <= port <= high

    @property
    def is_to_everyone(self) -> bool:
        """Whether the peer is the whole internet."""
        return self.cidr.endswith("/0")


def ingress(group: SecurityGroup, scene: Scene) -> Iterator[Opening]:
    """Everything that a group admits."""
    yield from (_inside(group, peer, scene) for peer in group.ingress)
    for rule in scene.region.of(IngressRule):
        if scene.region.resolve(rule.group, SecurityGroup) is group:
            peer = scene.region.resolve(rule.source_group, SecurityGroup)
            cidr = literal(rule.cidr, str) or literal(rule.cidr_v6, str) or ""
            yield Opening(rule, literal(rule.protocol, str), rule.from_port, rule.to_port, peer, cidr)


def egress(group: SecurityGroup, scene: Scene) -> list[Opening]:
    """Everything that a group's own rules let out; with `group.egress` None AWS lets out everything else too."""
    rules = [_inside(group, peer, scene) for peer in group.egress or ()]
    for rule in scene.region.of(EgressRule):
        if scene.region.resolve(rule.group, SecurityGroup) is group:
            peer = scene.region.resolve(rule.destination_group, SecurityGroup)
            cidr = literal(rule.cidr, str) or literal(rule.cidr_v6, str) or ""
            rules.append(Opening(rule, literal(rule.protocol, str), rule.from_port, rule.to_port, peer, cidr))
    return [rule for rule in rules if rule.cidr not in _NOWHERE]


def names(openings: Iterable[Opening], groups: list[SecurityGroup], port: int) -> bool:
    """Whether one of the rules is about one of these groups, on the port."""
    return any(opening.group in groups and opening.covers(port) for opening in openings if opening.group is not None)


def lets_through(openings: Iterable[Opening], groups: list[SecurityGroup], port: int) -> bool:
    """Whether one of the rules may let traffic between these groups pass.

    An address range, a prefix list or an unresolved peer may hold the other side, and an unseen port may be this one.
    """
    return any(
        opening.covers(port) is not False and (opening.group is None or opening.group in groups) for opening in openings
    )


def port_of(database: DbInstance, scene: Scene) -> int | None:
    """The port of an instance: as written, else its engine's default."""
    written = scene.inherited(database, "port", int)
    engine = scene.engine_of(database)
    is_silent = all(each.port is None for each in scene.lineage(database))
    default = load("limits").data["port"]["default"]
    return int(default[engine]) if is_silent and engine else written


def groups_of(links: tuple[object, ...], scene: Scene) -> list[SecurityGroup]:
    """The groups of this plan among some links."""
    found = (scene.region.resolve(link, SecurityGroup) for link in links)
    return [group for group in found if group is not None]


def _inside(group: SecurityGroup, peer: object, scene: Scene) -> Opening:
    # One element may stand for the whole list: an expression that only the target resolves.
    if not isinstance(peer, RulePeer):
        return Opening(group, None, None, None)
    cidr = literal(peer.cidr, str) or literal(peer.cidr_v6, str) or ""
    other = scene.region.resolve(peer.group, SecurityGroup)
    return Opening(group, literal(peer.protocol, str), peer.from_port, peer.to_port, other, cidr)
