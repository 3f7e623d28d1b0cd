"""Windows recur: overlap is compared with a minute-by-minute count of a week."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.core.windows import DAY, WEEK, DailyWindow, WeeklyWindow, overlap_minutes

DAILY = st.builds(DailyWindow, st.integers(0, DAY - 1), st.integers(0, DAY - 1))
WEEKLY = st.builds(WeeklyWindow, st.integers(0, WEEK - 1), st.integers(0, WEEK - 1))


@given(DAILY)
def test_a_daily_window_survives_being_written(window: DailyWindow) -> None:
    assert DailyWindow.parse(str(window)) == window


@given(WEEKLY)
def test_a_weekly_window_survives_being_written(window: WeeklyWindow) -> None:
    assert WeeklyWindow.parse(str(window)) == window


@settings(max_examples=60)
@given(DAILY, WEEKLY)
def test_overlap_is_what_counting_minutes_gives(daily: DailyWindow, weekly: WeeklyWindow) -> None:
    in_backup = {(day * DAY + daily.start + minute) % WEEK for day in range(7) for minute in range(daily.minutes)}
    in_maintenance = {(weekly.start + minute) % WEEK for minute in range(weekly.minutes)}
    assert overlap_minutes(daily, weekly) == len(in_backup & in_maintenance)


@pytest.mark.parametrize(
    ("daily", "weekly", "minutes"),
    [
        ("03:00-04:00", "sun:04:00-sun:05:00", 0),  # they touch
        ("03:00-04:01", "sun:04:00-sun:05:00", 1),
        ("23:30-00:30", "mon:00:00-mon:00:30", 30),  # the backup crosses midnight
        ("00:00-01:00", "sun:23:30-mon:00:30", 30),  # maintenance crosses the week's end
        ("05:00-06:00", "sun:04:00-sun:05:00", 0),
    ],
)
def test_windows_that_touch_do_not_overlap(daily: str, weekly: str, minutes: int) -> None:
    assert overlap_minutes(DailyWindow.parse(daily), WeeklyWindow.parse(weekly)) == minutes


def test_windows_know_how_long_they_are_open() -> None:
    assert DailyWindow.parse("23:30-00:30").minutes == 60
    assert DailyWindow.parse("03:00-03:00").minutes == DAY
    assert WeeklyWindow.parse("SUN:23:30-mon:00:30").minutes == 60
    assert WeeklyWindow.parse("sun:04:00-sun:04:00").minutes == WEEK


@pytest.mark.parametrize("text", ["0300-0400", "24:00-01:00", "03:60-04:00", "03:00", "3:00-4:00"])
def test_a_daily_window_that_is_refused_says_why(text: str) -> None:
    with pytest.raises(ValueError, match="is not a daily window; write it in UTC as 03:00-04:00"):
        DailyWindow.parse(text)


@pytest.mark.parametrize("text", ["sunday:04:00-sunday:05:00", "04:00-05:00", "sun:04:00-05:00"])
def test_a_weekly_window_that_is_refused_says_why(text: str) -> None:
    with pytest.raises(ValueError, match="is not a weekly window; write it in UTC as sun:04:00-sun:05:00"):
        WeeklyWindow.parse(text)
