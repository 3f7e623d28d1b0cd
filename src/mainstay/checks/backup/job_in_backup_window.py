"""BK007: a backup job in the window in which RDS makes its own backup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.backup.examples import (
    backed_up,
    schedule,
    tier,
)
from mainstay.checks.backup.reach import plans_reaching, reached, rules_of, title
from mainstay.checks.backup.starts import clock, start_window, starts
from mainstay.checks.free_windows import free_backup
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.core.windows import DAY, DailyWindow, meet
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    DbInstance,
)


def _bad() -> Plan:
    """A job at 01:00, RDS's own backup between 00:00 and 02:00"""
    return backed_up(tier(schedule=schedule("0 1 * * ? *")))


def _good() -> Plan:
    """A job at 02:00, RDS's own backup between 00:00 and 02:00"""
    return backed_up(tier(schedule=schedule("0 2 * * ? *")))


@rule(
    id="BK007",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="a backup job meets RDS's own backup window",
    source="AWS Backup Developer Guide, rds-backup and metrics, NumberOfBackupJobsFailed (2026-11-20)",
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """RDS makes one snapshot at a time. A job that starts while the automated backup may run fails, night after night.
    Where AWS Backup owns the continuous backup as well, it keeps the two apart itself.
    """
    for db in reached(plan, scene):
        own = literal(db.backup_window, DailyWindow)
        if own is None or db.backup_retention == 0 or _is_owned(db, scene):
            continue
        for each in rules_of(plan):
            window, at = start_window(each), starts(each, scene.today)
            certain = [one for one in at if meet(one, 1, own.start, own.minutes, every=DAY)]
            possible = [one for one in at if window and meet(one, window, own.start, own.minutes, every=DAY)]
            for one in (certain or possible)[:1]:
                yield Fault(
                    plan,
                    f"{title(each)} in {plan.key} may start from {clock(one)[4:]} UTC"
                    + (f", up to {Duration.minutes(window)} late" if window else "")
                    + f"; RDS backs {db.key} up by itself in {own}.",
                    f"let it start after {str(own)[6:]}, or end its start window by {str(own)[:5]}",
                    None if certain else Severity.WARNING if each.start_window is not None else Severity.INFO,
                    mend=(replace(db, backup_window=free),) if (free := free_backup(db, own, scene)) else (),
                )


def _is_owned(database: DbInstance, scene: Scene) -> bool:
    """Whether a rule that may be continuous reaches the instance."""
    owners = (each for plan in plans_reaching(database, scene) for each in rules_of(plan))
    return any(each.is_continuous not in (None, False) for each in owners)
