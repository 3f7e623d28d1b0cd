"""BK006: a backup job in the maintenance window, or in the hour before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.backup.examples import (
    backed_up,
    schedule,
    tier,
)
from mainstay.checks.backup.reach import reached, rules_of, title
from mainstay.checks.backup.starts import clock, start_window, starts
from mainstay.checks.free_windows import free_maintenance
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.core.windows import WEEK, WeeklyWindow, meet
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
)


def _bad() -> Plan:
    """A job at 03:30, maintenance from sun:04:00"""
    return backed_up(tier(schedule=schedule("30 3 * * ? *"), start_window=Duration.minutes(60)))


def _good() -> Plan:
    """A job from 02:00 to 03:00, maintenance from sun:04:00"""
    return backed_up(tier(schedule=schedule("0 2 * * ? *"), start_window=Duration.minutes(60)))


@rule(
    id="BK006",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="a backup job meets the maintenance window",
    source="AWS Backup Developer Guide, rds-backup and metrics, NumberOfBackupJobsFailed (2026-11-20)",
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """A snapshot that starts during the maintenance window of its instance, or within the hour before it, fails. With a
    daily rule one backup of every week is missing, with a weekly one all of them.
    """
    before = load("backup").data["before_maintenance_minutes"]
    for each in rules_of(plan):
        window = start_window(each)
        for db in reached(plan, scene) if window is not None else []:
            maintenance = literal(db.maintenance_window, WeeklyWindow)
            if maintenance is None:
                continue
            start, minutes = maintenance.start - before, maintenance.minutes + before
            certain = [one for one in starts(each, scene.today) if meet(one, 1, start, minutes)]
            possible = [one for one in starts(each, scene.today) if meet(one, window or 1, start, minutes)]
            for one in (certain or possible)[:1]:
                free = free_maintenance(db, maintenance, scene)
                or_move = f", or move the maintenance to {free}" if free else ""
                yield Fault(
                    plan,
                    f"{title(each)} in {plan.key} may start from {clock(one)} UTC, up to"
                    f" {Duration.minutes(window or 0)} late; {db.key} has maintenance"
                    f" {maintenance}, and the hour before it counts too.",
                    f"let it start after {str(maintenance)[10:]}, or end its start window by {clock(start % WEEK)}"
                    f"{or_move}",
                    None if certain else Severity.WARNING if each.start_window is not None else Severity.INFO,
                    mend=(replace(db, maintenance_window=free),) if free else (),
                )
