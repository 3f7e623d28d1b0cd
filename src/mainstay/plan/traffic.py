"""What security groups let through: rules inside a group and rules of their own, seen as one list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import EgressRule, IngressRule, Resource, RulePeer, SecurityGroup
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
        low, high = self.from_port, self.to_port
        if not isinstance(low, int) or not isinstance(high, int):
            return None
        return low <= port <= high

    @property
    def is_to_everyone(self) -> bool:
        """Whether the peer is the whole internet."""
        return self.cidr.endswith("/0")


def ingress(group: SecurityGroup, region: RegionPlan) -> list[Opening]:
    """Everything that a group admits."""
    return region.remember(("ingress", group.key), lambda: list(_ingress(group, region)))


def egress(group: SecurityGroup, region: RegionPlan) -> list[Opening]:
    """Everything that a group's own rules let out; with `group.egress` None AWS lets out everything else too."""
    return region.remember(("egress", group.key), lambda: _egress(group, region))


def _ingress(group: SecurityGroup, region: RegionPlan) -> Iterator[Opening]:
    yield from (_inside(group, peer, region) for peer in group.ingress)
    for rule in region.of(IngressRule):
        if region.resolve(rule.group, SecurityGroup) is group:
            peer = region.resolve(rule.source_group, SecurityGroup)
            yield Opening(
                rule, _text(rule.protocol), rule.from_port, rule.to_port, peer, _cidr(rule.cidr, rule.cidr_v6)
            )


def _egress(group: SecurityGroup, region: RegionPlan) -> list[Opening]:
    rules = [_inside(group, peer, region) for peer in group.egress or ()]
    for rule in region.of(EgressRule):
        if region.resolve(rule.group, SecurityGroup) is group:
            peer = region.resolve(rule.destination_group, SecurityGroup)
            cidr = _cidr(rule.cidr, rule.cidr_v6)
            rules.append(Opening(rule, _text(rule.protocol), rule.from_port, rule.to_port, peer, cidr))
    return [rule for rule in rules if rule.cidr not in _NOWHERE]


def _inside(group: SecurityGroup, peer: object, region: RegionPlan) -> Opening:
    # One element may stand for the whole list: an expression that only the target resolves.
    if not isinstance(peer, RulePeer):
        return Opening(group, None, None, None)
    other = region.resolve(peer.group, SecurityGroup)
    cidr = _cidr(peer.cidr, peer.cidr_v6)
    return Opening(group, _text(peer.protocol), peer.from_port, peer.to_port, other, cidr)


def _cidr(four: object, six: object) -> str:
    return _text(four) or _text(six) or ""


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
