"""PX004: a replica, or several instances, behind a proxy."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import replica
from mainstay.checks.links import key_of, linked
from mainstay.checks.proxy.examples import fronted, pool
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    DbInstance,
    DbProxyTargetGroup,
)
from mainstay.plan.values import (
    Ref,
    is_expression,
)


def _bad() -> Plan:
    """A read replica behind a proxy"""
    return fronted(Replica=replica(), Pool=pool(instances=(Ref("Replica"),)))


def _good() -> Plan:
    """The primary behind a proxy"""
    return fronted(Replica=replica(), Pool=pool(instances=(Ref("Database"),)))


@rule(
    id="PX004",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="a target that a proxy does not take",
    conflicts=("proxy-replica", "proxy-several-databases"),
    applies_to=(DbProxyTargetGroup,),
    bad=_bad,
    good=_good,
    field="instances",
)
def faults(pool: DbProxyTargetGroup, scene: Scene) -> Iterator[Fault]:
    """Either is refused when the target is registered, at the end of a long deployment."""
    targets = [link for link in pool.instances if not is_expression(link) or key_of(link) is not None]
    if len(targets) > 1 and len(targets) == len(pool.instances):
        yield Fault(
            pool, f"{pool.key} names {len(targets)} instances.", "name one, and give each other one a proxy of its own"
        )
    for link in targets:
        db = linked(link, scene)
        if isinstance(db, DbInstance) and db.source is not None:
            yield Fault(
                pool,
                f"{pool.key} names {db.key}, which is a read replica.",
                "name the primary; readers connect to the replica itself",
            )
