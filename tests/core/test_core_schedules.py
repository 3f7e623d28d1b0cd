from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.core.schedules import Cron, Rate, backup_fault, parse_schedule
from mainstay.core.units import Duration
from mainstay.core.windows import DAY

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)  # a Saturday


def runs(text: str, count: int = 3, *, start: datetime = NOON) -> list[str]:
    """The first runs after a moment, as people write them."""
    return [f"{run:%a %Y-%m-%d %H:%M}" for run in islice(Cron.parse(text).runs_from(start), count)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cron(0 2 * * ? *)", ["Sun 2026-11-22 02:00", "Mon 2026-11-23 02:00", "Tue 2026-11-24 02:00"]),
        ("cron(0 12 * * ? *)", ["Sun 2026-11-22 12:00", "Mon 2026-11-23 12:00", "Tue 2026-11-24 12:00"]),
        ("cron(1 12 * * ? *)", ["Sat 2026-11-21 12:01", "Sun 2026-11-22 12:01", "Mon 2026-11-23 12:01"]),
        ("cron(0 5 ? * SUN *)", ["Sun 2026-11-22 05:00", "Sun 2026-11-29 05:00", "Sun 2026-12-06 05:00"]),
        ("cron(0 5 ? * 1 *)", ["Sun 2026-11-22 05:00", "Sun 2026-11-29 05:00", "Sun 2026-12-06 05:00"]),
        ("cron(0 5 ? * mon-fri *)", ["Mon 2026-11-23 05:00", "Tue 2026-11-24 05:00", "Wed 2026-11-25 05:00"]),
        ("cron(0 5 ? * 7 *)", ["Sat 2026-11-28 05:00", "Sat 2026-12-05 05:00", "Sat 2026-12-12 05:00"]),
        ("cron(0 5 ? * L *)", ["Sat 2026-11-28 05:00", "Sat 2026-12-05 05:00", "Sat 2026-12-12 05:00"]),
        ("cron(0 5 ? * 6L *)", ["Fri 2026-11-27 05:00", "Fri 2026-12-25 05:00", "Fri 2027-01-29 05:00"]),
        ("cron(0 5 ? * FRI#1 *)", ["Fri 2026-12-04 05:00", "Fri 2027-01-01 05:00", "Fri 2027-02-05 05:00"]),
        ("cron(0 5 ? * 1#5 *)", ["Sun 2026-11-29 05:00", "Sun 2027-01-31 05:00", "Sun 2027-05-30 05:00"]),
        ("cron(0 3 1 * ? *)", ["Tue 2026-12-01 03:00", "Fri 2027-01-01 03:00", "Mon 2027-02-01 03:00"]),
        ("cron(0 3 31 * ? *)", ["Thu 2026-12-31 03:00", "Sun 2027-01-31 03:00", "Wed 2027-03-31 03:00"]),
        ("cron(0 3 L * ? *)", ["Mon 2026-11-30 03:00", "Thu 2026-12-31 03:00", "Sun 2027-01-31 03:00"]),
        ("cron(0 3 30W FEB,MAY ? *)", ["Mon 2027-05-31 03:00", "Tue 2028-05-30 03:00", "Wed 2029-05-30 03:00"]),
        ("cron(0 3 15W * ? *)", ["Tue 2026-12-15 03:00", "Fri 2027-01-15 03:00", "Mon 2027-02-15 03:00"]),
        ("cron(0 3 1W AUG ? *)", ["Mon 2027-08-02 03:00", "Tue 2028-08-01 03:00", "Wed 2029-08-01 03:00"]),
        ("cron(0 3 1W MAY ? *)", ["Mon 2027-05-03 03:00", "Mon 2028-05-01 03:00", "Tue 2029-05-01 03:00"]),
        ("cron(0 3 31W JAN,JUL ? *)", ["Fri 2027-01-29 03:00", "Fri 2027-07-30 03:00", "Mon 2028-01-31 03:00"]),
        ("cron(0 3 27W DEC ? *)", ["Mon 2026-12-28 03:00", "Mon 2027-12-27 03:00", "Wed 2028-12-27 03:00"]),
        ("cron(0 0 29 2 ? *)", ["Tue 2028-02-29 00:00", "Sun 2032-02-29 00:00", "Fri 2036-02-29 00:00"]),
        ("cron(0/30 8-9 * * ? *)", ["Sun 2026-11-22 08:00", "Sun 2026-11-22 08:30", "Sun 2026-11-22 09:00"]),
        ("cron(15,45 */12 * * ? *)", ["Sat 2026-11-21 12:15", "Sat 2026-11-21 12:45", "Sun 2026-11-22 00:15"]),
        ("cron(0 0 1 1 ? 2150)", ["Thu 2150-01-01 00:00"]),
        ("cron(0 0 1 1 ? 2026)", []),
        ("cron(0 0 30 2 ? *)", []),
    ],
)
def test_the_next_runs(text: str, expected: list[str]) -> None:
    assert runs(text) == expected


