"""PX011: a proxy that does not insist on TLS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.proxy.examples import fronted, proxy
from mainstay.checks.proxy.targets import logins_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    DbProxy,
)


def _bad() -> Plan:
    """RequireTLS is not written"""
    return fronted(Proxy=proxy(requires_tls=None))


def _good() -> Plan:
    """RequireTLS is true"""
    return fronted(Proxy=proxy(requires_tls=True))


@rule(
    id="PX011",
    severity=Severity.WARNING,
    harm=Harm.SECURITY,
    summary="the proxy takes connections without TLS",
    source="botocore RDS model, CreateDBProxy.RequireTLS; RDS User Guide, rds-proxy.howitworks (2026-11-20)",
    applies_to=(DbProxy,),
    bad=_bad,
    good=_good,
    field="requires_tls",
)
def faults(proxy: DbProxy, scene: Scene) -> Iterator[Fault]:
    """What the database's own settings force does not reach clients of a proxy: they talk to the proxy, in clear when
    they like, passwords and rows included. RequireTLS is false unless it is written.
    """
    # A login by token has to have TLS, which PX002 says.
    takes_tokens = any(literal(each.iam, str) == "REQUIRED" for each in logins_of(proxy))
    if proxy.requires_tls in (None, False) and not takes_tokens and not hides(proxy, "tls"):
        yield Fault(
            proxy,
            f"{proxy.key} takes connections without TLS: RequireTLS is"
            f" {'not written' if proxy.requires_tls is None else 'false'}.",
            "set RequireTLS to true; clients trust Amazon's root certificates then, not the bundle of RDS",
            mend=(replace(proxy, requires_tls=True),),
        )
