"""PX003: subnets too few, too close, or of another network than the database's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mainstay.checks.links import key_of, linked
from mainstay.checks.proxy.examples import fronted, proxy
from mainstay.checks.proxy.targets import behind
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.facts import zones_without_proxies
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    DbProxy,
    Subnet,
    SubnetGroup,
)
from mainstay.plan.values import (
    Zone,
    is_expression,
)


def _bad() -> Plan:
    """One subnet"""
    return fronted(Proxy=proxy(subnets=("subnet-11111111",)))


def _good() -> Plan:
    """Two subnets"""
    return fronted(Proxy=proxy(subnets=("subnet-11111111", "subnet-22222222")))


@rule(
    id="PX003",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="subnets in which a proxy cannot stand",
    source="CloudFormation schema AWS::RDS::DBProxy; RDS User Guide, rds-proxy-planning (2026-11-20)",
    applies_to=(DbProxy,),
    bad=_bad,
    good=_good,
    field="subnets",
)
def faults(proxy: DbProxy, scene: Scene) -> Iterator[Fault]:
    """A proxy stands in two zones at least, in the database's own VPC, and not in the zones use1-az3 and usw1-az2.
    Anything else is refused, or its targets stay unreachable.
    """
    written: object = proxy.subnets
    if not isinstance(written, tuple) or any(is_expression(link) and key_of(link) is None for link in written):
        return
    subnets = [one for link in written if isinstance(one := linked(link, scene), Subnet)]
    zones = {_shown(one.zone) for one in subnets}
    if len(written) < 2:
        yield Fault(proxy, f"{proxy.key} has {len(written)} subnet.", "name two subnets in different zones")
    elif len(subnets) == len(written) and len(zones) == 1 and None not in zones:
        names = " and ".join(one.key for one in subnets)
        yield Fault(proxy, f"{proxy.key} has {names}, which are all in {zones.pop()}.", "name subnets of two zones")
    for one in subnets:
        if any(value in zones_without_proxies() for value in one.extras.values()):
            yield Fault(
                proxy, f"{one.key} of {proxy.key} is in a zone that has no proxies.", "name a subnet of another zone"
            )
    own, theirs = _networks(subnets), _networks(_database_subnets(proxy, scene))
    if own and theirs and not own & theirs:
        yield Fault(
            proxy,
            f"{proxy.key} stands in {' and '.join(sorted(own))}, its database in {' and '.join(sorted(theirs))}.",
            "name subnets of the database's own VPC",
        )


def _shown(zone: object) -> str | None:
    """A zone as something that can be compared; None where only the target knows it."""
    if isinstance(zone, Zone):
        return f"zone {zone.index}"
    return literal(zone, str)


def _networks(subnets: Iterable[Subnet]) -> set[str]:
    """The VPCs of subnets, by key; nothing where one of them is out of sight."""
    keys = [key_of(one.vpc) for one in subnets]
    return set() if None in keys else {key for key in keys if key is not None}


def _database_subnets(proxy: DbProxy, scene: Scene) -> list[Subnet]:
    groups = (scene.region.resolve(db.subnet_group, SubnetGroup) for db in behind(proxy, scene))
    links: list[object] = [link for group in groups if group is not None for link in group.subnets]
    return [one for link in links if isinstance(one := linked(link, scene), Subnet)]
