"""When jobs start: in UTC, in other time zones, and how a minute of the week is written."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfoNotFoundError

import pytest

from mainstay.checks.backup import starts as starting
from mainstay.checks.backup.examples import schedule, tier
from mainstay.checks.backup.starts import clock, starts
from mainstay.core.units import Duration
from mainstay.plan.values import Param

DAY = date(2026, 11, 20)
MONDAY_AT_TWO = schedule("0 2 ? * MON *")


@pytest.mark.parametrize(
    ("zone", "at"),
    [
        (None, (120,)),
        ("UTC", (120,)),
        ("Etc/UTC", (120,)),
        ("Europe/Zurich", (0, 60)),
        ("Asia/Tokyo", (7 * 1440 - 420,)),
        ("Asia/Kolkata", (7 * 1440 - 210,)),
        ("Mars/Olympus", ()),
        (Param("Zone"), ()),
    ],
)
def test_the_minutes_of_the_week(zone: object, at: tuple[int, ...]) -> None:
    assert starts(tier(schedule=MONDAY_AT_TWO, time_zone=zone), DAY) == at


@pytest.mark.parametrize(("zone", "at"), [("UTC", (120,)), ("Etc/UTC", (120,)), ("Europe/Zurich", ())])
def test_utc_needs_no_table_of_zones(zone: str, at: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ZoneInfoNotFoundError(name)

    monkeypatch.setattr(starting, "ZoneInfo", missing)
    assert starts(tier(schedule=MONDAY_AT_TWO, time_zone=zone), DAY) == at


def test_how_long_a_job_may_wait() -> None:
    windows = (None, Duration.minutes(90), Param("Window"))
    assert [starting.start_window(tier(start_window=one)) for one in windows] == [480, 90, None]


@pytest.mark.parametrize(
    ("minute", "text"),
    [(0, "mon:00:00"), (59, "mon:00:59"), (60, "mon:01:00"), (1439, "mon:23:59"), (10079, "sun:23:59")],
)
def test_a_minute_of_the_week(minute: int, text: str) -> None:
    assert clock(minute) == text
