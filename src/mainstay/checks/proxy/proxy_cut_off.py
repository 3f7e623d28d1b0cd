"""PX009: security groups that keep a proxy from its database, or clients from the proxy."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import group
from mainstay.checks.network.clients import clients_of, faults_of, way_of
from mainstay.checks.network.traffic import groups_of, port_of, proxy_port
from mainstay.checks.proxy.examples import fronted, peer
from mainstay.checks.proxy.targets import behind
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.reachability import Way, to_resource
from mainstay.plan.resources import DbProxy
from mainstay.plan.traffic import ingress
from mainstay.plan.values import Ref


def _bad() -> Plan:
    """The database's group does not admit the proxy's"""
    return fronted(
        DatabaseGroup=group(ingress=(peer(cidr="10.9.0.0/16", from_port=6000, to_port=6000),)),
        ProxyGroup=group(key="ProxyGroup", description="the proxy", ingress=(peer(cidr="10.0.0.0/16"),)),
    )


def _good() -> Plan:
    """The database's group admits the proxy's"""
    return fronted(
        DatabaseGroup=group(ingress=(peer(group=Ref("ProxyGroup")),)),
        ProxyGroup=group(key="ProxyGroup", description="the proxy", ingress=(peer(cidr="10.0.0.0/16"),)),
    )


@rule(
    id="PX009",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="no way to or from the proxy",
    source="VPC User Guide, vpc-security-groups; RDS User Guide, rds-proxy-network-prereqs (2026-11-20)",
    applies_to=(DbProxy,),
    bad=_bad,
    good=_good,
    field="security_groups",
)
def faults(proxy: DbProxy, scene: Scene) -> Iterator[Fault]:
    """The proxy becomes AVAILABLE all the same; its target stays UNAVAILABLE, and clients wait until they time out. It
    takes a way out of the proxy's group, a way into the database's, and a way into the proxy's own.
    """
    fronts = groups_of(proxy.security_groups, scene)
    if not fronts or len(fronts) != len(proxy.security_groups) or any(hides(one, "gress") for one in fronts):
        return
    if not any(True for one in fronts for _ in ingress(one, scene.region)):
        names = " and ".join(one.key for one in fronts)
        yield Fault(
            proxy,
            f"{names} of {proxy.key} admits nobody.",
            "admit the clients' group on the engine's port, unless another stack does",
            Severity.INFO,
        )
    for db in behind(proxy, scene):
        port = port_of(db, scene)
        way = to_resource(scene.region, proxy.key, db.key, port) if port is not None else Way()
        yield from (Fault(proxy, f"{proxy.key} stands before {db.key}, but {gap.words}.", gap.fix) for gap in way.gaps)
    yield from _clients(proxy, scene)


def _clients(proxy: DbProxy, scene: Scene) -> Iterator[Fault]:
    port = proxy_port(proxy)
    if port is not None:
        for client in clients_of(proxy, port, scene):
            yield from faults_of(client, way_of(client, proxy, port, scene), proxy, scene)
