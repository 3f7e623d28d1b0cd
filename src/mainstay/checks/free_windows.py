"""Where else a window of a database may lie: the nearest place that nothing else in the plan takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.checks.scene import Scene, literal
from mainstay.core.windows import DAY, WEEK, DailyWindow, WeeklyWindow, meet, overlap_minutes
from mainstay.facts import load
from mainstay.plan.resources import BackupPlan, DbInstance

_STEP: Final = 30  # minutes; people choose full and half hours


def free_maintenance(db: DbInstance, window: WeeklyWindow, scene: Scene) -> WeeklyWindow | None:
    """The nearest weekly window of the same length that meets neither RDS's backups nor a job of AWS Backup, nor begins
    within the hour after one; None where none does.
    """
    backup, jobs = literal(db.backup_window, DailyWindow), list(_jobs(db, scene))
    before = load("backup").data["before_maintenance_minutes"]
    for shift in _shifts(WEEK):
        found = WeeklyWindow((window.start + shift) % WEEK, (window.end + shift) % WEEK)
        is_shut = any(meet(at, wait, found.start - before, found.minutes + before) for at, wait in jobs)
        if not is_shut and not (backup and overlap_minutes(backup, found)):
            return found
    return None


def free_backup(db: DbInstance, window: DailyWindow, scene: Scene) -> DailyWindow | None:
    """The nearest daily window of the same length that meets neither maintenance nor a job; None where none does."""
    maintenance, jobs = literal(db.maintenance_window, WeeklyWindow), list(_jobs(db, scene))
    for shift in _shifts(DAY):
        found = DailyWindow((window.start + shift) % DAY, (window.end + shift) % DAY)
        is_shut = any(meet(at, wait, found.start, found.minutes, every=DAY) for at, wait in jobs)
        if not is_shut and not (maintenance and overlap_minutes(found, maintenance)):
            return found
    return None


def _shifts(span: int) -> Iterator[int]:
    for step in range(_STEP, span // 2 + 1, _STEP):
        yield from (step, -step)


def _jobs(db: DbInstance, scene: Scene) -> Iterator[tuple[int, int]]:
    """The minutes of the week at which a job of the database may begin, each with how long it may wait."""
    if not any(True for _ in scene.region.of(BackupPlan)):
        return
    # Where there are plans, the rules about them are loaded anyway; elsewhere nobody pays for them.
    from mainstay.checks.backup.reach import plans_reaching, rules_of  # noqa: PLC0415  # see above
    from mainstay.checks.backup.starts import start_window, starts  # noqa: PLC0415  # see above

    for plan in plans_reaching(db, scene):
        for each in rules_of(plan):
            yield from ((at, max(1, start_window(each) or 0)) for at in starts(each, scene.today))
