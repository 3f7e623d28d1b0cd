"""PX012: a proxy before an instance that costs less than it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mainstay import facts
from mainstay.checks.examples import lone_database
from mainstay.checks.proxy.examples import fronted
from mainstay.checks.proxy.targets import behind
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.facts import load
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    DbInstance,
    DbProxy,
)
from mainstay.plan.values import (
    Ref,
    is_expression,
)

_HOURS = 730


def _bad() -> Plan:
    """A proxy before db.t4g.micro"""
    return fronted(
        intent=Intent(profile="dev"),
        Database=lone_database(instance_class="db.t4g.micro", security_groups=(Ref("DatabaseGroup"),)),
    )


def _good() -> Plan:
    """A proxy before db.t4g.small"""
    return fronted(
        intent=Intent(profile="dev"),
        Database=lone_database(instance_class="db.t4g.small", security_groups=(Ref("DatabaseGroup"),)),
    )


@rule(
    id="PX012",
    severity=Severity.INFO,
    harm=Harm.COST,
    summary="the proxy costs more than its database",
    source="infracost golden files us-east-1 and AWS price pages (2026-08-21)",
    applies_to=(DbProxy,),
    bad=_bad,
    good=_good,
)
def faults(proxy: DbProxy, scene: Scene) -> Iterator[Fault]:
    """A proxy is paid by the vCPU of its database, two of them at least. Before a small burstable class it costs more
    than the database itself, whose few connections an application's own pool would share as well.
    """
    prices = load("prices").data
    databases = behind(proxy, scene)
    shapes = [facts.class_shape(scene.inherited(db, "instance_class", str) or "") for db in databases]
    hourly = [_hourly(db, scene, prices) for db in databases]
    least, a_vcpu = prices.get("proxy_min_vcpu"), prices.get("proxy_vcpu_hour")
    if not databases or None in [*shapes, *hourly, least, a_vcpu]:
        return
    cost = sum(max(shape[0], least) for shape in shapes if shape) * a_vcpu
    theirs = sum(price for price in hourly if price is not None)
    if cost > theirs:
        yield Fault(
            proxy,
            f"{proxy.key} costs about {cost * _HOURS:.0f} USD a month, and {', '.join(db.key for db in databases)}"
            f" behind it {theirs * _HOURS:.0f} ({prices['region']}, on demand, {load('prices').date}).",
            "pool connections in the application, or keep the proxy for its failover alone",
        )


def _hourly(db: DbInstance, scene: Scene, prices: Mapping[str, Any]) -> float | None:
    """What the instance costs an hour, its standby included; None where no price is known."""
    by_class = prices.get("instance_hour", {}).get(scene.engine_of(db) or "", {})
    price = by_class.get(scene.inherited(db, "instance_class", str))
    factor = prices.get("multi_az_factor") if db.is_multi_az else 1
    if price is None or factor is None or is_expression(db.is_multi_az):
        return None
    return float(price) * factor
