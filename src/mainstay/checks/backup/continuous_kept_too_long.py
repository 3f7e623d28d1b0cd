"""BK011: a continuous backup kept for longer than there is."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
    tier,
)
from mainstay.checks.backup.reach import hides_retention, rules_of, title, with_rule
from mainstay.checks.examples import database
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
)


def _bad() -> Plan:
    """A continuous rule kept for 36 days"""
    return backed_up(
        tier(is_continuous=True, delete_after=Duration.days(36)),
        Database=database(backup_window=None, backup_retention=None, snapshot="shop-1"),
    )


def _good() -> Plan:
    """A continuous rule kept for 35 days"""
    return backed_up(
        tier(is_continuous=True, delete_after=Duration.days(35)),
        Database=database(backup_window=None, backup_retention=Duration.days(35)),
    )


@rule(
    id="BK011",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="a continuous backup outside 1 to 35 days",
    source="AWS Backup Developer Guide, point-in-time-recovery; terraform-provider-aws issue 24960 (2026-11-20)",
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """A continuous backup reaches back 35 days at most. AWS Backup refuses the plan with a message that speaks of 36500
    days. A rule that says nothing of retention cannot say how far back one can restore.
    """
    least, most = load("backup").data["continuous_days"]
    for each in rules_of(plan):
        kept = literal(each.delete_after, Duration)
        if each.is_continuous is not True or (
            kept is None and (each.delete_after is not None or hides_retention(plan))
        ):
            continue
        if kept is None or not Duration.days(least) <= kept <= Duration.days(most):
            yield Fault(
                plan,
                f"{title(each)} in {plan.key} is continuous and kept for"
                f" {'as long as nobody says' if kept is None else kept};"
                f" {least} to {most} days are possible.",
                f"set DeleteAfterDays to {most} or less, and let a second rule keep snapshots for longer",
                None if kept is not None else Severity.WARNING,
                mend=(with_rule(plan, each, delete_after=Duration.days(least if kept == 0 else most)),)
                if each.cold_after is None
                else (),
            )
