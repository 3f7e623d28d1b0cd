"""PX006: a pinning filter before PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.links import linked
from mainstay.checks.proxy.examples import fronted, pool
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    DbProxy,
    DbProxyTargetGroup,
)


def _bad() -> Plan:
    """EXCLUDE_VARIABLE_SETS before PostgreSQL"""
    return fronted(Pool=pool(pinning_filters=("EXCLUDE_VARIABLE_SETS",)))


def _good() -> Plan:
    """No filter before PostgreSQL"""
    return fronted(Pool=pool(pinning_filters=()))


@rule(
    id="PX006",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="pinning filters that PostgreSQL does not have",
    conflicts=("proxy-pinning-postgres",),
    applies_to=(DbProxyTargetGroup,),
    bad=_bad,
    good=_good,
    field="pinning_filters",
)
def faults(pool: DbProxyTargetGroup, scene: Scene) -> Iterator[Fault]:
    """Before PostgreSQL it is refused or does nothing: sessions that SET something stay pinned, and the pool gives less
    than was counted on.
    """
    front = linked(pool.proxy, scene)
    if isinstance(front, DbProxy) and front.engine_family == "POSTGRESQL" and pool.pinning_filters:
        shown = ", ".join(one for one in pool.pinning_filters if isinstance(one, str))
        if shown:
            yield Fault(
                pool,
                f"{pool.key} filters {shown}, and {front.key} speaks PostgreSQL.",
                "remove SessionPinningFilters; SET what sessions need by ALTER ROLE … SET, or in the parameter group",
                mend=(replace(pool, pinning_filters=()),),
            )
