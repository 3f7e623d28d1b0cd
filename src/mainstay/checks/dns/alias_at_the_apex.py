"""DN002: a CNAME that bears the name of its zone."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.dns.examples import named, record
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import HostedZone, RecordSet


def _bad() -> Plan:
    """shop.internal in the zone shop.internal"""
    return named(Name=record(name="shop.internal"))


def _good() -> Plan:
    """db.shop.internal in the zone shop.internal"""
    return named(Name=record(name="db.shop.internal"))


def _bare(name: object) -> str | None:
    """A domain name as DNS compares it: small letters, no dot at its end."""
    written = literal(name, str)
    return written.lower().removesuffix(".") if written else None


@rule(
    id="DN002",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="a CNAME with the name of its zone",
    source="Route 53 Developer Guide, ResourceRecordTypes, CNAME record type (2026-11-21)",
    applies_to=(RecordSet,),
    field="name",
    bad=_bad,
    good=_good,
)
def faults(record: RecordSet, scene: Scene) -> Iterator[Fault]:
    """The zone's own name has records already, which say who serves it, and a CNAME stands alone. Route 53 refuses it,
    and the stack rolls back.
    """
    zone = scene.region.resolve(record.zone, HostedZone)
    name = _bare(record.name)
    if zone is not None and record.type == "CNAME" and name is not None and name == _bare(zone.name):
        yield Fault(
            record,
            f"{record.key} is a CNAME for {name}, which is the name of its zone {zone.key}.",
            f"give it a label of its own, such as db.{name}",
        )
