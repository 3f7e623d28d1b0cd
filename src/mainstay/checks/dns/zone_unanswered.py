"""DN001: a private zone for a network that asks it nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.dns.examples import named, network
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import HostedZone, Vpc, ZoneNetwork


def _bad() -> Plan:
    """The network has no DNS host names, as it is by default"""
    return named(Network=network(has_dns_hostnames=None))


def _good() -> Plan:
    """It has both"""
    return named(Network=network())


@rule(
    id="DN001",
    severity=Severity.ERROR,
    harm=Harm.OUTAGE,
    summary="a private zone that its network does not ask",
    source="Route 53 Developer Guide, hosted-zone-private-considerations, Amazon VPC settings (2026-11-21)",
    applies_to=(HostedZone,),
    field="networks",
    bad=_bad,
    good=_good,
)
def faults(zone: HostedZone, scene: Scene) -> Iterator[Fault]:
    """The zone and its records are made, and no name in it is found: the resolver of a network answers from private
    zones only with both of the network's DNS settings on. A network that says nothing has the one and not the other.
    """
    written: tuple[object, ...] = zone.networks
    for link in (one.vpc for one in written if isinstance(one, ZoneNetwork)):
        vpc = scene.region.resolve(link, Vpc)
        if vpc is None:
            continue
        off = {
            "EnableDnsSupport": vpc.has_dns_support is False,
            "EnableDnsHostnames": vpc.has_dns_hostnames in (None, False),
        }
        lacking = " and ".join(name for name, is_off in off.items() if is_off)
        if lacking:
            yield Fault(
                vpc,
                f"{zone.key} answers {vpc.key} only with {lacking}.",
                f"set {lacking} of {vpc.key} to true",
                mend=(replace(vpc, has_dns_support=True, has_dns_hostnames=True),),
            )