def test_the_next_run_is_in_utc_whatever_the_moment_s_zone() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=14)))
    assert Cron.parse("cron(0 2 * * ? *)").next_after(there) == datetime(2026, 11, 22, 2, tzinfo=UTC)
    assert Cron.parse("cron(0 0 30 2 ? *)").next_after(NOON) is None


@pytest.mark.parametrize(
    ("text", "shortest", "longest"),
    [
        ("cron(0 2 * * ? *)", "1d", "1d"),
        ("cron(0 0,12 * * ? *)", "12h", "12h"),
        ("cron(0 1,4 * * ? *)", "3h", "21h"),
        ("cron(0 23,1 * * ? *)", "2h", "22h"),
        ("cron(* * * * ? *)", "1m", "1m"),
        ("cron(0 * ? * MON *)", "1h", "6d1h"),
        ("cron(0 5 ? * 1 *)", "7d", "7d"),
        ("cron(0 5 ? * MON,TUE *)", "1d", "6d"),
        ("cron(0 0 1 * ? *)", "28d", "31d"),
        ("cron(0 0 29 2 ? *)", "1461d", "1461d"),
        ("cron(0 0 1,2 1 ? 2150)", "1d", "1d"),
    ],
)
def test_the_gaps_between_runs(text: str, shortest: str, longest: str) -> None:
    cron = Cron.parse(text)
    assert (cron.shortest_gap, cron.longest_gap) == (Duration.parse(shortest), Duration.parse(longest))


def test_a_schedule_that_runs_once_has_no_gap() -> None:
    once = Cron.parse("cron(0 0 1 1 ? 2030)")
    assert (once.shortest_gap, once.longest_gap) == (None, None)
    assert backup_fault(once) is None


def test_the_times_of_a_week_are_counted_from_monday() -> None:
    assert Cron.parse("cron(30 5 ? * SUN *)").times_of_week == (6 * DAY + 330,)
    assert Cron.parse("cron(0 0,2 ? * 2,3 *)").times_of_week == (0, 120, DAY, DAY + 120)
    # The first of a month falls on every weekday sooner or later.
    assert Cron.parse("cron(0 1 1 * ? *)").times_of_week == tuple(day * DAY + 60 for day in range(7))
    assert Cron.parse("cron(30 2,14 * * ? *)").times_of_day == (150, 870)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 2 * * ? *", "six fields"),
        ("cron(0 2 * * ?)", "six fields"),
        ("cron(0 2 * * ? * *)", "six fields"),
        ("at(2026-11-21T00:00:00)", "six fields"),
        ("cron(0 2 * * * *)", "exactly one"),
        ("cron(0 2 ? * ? *)", "exactly one"),
        ("cron(60 2 * * ? *)", "'60' is not a value of minutes, which goes from 0 to 59"),
        ("cron(0 24 * * ? *)", "'24' is not a value of hours, which goes from 0 to 23"),
        ("cron(0 2 0 * ? *)", "'0' is not a value of day of month, which goes from 1 to 31"),
        ("cron(0 2 32 * ? *)", "day of month"),
        ("cron(0 2 32W * ? *)", "day of month"),
        ("cron(0 2 LW * ? *)", "day of month"),
        ("cron(0 2 * 13 ? *)", "'13' is not a value of month"),
        ("cron(0 2 ? * 8 *)", "'8' is not a value of day of week"),
        ("cron(0 2 ? * FUN *)", "'FUN'"),
        ("cron(0 2 ? * SUN#6 *)", "from 1 to 5"),
        ("cron(0 2 ? * SUN# *)", "from 1 to 5"),
        ("cron(0 2 ? * SUN,2L *)", "day of week"),
        ("cron(0 2 * * ? 2200)", "year, which goes from 1970 to 2199"),
        ("cron(0 2 * * ? 1969)", "year"),
        ("cron(5-1 2 * * ? *)", "ends before it begins"),
        ("cron(*/0 2 * * ? *)", "step"),
        ("cron(*/ 2 * * ? *)", "step"),
        ("cron(0, 2 * * ? *)", "''"),
        ("cron(٣ 2 * * ? *)", "'٣'"),
        ("rate(0 days)", "rate(1 day)"),
        ("rate(1 days)", "rate(1 day)"),
        ("rate(2 day)", "rate(1 day)"),
        ("rate(1 week)", "rate(1 day)"),
        ("rate(-1 hours)", "rate(1 day)"),
    ],
)
def test_what_is_no_schedule_is_told(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        parse_schedule(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "period"),
    [("rate(1 minute)", "1m"), ("rate(12 hours)", "12h"), ("rate(1 day)", "1d"), ("rate(30 days)", "30d")],
)
def test_a_rate_is_a_period(text: str, period: str) -> None:
    rate = parse_schedule(text)
    assert isinstance(rate, Rate)
    assert rate.period == rate.shortest_gap == rate.longest_gap == Duration.parse(period)
    assert str(rate) == text


