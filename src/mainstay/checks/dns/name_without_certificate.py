"""DN003: a name that no certificate of the database bears."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.dns.examples import named, record
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, DbProxy, RecordSet
from mainstay.plan.values import Attr, Ref


def _bad() -> Plan:
    """db.shop.internal leads to the database's endpoint"""
    return named(Name=record(values=(Attr("Database", "endpoint_address"),)))


def _good() -> Plan:
    """It leads to a host outside this plan"""
    return named(Name=record(values=("mail.example.org",)))


@rule(
    id="DN003",
    severity=Severity.INFO,
    harm=Harm.SECURITY,
    summary="certificates do not bear this name",
    source="RDS User Guide, MySQL.Concepts.SSLSupport: the certificate includes the instance's endpoint (2026-11-21)",
    applies_to=(RecordSet,),
    field="values",
    bad=_bad,
    good=_good,
)
def faults(record: RecordSet, scene: Scene) -> Iterator[Fault]:
    """A client that verifies the host name (verify-full, VERIFY_IDENTITY) is refused by this name, because RDS issues
    certificates for its endpoints only. Whoever turns verification off to get in, talks to anybody who answers.
    """
    target = led_to(record, scene)
    if target is not None:
        yield Fault(
            record,
            f"{record.key} leads to {target.key}, whose certificate bears the name of its endpoint and no other.",
            "let clients verify the issuer (sslmode=verify-ca, VERIFY_CA), or look the CNAME up and verify the "
            "endpoint's name",
        )


def led_to(record: RecordSet, scene: Scene) -> DbInstance | DbProxy | None:
    """The database or proxy whose endpoint a CNAME gives; None for any other record."""
    for value in record.values if record.type == "CNAME" else ():
        if isinstance(value, Attr) and value.name == "endpoint_address":
            target: Ref[DbInstance | DbProxy] = Ref(value.key)
            return scene.region.resolve(target, DbInstance) or scene.region.resolve(target, DbProxy)
    return None
