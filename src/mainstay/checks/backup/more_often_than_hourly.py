"""BK002: a schedule below the hour that AWS Backup takes at least."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
    schedule,
    tier,
)
from mainstay.checks.backup.reach import rules_of, title, with_rule
from mainstay.checks.examples import database
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.core.schedules import Cron, Rate
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
)


def _bad() -> Plan:
    """Every five minutes"""
    return backed_up(
        tier(schedule=schedule("0/5 * * * ? *")), Database=database(maintenance_window=None, backup_window=None)
    )


def _good() -> Plan:
    """Every hour"""
    return backed_up(
        tier(schedule=schedule("0 * * * ? *")), Database=database(maintenance_window=None, backup_window=None)
    )


@rule(
    id="BK002",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="backups more often than AWS Backup makes them",
    source="AWS Backup Developer Guide, plan-options-and-configuration (2026-11-20)",
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """AWS Backup makes snapshots once an hour at most. Less than an hour of lost data takes a continuous backup, or
    RDS's own point-in-time recovery, which reaches back to five minutes ago.
    """
    least = load("backup").data["least_gap_minutes"] * 60
    for each in rules_of(plan):
        times = each.schedule if isinstance(each.schedule, Cron | Rate) else None
        gap = times.shortest_gap if times else None
        if gap is not None and gap < least:
            yield Fault(
                plan,
                f"{title(each)} in {plan.key} runs again after {gap} ({times}); an hour is the least.",
                "make it hourly at most, and let point-in-time recovery give the minutes: a retention above 0, or"
                " EnableContinuousBackup",
                mend=(with_rule(plan, each, schedule=times.at_minute(min(times.minutes))),)
                if isinstance(times, Cron)
                else (),
            )