@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        ("cron(0/5 * * * ? *)", True),
        ("cron(*/59 * * * ? *)", True),
        ("cron(0,59 2 * * ? *)", True),
        ("cron(0 * * * ? *)", False),
        ("cron(59 * * * ? *)", False),
        ("cron(0 2 * * ? *)", False),
        ("rate(59 minutes)", True),
        ("rate(60 minutes)", False),
        ("rate(1 hour)", False),
    ],
)
def test_a_backup_is_made_every_hour_at_most(text: str, is_refused: bool) -> None:
    fault = backup_fault(parse_schedule(text))
    assert (fault is not None) == is_refused
    assert fault is None or fault.startswith(text)


def test_two_crons_are_equal_when_they_are_written_alike() -> None:
    daily = Cron.parse("cron(0 2 * * ? *)")
    assert daily == Cron.parse("cron(0 2 * * ? *)")
    assert daily != Cron.parse("cron(0 02 * * ? *)")
    assert str(daily) == "cron(0 2 * * ? *)"
    assert len({daily, Cron.parse("cron(0 2 * * ? *)")}) == 1


@settings(max_examples=30, deadline=None)
@given(
    st.tuples(st.integers(0, 59), st.integers(0, 23)),
    st.sampled_from(["* * ?", "1 * ?", "L * ?", "? * MON", "? * 3#2", "15W 2/3 ?"]),
    st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)),
)
def test_runs_are_in_order_after_the_moment_and_within_the_gaps(
    clock: tuple[int, int], days: str, moment: datetime
) -> None:
    cron = Cron.parse(f"cron({clock[0]} {clock[1]} {days} *)")
    start = moment.replace(tzinfo=UTC)
    found = list(islice(cron.runs_from(start), 4))
    assert found[0] > start
    assert found[0] == cron.next_after(start)
    assert cron.shortest_gap is not None
    assert cron.longest_gap is not None
    for earlier, later in pairwise(found):
        assert cron.shortest_gap <= (later - earlier).total_seconds() <= cron.longest_gap
    assert all((run.weekday() * DAY + run.hour * 60 + run.minute) in cron.times_of_week for run in found)


@pytest.mark.parametrize(
    ("period", "text"),
    [("1m", "rate(1 minute)"), ("90m", "rate(90 minutes)"), ("60m", "rate(1 hour)"), ("24h", "rate(1 day)")],
)
def test_a_period_is_a_rate_in_its_largest_unit(period: str, text: str) -> None:
    rate = Rate.each(Duration.parse(period))
    assert str(rate) == text
    assert parse_schedule(text) == rate


def test_schedules_of_the_same_days_share_the_calendar() -> None:
    crons = [Cron.parse(f"cron({number % 60} {number % 24} ? * MON-FRI *)") for number in range(500)]
    began = time.process_time()
    assert {cron.longest_gap for cron in crons} == {Duration.days(3)}
    # A turn of the calendar each took seconds together; one for all takes a hundredth of that.
    assert time.process_time() - began < 2


def test_another_minute_of_the_same_hours() -> None:
    assert Cron.parse("cron(*/15 8-18 ? * MON-FRI *)").at_minute(5).text == "cron(5 8-18 ? * MON-FRI *)"
    with pytest.raises(ValueError, match="60"):
        Cron.parse("cron(0 8 * * ? *)").at_minute(60)
