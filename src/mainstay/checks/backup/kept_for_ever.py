"""BK010: a rule that says nothing of deletion."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
    tier,
)
from mainstay.checks.backup.reach import hides_retention, rules_of, title
from mainstay.checks.backup.starts import schedule_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
)


def _bad() -> Plan:
    """A rule without DeleteAfterDays"""
    return backed_up(tier(delete_after=None))


def _good() -> Plan:
    """A rule that keeps for a year"""
    return backed_up(tier(delete_after=Duration.days(365)))


@rule(
    id="BK010",
    severity=Severity.WARNING,
    harm=Harm.COST,
    summary="recovery points are never deleted",
    source="botocore Backup model, Lifecycle.DeleteAfterDays (2026-11-20)",
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """Without DeleteAfterDays every recovery point is kept, and paid for, until somebody deletes it by hand. After a
    year a daily rule has made 365 of them.
    """
    for each in rules_of(plan):
        if each.delete_after is None and each.is_continuous in (None, False) and not hides_retention(plan):
            gap = schedule.longest_gap if (schedule := schedule_of(each)) else None
            often = f", one every {gap} at the latest" if gap else ""
            yield Fault(
                plan,
                f"{title(each)} in {plan.key} keeps its recovery points for ever{often}.",
                "set DeleteAfterDays to as long as somebody would still restore from them",
            )
