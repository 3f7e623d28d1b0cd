"""What security groups let through: rules inside a group and rules of their own, seen as one list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from mainstay.core.records import dataclass
from mainstay.facts import load
from mainstay.plan.mentions import meddled
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import DbInstance, EgressRule, IngressRule, Resource, RulePeer, SecurityGroup, Vpc
from mainstay.plan.values import Attr, If, Ref, Unknown

K = TypeVar("K", IngressRule, EgressRule)
_TCP = ("tcp", "6")
_ALL = ("-1", "all")
# How a group without a way out is spelled, because an empty list means that everything may leave.
_NOWHERE = ("127.0.0.1/32", "255.255.255.255/32", "::1/128")
# A rule whose group cannot be seen may be any group's.
_ANYBODY = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """One rule: the resource that states it, its ports, and the peer: a group of the plan, an address range, or other.

    `group` is None and `cidr` empty when the peer is something that the plan does not resolve.
    """

    resource: Resource
    protocol: str | None
    from_port: int | None
    to_port: int | None
    group: SecurityGroup | None = None
    cidr: str = ""

    def covers(self, port: int) -> bool | None:
        """Whether TCP traffic to the port passes; None when that cannot be seen."""
        if self.protocol in _ALL:
            return True
        if self.protocol not in _TCP:
            return None if self.protocol is None else False
        low, high = self.from_port, self.to_port
        if low is None or high is None:
            return None
        return low <= port <= high

    @property
    def is_to_everyone(self) -> bool:
        """Whether the peer is the whole internet."""
        return self.cidr.endswith("/0")


def ingress(group: SecurityGroup, region: RegionPlan) -> list[Opening]:
    """Everything that a group admits; what may admit more, unseen, is an opening about nobody."""
    return region.remember(("ingress", group.key), lambda: list(_ingress(group, region)))


def egress(group: SecurityGroup, region: RegionPlan) -> list[Opening]:
    """Everything that a group's own rules let out; `leaves_freely` says when AWS lets out everything else too."""
    return region.remember(("egress", group.key), lambda: _egress(group, region))


def leaves_freely(group: SecurityGroup, region: RegionPlan) -> bool:
    """Whether AWS's rule that lets everything out stands, which it does for a group without any rule of its own.

    One in a resource of its own takes it away as well (CloudFormation Template Reference,
    aws-resource-ec2-securitygroup, "Remove the default rule"; seen in aws-cdk #987 and #3355; 2026-11-21).
    """
    return group.egress is None and not _is_hidden(group, "egress") and not _rules(region, EgressRule).get(group.key)


def _ingress(group: SecurityGroup, region: RegionPlan) -> Iterator[Opening]:
    yield from (_inside(group, peer, region) for peer in group.ingress)
    rules = _rules(region, IngressRule)
    for rule in rules.get(group.key, ()):
        peer = region.resolve(rule.source_group, SecurityGroup)
        cidr = _cidr(rule.cidr, rule.cidr_v6, region)
        yield Opening(rule, _text(rule.protocol), *_ports(rule, region), peer, cidr)
    yield from (Opening(rule, None, None, None) for rule in rules.get(_ANYBODY, ()))
    yield from _unseen(group, "ingress", region)


def _egress(group: SecurityGroup, region: RegionPlan) -> list[Opening]:
    found = [_inside(group, peer, region) for peer in group.egress or ()]
    rules = _rules(region, EgressRule)
    for rule in rules.get(group.key, ()):
        peer = region.resolve(rule.destination_group, SecurityGroup)
        cidr = _cidr(rule.cidr, rule.cidr_v6, region)
        found.append(Opening(rule, _text(rule.protocol), *_ports(rule, region), peer, cidr))
    found += [Opening(rule, None, None, None) for rule in rules.get(_ANYBODY, ())]
    # CloudFormation makes of an empty list that everything may leave, and Terraform that nothing may.
    is_doubtful = group.egress == () or (group.egress is None and any(_hangs(one) for one in rules.get(group.key, ())))
    found += [Opening(group, None, None, None)] if is_doubtful else _unseen(group, "egress", region)
    return [rule for rule in found if rule.cidr not in _NOWHERE]


def _hangs(rule: EgressRule) -> bool:
    """Whether a rule hangs on a condition of its template, without which AWS's own rule stands."""
    return "@Condition" in rule.extras


def _unseen(group: SecurityGroup, word: str, region: RegionPlan) -> Iterator[Opening]:
    if _is_hidden(group, word) or group.key in meddled(region):
        yield Opening(group, None, None, None)


def _is_hidden(group: SecurityGroup, word: str) -> bool:
    """Whether rules are kept as they were written, because no field could hold their form."""
    return any(word in path.lower() for path in group.extras)


def _rules(region: RegionPlan, kind: type[K]) -> dict[str, list[K]]:
    """Rules of their own by the key of their group."""

    def found() -> dict[str, list[K]]:
        by_group: dict[str, list[K]] = {}
        for rule in region.of(kind):
            for key in dict.fromkeys(_owners(rule.group)):
                by_group.setdefault(key, []).append(rule)
        return by_group

    return region.remember(("rules", kind.__name__), found)


def _owners(link: object) -> Iterator[str]:
    match link:
        case Ref(key):
            yield key
        case If() | Unknown():
            yield _ANYBODY


def _inside(group: SecurityGroup, peer: object, region: RegionPlan) -> Opening:
    # One element may stand for the whole list: an expression that only the target resolves.
    if not isinstance(peer, RulePeer):
        return Opening(group, None, None, None)
    other = region.resolve(peer.group, SecurityGroup)
    cidr = _cidr(peer.cidr, peer.cidr_v6, region)
    return Opening(group, _text(peer.protocol), *_ports(peer, region), other, cidr)


def _ports(rule: RulePeer | IngressRule | EgressRule, region: RegionPlan) -> tuple[int | None, int | None]:
    """The ports of a rule, as far as they can be seen; a rule of the CDK names the attribute of an instance."""
    return _port(rule.from_port, region), _port(rule.to_port, region)


def _port(value: object, region: RegionPlan) -> int | None:
    if isinstance(value, Attr) and value.name == "endpoint_port":
        database = region.resolve(Ref(value.key), DbInstance)
        value = _listens_on(database) if database else None
    return value if isinstance(value, int) else None


def _listens_on(database: DbInstance) -> object:
    engine = str(database.engine).lower()
    return load("limits").data["port"]["default"].get(engine) if database.port is None else database.port


def _cidr(four: object, six: object, region: RegionPlan) -> str:
    if isinstance(four, Attr) and four.name.lower().replace("_", "") in ("cidr", "cidrblock"):
        network = region.resolve(Ref(four.key), Vpc)
        four = network.cidr if network else None
    return _text(four) or _text(six) or ""


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
