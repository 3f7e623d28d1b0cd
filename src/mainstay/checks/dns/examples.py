"""A sound name in a private zone, from which the rules of this family build their examples.

`named()` as it stands fires no rule at all (a test says so). It leads to a host outside: DN003 is about every name of a
database.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mainstay.checks.examples import database, plan_of
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import HostedZone, RecordSet, Resource, Vpc, ZoneNetwork
from mainstay.plan.values import REGION, Ref


# Any in the functions below: `replace` takes whatever fields the kind has, and checks their names itself.
def record(**changes: Any) -> RecordSet:
    """The name `Name`, kept for a minute, with some fields changed."""
    sound = RecordSet(
        key="Name",
        zone=Ref("Zone"),
        name="db.shop.internal",
        type="CNAME",
        ttl=Duration(60),
        values=("host.example.org",),
    )
    return replace(sound, **changes)


def zone(**changes: Any) -> HostedZone:
    """The private zone `Zone` of `Network`, with some fields changed."""
    networks = (ZoneNetwork(vpc=Ref("Network"), region=REGION),)
    return replace(HostedZone(key="Zone", name="shop.internal", networks=networks), **changes)


def network(**changes: Any) -> Vpc:
    """A network that resolves names, with some fields changed."""
    return replace(Vpc(key="Network", cidr="10.0.0.0/16", has_dns_support=True, has_dns_hostnames=True), **changes)


def named(**parts: Resource) -> Plan:
    """A database and a name, and parts replaced by their keys: `Database`, `Network`, `Zone`, `Name`."""
    sound: dict[str, Resource] = {"Database": database(), "Network": network(), "Zone": zone(), "Name": record()}
    return plan_of(*(sound | parts).values())
