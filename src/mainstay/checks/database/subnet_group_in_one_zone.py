"""DB037: a subnet group in which RDS places nothing."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay import facts
from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Subnet, SubnetGroup
from mainstay.plan.values import Link, Ref, Zone


def _plan(*zones: int) -> Plan:
    subnets = [
        Subnet(key=f"Subnet{number}", vpc="vpc-1", cidr=f"10.0.{number}.0/24", zone=Zone(zone))
        for number, zone in enumerate(zones)
    ]
    links: list[Ref[Subnet]] = [Ref(subnet.key) for subnet in subnets]
    group = SubnetGroup(key="Subnets", description="the database", subnets=tuple(links))
    return plan_of(database(subnet_group=Ref("Subnets")), group, *subnets)


def _bad() -> Plan:
    """Two subnets, both in the first zone"""
    return _plan(0, 0)


def _good() -> Plan:
    """Two subnets in two zones"""
    return _plan(0, 1)


@rule(
    id="DB037",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="RDS refuses the subnet group",
    source="RDS User Guide, USER_VPC.WorkingWithRDSInstanceinaVPC and CHAP_Limits; cdk-preflight rules, reproduced"
    " against AWS (2026-11-20)",
    applies_to=(SubnetGroup,),
    field="subnets",
    bad=_bad,
    good=_good,
)
def faults(group: SubnetGroup, scene: Scene) -> Iterator[Fault]:
    """RDS wants two zones even for an instance that stands in one (`DBSubnetGroupDoesNotCoverEnoughAZs`), so that a
    standby could be added; it takes 20 subnets at most, and reserves the name `default`.
    """
    name = literal(group.name, str)
    limits = facts.identifier("subnet_group")
    if name and (limits.is_reserved(name) or not limits.admits(name)):
        hint = "use letters, digits, spaces, dots, hyphens and underscores, and not the word default"
        yield Fault(group, f"'{name}' cannot be the name of a subnet group.", hint)
    written: object = group.subnets  # an expression may stand for the whole list
    subnets = written if isinstance(written, tuple) else ()
    zones = _zones(subnets, scene)
    least, most = facts.limit("subnet_group", "least_zones"), facts.limit("subnet_group", "most_subnets")
    if zones is not None and len(zones) < least:
        detail = f"{group.key} has subnets in {len(zones)} zone{'' if len(zones) == 1 else 's'}; RDS wants {least}."
        yield Fault(group, detail, "add a subnet in another zone")
    if len(subnets) > most:
        yield Fault(group, f"{group.key} has {len(subnets)} subnets; RDS takes {most}.", "leave some out")


def _zones(links: tuple[Link[Subnet], ...], scene: Scene) -> set[object] | None:
    """The zones of subnets; None when they cannot be seen, or are local zones, where one is enough."""
    subnets = [scene.region.resolve(link, Subnet) for link in links]
    if len(links) == 1 and isinstance(links[0], Ref | str):
        # One subnet stands in one zone, wherever that is.
        return None if subnets[0] is not None and _is_local(subnets[0].zone) else {None}
    zones: set[object] = {each.zone if isinstance(each.zone, str | Zone) else None for each in subnets if each}
    if not subnets or None in subnets or None in zones or any(map(_is_local, zones)):
        return None
    # The first zone and us-east-1a may be the same one.
    return zones if len({type(zone) for zone in zones}) == 1 else None


def _is_local(zone: object) -> bool:
    """`us-west-2-lax-1a` of Los Angeles, as against `us-west-2a` and `us-gov-west-1a`."""
    return isinstance(zone, str) and zone.count("-") > 3
