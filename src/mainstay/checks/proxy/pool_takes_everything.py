"""PX010: a pool of all connections, beside other clients of the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import group
from mainstay.checks.links import linked
from mainstay.checks.network.traffic import groups_of, port_of
from mainstay.checks.proxy.examples import fronted, peer, pool
from mainstay.checks.proxy.targets import behind
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    DbProxy,
    DbProxyTargetGroup,
)
from mainstay.plan.traffic import ingress
from mainstay.plan.values import (
    Ref,
)


def _bad() -> Plan:
    """100 percent, and a bastion that connects past the proxy"""
    both = group(ingress=(peer(group=Ref("ProxyGroup")), peer(group=Ref("BastionGroup"))))
    return fronted(
        Pool=pool(max_connections_percent=100),
        DatabaseGroup=both,
        BastionGroup=group(key="BastionGroup", description="the bastion"),
    )


def _good() -> Plan:
    """90 percent, and a bastion that connects past the proxy"""
    both = group(ingress=(peer(group=Ref("ProxyGroup")), peer(group=Ref("BastionGroup"))))
    return fronted(
        Pool=pool(max_connections_percent=90),
        DatabaseGroup=both,
        BastionGroup=group(key="BastionGroup", description="the bastion"),
    )


@rule(
    id="PX010",
    severity=Severity.WARNING,
    harm=Harm.OUTAGE,
    summary="the proxy may take every connection",
    source="RDS User Guide, rds-proxy-connections, MaxConnectionsPercent (2026-11-20)",
    applies_to=(DbProxyTargetGroup,),
    bad=_bad,
    good=_good,
    field="max_connections_percent",
)
def faults(pool: DbProxyTargetGroup, scene: Scene) -> Iterator[Fault]:
    """Under load the proxy opens as many connections as it may. With all of them, whoever connects past it (a
    migration, a rotation, the bastion in the middle of the incident) is turned away: too many connections.
    """
    front = linked(pool.proxy, scene)
    share = 100 if pool.max_connections_percent is None else literal(pool.max_connections_percent, int)
    if not isinstance(front, DbProxy) or share != 100 or hides(pool, "connection"):
        return
    fronts = groups_of(front.security_groups, scene)
    for db in behind(front, scene):
        port = port_of(db, scene)
        openings = [one for group in groups_of(db.security_groups, scene) for one in ingress(group, scene.region)]
        others = {one.group.key for one in openings if one.group is not None and one.group not in fronts}
        if fronts and port is not None and others:
            yield Fault(
                pool,
                f"{pool.key} may take 100 percent of the connections of {db.key}, to which"
                f" {' and '.join(sorted(others))} connects as well.",
                "set MaxConnectionsPercent to 90 or less, 30 points above the peak",
                mend=(replace(pool, max_connections_percent=90),),
            )
