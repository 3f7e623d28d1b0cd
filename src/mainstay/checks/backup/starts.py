"""When the jobs of a rule may start, as minutes of the week in UTC, and how long each may wait."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mainstay.checks.scene import literal
from mainstay.core.schedules import Cron
from mainstay.core.units import Duration
from mainstay.core.windows import DAY, WEEK, WEEKDAYS
from mainstay.facts import load
from mainstay.plan.resources import BackupRule


def schedule_of(rule: BackupRule) -> Cron | None:
    """The schedule, AWS's own where nothing is written; None when it cannot be seen, or is a rate without anchor."""
    return (
        Cron.parse(load("backup").data["default_schedule"]) if rule.schedule is None else literal(rule.schedule, Cron)
    )


def start_window(rule: BackupRule) -> int | None:
    """For how many minutes a job may wait; AWS's own default where nothing is written, None when it cannot be seen."""
    if rule.start_window is None:
        return int(load("backup").data["default_start_window_minutes"])
    window = literal(rule.start_window, Duration)
    return None if window is None else window // 60


def starts(rule: BackupRule, day: date) -> tuple[int, ...]:
    """The minutes of the week, from Monday 00:00 UTC, at which a job may start; () when that cannot be seen.

    In a time zone with summer time each start counts in both forms: a window is met in one half of the year.
    """
    schedule, offsets = schedule_of(rule), _offsets(rule, day.year)
    times = schedule.times_of_week if schedule else ()
    return tuple(sorted({(minute - offset) % WEEK for minute in times for offset in offsets}))


def _offsets(rule: BackupRule, year: int) -> set[int]:
    """By how many minutes the rule's clock is ahead of UTC, in winter and in summer."""
    if rule.time_zone is None:
        return {0}
    name = literal(rule.time_zone, str)
    if name in ("UTC", "Etc/UTC"):  # what the provider fills in, on machines without a table of zones too
        return {0}
    try:
        zone = ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = None
    if zone is None:
        return set()
    moments = (datetime(year, month, 15, tzinfo=UTC).astimezone(zone) for month in (1, 7))
    return {int(offset.total_seconds()) // 60 for moment in moments if (offset := moment.utcoffset()) is not None}


def clock(minute: int) -> str:
    """A minute of the week as findings show it: `sun:03:30`."""
    return f"{WEEKDAYS[minute // DAY]}:{minute % DAY // 60:02}:{minute % 60:02}"
