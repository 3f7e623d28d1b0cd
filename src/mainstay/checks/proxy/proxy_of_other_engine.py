"""PX001: a proxy of another family than the database, or than its own passwords."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.proxy.examples import fronted, login, proxy
from mainstay.checks.proxy.targets import behind, logins_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.facts import client_passwords, proxy_family
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbProxy


def _bad() -> Plan:
    """A proxy for MySQL before PostgreSQL"""
    return fronted(Proxy=proxy(engine_family="MYSQL", logins=(login(client_password=None),)))


def _good() -> Plan:
    """A proxy for PostgreSQL before PostgreSQL"""
    return fronted(Proxy=proxy(engine_family="POSTGRESQL"))


@rule(
    id="PX001",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="the proxy speaks another engine than its database",
    source="CloudFormation schema AWS::RDS::DBProxy; RDS User Guide, rds-proxy.limitations (2026-11-20)",
    applies_to=(DbProxy,),
    bad=_bad,
    good=_good,
    field="engine_family",
)
def faults(proxy: DbProxy, scene: Scene) -> Iterator[Fault]:
    """The target cannot be registered, or the proxy is refused because the kind of password is another engine's, and
    the stack rolls back. MariaDB goes by MYSQL, and knows no caching_sha2 through a proxy.
    """
    family = literal(proxy.engine_family, str)
    if family is None:
        return
    for db in behind(proxy, scene):
        engine = scene.inherited(db, "engine", str) or ""
        right = proxy_family(engine) or family
        if right != family:
            yield Fault(
                proxy,
                f"{proxy.key} is of the family {family}, and {db.key} is {engine}.",
                f"set EngineFamily to {right}",
                mend=(_of_family(proxy, right),),
            )
    known = client_passwords(family)
    for kind in (literal(each.client_password, str) for each in logins_of(proxy)):
        if kind is not None and known and kind not in known:
            yield Fault(
                proxy,
                f"{proxy.key} is of the family {family}, and takes passwords of the kind {kind}.",
                f"set ClientPasswordAuthType to {' or '.join(known)}, or leave it out",
                mend=(_of_family(proxy, family),),
            )
        if kind == "MYSQL_CACHING_SHA2_PASSWORD" and any(
            scene.engine_of(db) == "mariadb" for db in behind(proxy, scene)
        ):
            yield Fault(
                proxy,
                f"{proxy.key} stands before MariaDB and takes {kind}.",
                "take MYSQL_NATIVE_PASSWORD, or leave it out",
            )


def _of_family(proxy: DbProxy, family: str) -> DbProxy:
    """The proxy of that family; kinds of passwords of another one are left out."""
    known = client_passwords(family)
    others = {one for one in logins_of(proxy) if known and one.client_password not in known}
    logins = tuple(replace(one, client_password=None) if one in others else one for one in proxy.logins)
    return replace(proxy, engine_family=family, logins=logins)
