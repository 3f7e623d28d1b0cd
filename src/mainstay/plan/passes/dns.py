"""A name in DNS: a record that leads to the database or its proxy, and a private zone where none exists."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.core.units import Duration
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.logical import DATABASE, DNS_RECORD, DNS_ZONE, PROXY
from mainstay.plan.passes.places import vpc_of
from mainstay.plan.resources import HostedZone, RecordSet, Resource, ZoneNetwork
from mainstay.plan.values import REGION, Attr, Ref
from mainstay.spec import Spec


def build_dns(spec: Spec, draft: Draft) -> Draft:
    """The draft with the name, where the spec asks for one."""
    return draft.adding(*_name(spec))


def _name(spec: Spec) -> Iterator[Resource]:
    dns = spec.access.dns
    if dns is None:
        return
    if dns.makes_zone:
        yield HostedZone(
            key=DNS_ZONE,
            name=dns.domain,
            networks=(ZoneNetwork(vpc=vpc_of(spec), region=REGION),),
            comment=f"{spec.identifier}: the database's name",
            tags=tags(spec),
            origin=spec.origin_of("access.dns.zone"),
        )
    yield RecordSet(
        key=DNS_RECORD,
        zone=Ref(DNS_ZONE) if dns.makes_zone else dns.zone,
        name=dns.name,
        # An alias has no TTL of its own, and none leads to an instance of RDS (Route 53 Developer Guide,
        # resource-record-sets-choosing-alias-non-alias, 2026-11-21).
        type="CNAME",
        ttl=Duration(dns.ttl),
        values=(Attr(PROXY if spec.access.is_named_proxy else DATABASE, "endpoint_address"),),
        origin=spec.origin_of("access.dns"),
    )
