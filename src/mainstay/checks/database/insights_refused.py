"""DB017: Performance Insights on a class that has none, kept for a time that there is not, or not switched on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.facts import has_performance_insights, load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance


def _bad() -> Plan:
    """Kept for 14 days"""
    return plan_of(database(has_performance_insights=True, performance_insights_retention=Duration.days(14)))


def _good() -> Plan:
    """Kept for 31 days"""
    return plan_of(database(has_performance_insights=True, performance_insights_retention=Duration.days(31)))


@rule(
    id="DB017",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="insights are refused",
    source="botocore RDS model; cdk-preflight rules, reproduced against AWS (2026-11-20)",
    conflicts=("insights-small-class",),
    applies_to=(DbInstance,),
    field="insights_mode",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """RDS keeps insights for 7 days, for whole months of 31 days, or for 731 days, and refuses the instance otherwise.
    The advanced mode wants them on, and 15 months.
    """
    if hides(db, "insights"):
        return
    is_on = literal(db.has_performance_insights, bool)
    kept = literal(db.performance_insights_retention, Duration)
    days = kept // Duration.days(1) if kept else 0
    name = scene.inherited(db, "instance_class", str) or ""
    if is_on and not has_performance_insights(scene.engine_of(db) or "", name):
        hint = "choose medium or larger, or leave Performance Insights off"
        detail = f"{name} has no Performance Insights with {scene.engine_of(db)}."
        yield Fault(db, detail, hint, field="has_performance_insights")
    # Terraform shows 0 days where nothing is kept.
    if days and days not in load("retention").data["performance_insights_days"]:
        hint = "write 7, 31 times 1 to 23, or 731 days"
        detail = f"{db.key} is to keep Performance Insights for {days} days."
        known = load("retention").data["performance_insights_days"]
        longer = min((each for each in known if each > days), default=days)
        mend = (replace(db, performance_insights_retention=Duration.days(longer)),) if longer > days else ()
        yield Fault(db, detail, hint, field="performance_insights_retention", mend=mend)
    is_off = is_on is False or db.has_performance_insights is None
    if days and is_off:
        yield Fault(
            db,
            f"{db.key} keeps Performance Insights for {days} days, but they are off.",
            "switch them on (EnablePerformanceInsights), or leave the retention out",
            field="performance_insights_retention",
        )
    yield from _advanced(db, days, is_off=is_off)


def _advanced(db: DbInstance, days: int, *, is_off: bool) -> Iterator[Fault]:
    least = load("retention").data["advanced_insights_least_days"]
    is_seen = db.performance_insights_retention is None or days
    if literal(db.insights_mode, str) != "advanced" or not is_seen:
        return
    if is_off or days < least:
        state = "are off" if is_off else f"are kept for {days or 7} days"
        yield Fault(
            db,
            f"{db.key} is to have the advanced Database Insights, but its Performance Insights {state}.",
            f"switch them on and keep them for {least} days or more",
            # RDS User Guide, USER_DatabaseInsights.Considerations: at least 465 days (read again 2026-11-21). A cluster
            # was refused below 31 days only when cdk-preflight tried it, so this may be accepted.
            None if is_off else Severity.WARNING,
            mend=(
                replace(
                    db, has_performance_insights=True, performance_insights_retention=Duration.days(max(days, least))
                ),
            ),
        )
