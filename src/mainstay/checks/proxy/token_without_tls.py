"""PX002: IAM authentication that cannot be had."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.proxy.examples import fronted, login, proxy
from mainstay.checks.proxy.targets import logins_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    DbProxy,
)


def _bad() -> Plan:
    """Tokens required, TLS not"""
    return fronted(Proxy=proxy(requires_tls=False, logins=(login(iam="REQUIRED", client_password=None),)))


def _good() -> Plan:
    """Tokens and TLS required"""
    return fronted(Proxy=proxy(requires_tls=True, logins=(login(iam="REQUIRED", client_password=None),)))


@rule(
    id="PX002",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="login by token that the proxy refuses",
    conflicts=("iam-token-without-tls", "iam-token-optional"),
    applies_to=(DbProxy,),
    bad=_bad,
    good=_good,
    field="logins",
)
def faults(proxy: DbProxy, scene: Scene) -> Iterator[Fault]:
    """A token is as good as a password for fifteen minutes, so it must not be read on its way. Either is refused, and
    the stack rolls back.
    """
    kinds = [literal(each.iam, str) for each in logins_of(proxy)]
    if "ENABLED" in kinds and literal(proxy.engine_family, str) in ("MYSQL", "POSTGRESQL"):
        yield Fault(
            proxy,
            f"{proxy.key} sets IAMAuth to ENABLED for {proxy.engine_family}.",
            "set it to REQUIRED, or to DISABLED; two logins may differ",
        )
    if "REQUIRED" in kinds and proxy.requires_tls in (None, False):
        yield Fault(
            proxy,
            f"{proxy.key} requires tokens; RequireTLS is {'not written' if proxy.requires_tls is None else 'false'}.",
            "set RequireTLS to true",
            mend=(replace(proxy, requires_tls=True),),
        )
