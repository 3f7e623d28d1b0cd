"""The nearest windows that nothing else takes."""

from __future__ import annotations

from datetime import date

import pytest

from mainstay.checks import Scene
from mainstay.checks.backup.examples import backed_up, schedule, tier
from mainstay.checks.examples import database
from mainstay.checks.free_windows import free_backup, free_maintenance
from mainstay.core.units import Duration
from mainstay.core.windows import DailyWindow, WeeklyWindow
from mainstay.plan.plan import Plan


def scene(plan: Plan) -> Scene:
    return Scene(plan, plan.primary, date(2026, 11, 20))


@pytest.mark.parametrize(
    ("own", "wait", "found"),
    [
        ("02:00-02:30", 60, "01:30-02:00"),
        ("02:00-02:30", 30, "02:30-03:00"),
        ("02:00-02:30", 0, "02:30-03:00"),
        ("02:01-02:31", 0, "02:31-03:01"),
        ("01:31-02:01", 0, "02:01-02:31"),
        ("02:00-02:30", 1440, None),
    ],
)
def test_a_daily_window_moves_by_half_hours(own: str, wait: int, found: str | None) -> None:
    window = DailyWindow.parse(own)
    db = database(backup_window=window, maintenance_window=None)
    rule = tier(schedule=schedule("0 2 * * ? *"), start_window=Duration.minutes(wait))
    expected = DailyWindow.parse(found) if found else None
    assert free_backup(db, window, scene(backed_up(rule, Database=db))) == expected


def test_a_window_moves_half_a_day_at_most() -> None:
    window = DailyWindow.parse("12:00-12:30")
    db = database(backup_window=window, maintenance_window=None)
    until_half = tier(schedule=schedule("30 0 * * ? *"), start_window=Duration.minutes(23 * 60 + 30))
    assert free_backup(db, window, scene(backed_up(until_half, Database=db))) == DailyWindow.parse("00:00-00:30")


def test_a_weekly_window_keeps_an_hour_from_jobs() -> None:
    window = WeeklyWindow.parse("sun:02:00-sun:02:30")
    db = database(backup_window=None, maintenance_window=window)
    rule = tier(schedule=schedule("0 2 * * ? *"), start_window=Duration.minutes(60))
    assert free_maintenance(db, window, scene(backed_up(rule, Database=db))) == WeeklyWindow.parse(
        "sun:01:30-sun:02:00"
    )
