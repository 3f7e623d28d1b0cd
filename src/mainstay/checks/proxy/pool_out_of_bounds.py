"""PX005: settings of a pool that RDS refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mainstay.checks.proxy.examples import fronted, pool
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    DbProxy,
    DbProxyTargetGroup,
    Resource,
)

_HINT = "correct it there, or leave it out for what RDS takes by default"


def _bad() -> Plan:
    """More idle connections than connections"""
    return fronted(Pool=pool(max_connections_percent=50, max_idle_percent=51))


def _good() -> Plan:
    """As many idle connections as connections"""
    return fronted(Pool=pool(max_connections_percent=50, max_idle_percent=50))


@rule(
    id="PX005",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="a setting of the proxy outside its bounds",
    source="botocore RDS model, ConnectionPoolConfiguration; CloudFormation schema of the group (2026-11-20)",
    applies_to=(
        DbProxy,
        DbProxyTargetGroup,
    ),
    bad=_bad,
    good=_good,
)
def faults(one: Resource, scene: Scene) -> Iterator[Fault]:
    """The target group is refused and the stack rolls back: the only name is `default`, shares go from 1 to 100
    percent, idle connections are some of all, a client waits for five minutes at most and may be idle for eight
    hours.
    """
    bounds = load("limits").data["proxy"]
    if isinstance(one, DbProxy):
        idle, least, most = literal(one.idle_timeout, Duration), *_seconds(bounds)
        if idle is not None and not least <= idle <= most:
            yield Fault(
                one,
                f"{one.key} has IdleClientTimeout {idle // 1}; {least} to {most} seconds are possible.",
                _HINT,
                mend=(replace(one, idle_timeout=Duration(min(max(idle, least), most))),),
            )
    if isinstance(one, DbProxyTargetGroup):
        for said, mended in _faults(one, bounds):
            yield Fault(one, f"{one.key} {said}.", _HINT, mend=(mended,))


def _seconds(bounds: Mapping[str, int]) -> tuple[int, int]:
    return bounds["least_idle_client_seconds"], bounds["most_idle_client_seconds"]


def _faults(pool: DbProxyTargetGroup, bounds: Mapping[str, int]) -> Iterator[tuple[str, DbProxyTargetGroup]]:
    """What is wrong with a target group, as it stands in the middle of a sentence, and the group without it."""
    most, idle = literal(pool.max_connections_percent, int), literal(pool.max_idle_percent, int)
    wait, name = literal(pool.borrow_timeout, Duration), literal(pool.name, str)
    if name is not None and name != "default":
        yield f"is called '{name}'; the only name that exists is default", replace(pool, name="default")
    if most is not None and not bounds["least_percent"] <= most <= bounds["most_percent"]:
        nearest = min(max(most, bounds["least_percent"]), bounds["most_percent"])
        yield f"has MaxConnectionsPercent {most}; 1 to 100 are possible", replace(pool, max_connections_percent=nearest)
    if idle is not None and pool.max_connections_percent is None and not hides(pool, "connections"):
        whole = replace(pool, max_connections_percent=bounds["most_percent"])
        yield f"has MaxIdleConnectionsPercent {idle} without MaxConnectionsPercent", whole
    if idle is not None and (idle < 0 or (most is not None and idle > most)):
        top = most if most is not None else 100
        less = replace(pool, max_idle_percent=min(max(idle, 0), top))
        yield f"has MaxIdleConnectionsPercent {idle}; 0 to {top} are possible", less
    if wait is not None and not 0 <= wait <= bounds["most_borrow_seconds"]:
        longest = bounds["most_borrow_seconds"]
        sooner = replace(pool, borrow_timeout=Duration(min(max(wait, 0), longest)))
        yield f"has ConnectionBorrowTimeout {wait // 1}; 0 to {longest} seconds are possible", sooner
