"""NW005: security groups that name each other inside themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import database, group, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, is_shown
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import IngressRule, Instance, Resource, RulePeer, SecurityGroup
from mainstay.plan.values import Ref


def _plan(*admitted: RulePeer) -> Plan:
    way_out = RulePeer(protocol="tcp", from_port=5432, to_port=5432, group=Ref("DatabaseGroup"))
    client = group(key="AppGroup", description="the application", egress=(way_out,))
    host = Instance(key="App", image="ami-0a1b2c3d4e5f60718", security_groups=(Ref("AppGroup"),))
    return plan_of(database(security_groups=(Ref("DatabaseGroup"),)), group(ingress=admitted), client, host)


def _bad() -> Plan:
    """The application's group names the database's, which names it"""
    return _plan(RulePeer(protocol="tcp", from_port=5432, to_port=5432, group=Ref("AppGroup")))


def _good() -> Plan:
    """The application's group names the database's, which admits a range"""
    return _plan(RulePeer(protocol="tcp", from_port=5432, to_port=5432, cidr="10.0.0.0/16"))


@rule(
    id="NW005",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="security groups name each other in a circle",
    source="CloudFormation Template Reference, aws-resource-ec2-securitygroup: circular dependencies (2026-11-20)",
    applies_to=(SecurityGroup,),
    field="ingress",
    bad=_bad,
    good=_good,
)
def faults(group: SecurityGroup, scene: Scene) -> Iterator[Fault]:
    """Each group has to exist before the other, so the template is refused with `Circular dependency between
    resources`, also where a group names itself. A rule that is a resource of its own needs both, and neither needs it.
    """
    # A group that exists already, or whose circle Terraform has taken, is in none.
    if is_shown(group):
        return
    circle = _circle(group, scene)
    if circle and group.key == min(circle):
        yield Fault(
            group,
            f"{' names '.join((*circle, group.key))} in its own rules.",
            "write one of these rules as a resource of its own (AWS::EC2::SecurityGroupIngress)",
            mend=_apart(circle, scene),
        )


def _apart(circle: list[str], scene: Scene) -> tuple[Resource, ...]:
    """The first group of the circle that names the next in its ingress, without that, and the rules on their own.

    Egress is left where it is: a group that is left without any lets everything out.
    """
    for key, other in zip(circle, [*circle[1:], circle[0]], strict=True):
        group = scene.region.resolve(Ref(key), SecurityGroup)
        named = [one for one in group.ingress if _speaks_of(one, other)] if group else []
        if group and named:
            kept = tuple(one for one in group.ingress if not _speaks_of(one, other))
            fresh = (_ruled(key, other, number, one) for number, one in enumerate(named, start=1))
            return (replace(group, ingress=kept), *fresh)
    return ()


def _speaks_of(peer: object, key: str) -> bool:
    return isinstance(peer, RulePeer) and isinstance(peer.group, Ref) and peer.group.key == key


def _ruled(key: str, other: str, number: int, peer: RulePeer) -> IngressRule:
    return IngressRule(
        key=f"{key}From{other}" + (str(number) if number > 1 else ""),
        group=Ref(key),
        protocol=peer.protocol,
        from_port=peer.from_port,
        to_port=peer.to_port,
        source_group=peer.group,
        description=peer.description,
    )


def _circle(group: SecurityGroup, scene: Scene) -> list[str]:
    """The keys of the groups on a shortest way back to a group, itself first; none where there is no way."""
    ways = [[group.key]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for key in _named(way[-1], scene):
            if key == group.key:
                return way
            if key not in seen:
                seen.add(key)
                ways.append([*way, key])
    return []


def _named(key: str, scene: Scene) -> list[str]:
    """The groups of this plan that a group names inside itself."""
    one = scene.region.resolve(Ref(key), SecurityGroup)
    peers: tuple[object, ...] = (*one.ingress, *(one.egress or ())) if one else ()
    found = (scene.region.resolve(peer.group, SecurityGroup) for peer in peers if isinstance(peer, RulePeer))
    return [other.key for other in found if other is not None]
