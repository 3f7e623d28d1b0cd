"""When the jobs of AWS Backup start: clear of the backup window, of maintenance and the hour before it, of each other.

A job that starts in either window fails (AWS Backup Developer Guide, rds-backup and metrics, 2026-11-20), and of two
rules whose start windows overlap only the one with the longer retention makes one (plan-options-and-configuration).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from mainstay.core.findings import Finding
from mainstay.core.records import dataclass
from mainstay.core.schedules import Cron
from mainstay.core.windows import DAY, WEEKDAYS, meet
from mainstay.plan.passes.draft import fault_at
from mainstay.spec import Spec
from mainstay.spec.backup_plan import BackupPlan, MonthlyTier, WeeklyTier

CONTINUOUS: Final = "continuous"
_BEFORE_MAINTENANCE: Final = 60  # minutes
_FIRST_CHOICE: Final = 2 * 60  # 02:00, when most databases are idle
_STEP: Final = 15
_EVERY_DAY: Final = tuple(range(7))


@dataclass(frozen=True, slots=True)
class _Busy:
    """Minutes of the week, from Monday 00:00, in which no job may start, and whose they are."""

    start: int
    minutes: int
    what: str


def start_times(spec: Spec, plan: BackupPlan) -> tuple[dict[str, Cron], list[Finding]]:
    """The schedule of each rule by name, and what is wrong with the times that were written.

    Written times are kept and judged; the others are placed in the first quarter of an hour from 02:00 on that is
    free on every day on which they may run.
    """
    names = ([CONTINUOUS] if plan.continuous else []) + list(plan.tiers)
    written = {name: tier.at // 60 for name, tier in plan.tiers.items() if tier.at is not None}
    busy, minutes, faults = list(_windows(spec, plan)), dict(written), []
    for name in sorted(names, key=lambda name: name not in written):
        if name not in written:
            found = _free(plan, name, busy)
            if found is None:
                faults.append(_no_room(spec, name))
                continue
            minutes[name] = found
        else:
            faults += _collisions(spec, plan, name, minutes[name], busy)
        busy += _taken(plan, name, minutes[name])
    return {name: _cron(plan, name, minutes[name]) for name in names if name in minutes}, faults


def _windows(spec: Spec, plan: BackupPlan) -> Iterator[_Busy]:
    window, maintenance = spec.protection.backups.window, spec.protection.maintenance
    if not plan.continuous:
        for day in _EVERY_DAY:
            yield _Busy(day * DAY + window.start, window.minutes, f"the backup window {window}")
    what = f"the maintenance window {maintenance}, or the hour before it"
    yield _Busy(maintenance.start - _BEFORE_MAINTENANCE, maintenance.minutes + _BEFORE_MAINTENANCE, what)


def _days(plan: BackupPlan, name: str) -> tuple[int, ...]:
    """The weekdays on which a rule may run; a day of the month can be any of them."""
    tier = plan.tiers.get(name)
    return (WEEKDAYS.index(tier.day),) if isinstance(tier, WeeklyTier) else _EVERY_DAY


def _taken(plan: BackupPlan, name: str, minute: int) -> Iterator[_Busy]:
    for day in _days(plan, name):
        yield _Busy(day * DAY + minute, plan.start_window // 60, f"the start window of {name}")


def _in_the_way(plan: BackupPlan, name: str, minute: int, busy: Iterable[_Busy]) -> list[str]:
    return list(dict.fromkeys(one.what for one in busy for job in _taken(plan, name, minute) if _overlaps(job, one)))


def _overlaps(one: _Busy, other: _Busy) -> bool:
    return meet(one.start, one.minutes, other.start, other.minutes)


def _free(plan: BackupPlan, name: str, busy: list[_Busy]) -> int | None:
    candidates = ((_FIRST_CHOICE + step) % DAY for step in range(0, DAY, _STEP))
    return next((minute for minute in candidates if not _in_the_way(plan, name, minute, busy)), None)


def _collisions(spec: Spec, plan: BackupPlan, name: str, minute: int, busy: list[_Busy]) -> Iterator[Finding]:
    reasons = _in_the_way(plan, name, minute, busy)
    if reasons:
        free = _free(plan, name, busy)
        yield fault_at(
            spec,
            "SP011",
            f"protection.backup_plan.{name}.at",
            f"a job that starts between {_clock(minute)} and {_clock(minute + plan.start_window // 60)} can fall into "
            f"{' and '.join(reasons)}.",
            "leave it out" if free is None else f'write "{_clock(free)}", or leave it out',
        )


def _no_room(spec: Spec, name: str) -> Finding:
    return fault_at(
        spec,
        "SP011",
        f"protection.backup_plan.{name}",
        "no time of day is clear of both windows and of the other tiers.",
        "write a shorter start_window or shorter windows",
    )


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def _cron(plan: BackupPlan, name: str, minute: int) -> Cron:
    tier = plan.tiers.get(name)
    match tier:
        case WeeklyTier():
            when = f"? * {tier.day.upper()}"
        case MonthlyTier():
            when = f"{tier.day} * ?"
        case _:
            when = "* * ?"
    return Cron.parse(f"cron({minute % 60} {minute // 60} {when} *)")
