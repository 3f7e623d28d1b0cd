"""Time carries its offset, in both directions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.core.clock import SystemClock, parse_time, render_time
from mainstay.core.errors import InputRefused

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=OFFSETS))
def test_a_time_survives_being_written(moment: datetime) -> None:
    assert parse_time(render_time(moment)) == moment


def test_a_time_is_written_in_utc_with_microseconds() -> None:
    moment = datetime(2026, 11, 20, 16, 5, tzinfo=timezone(timedelta(hours=2)))
    assert render_time(moment) == "2026-11-20T14:05:00.000000Z"


def test_a_naive_time_is_neither_written_nor_read() -> None:
    with pytest.raises(ValueError, match="naive time"):
        render_time(datetime(2026, 11, 20))
    with pytest.raises(InputRefused) as raised:
        parse_time("2026-11-20T14:05:00")
    assert raised.value.summary == "time without an offset"
    assert "2026-11-20T14:05:00Z" in raised.value.hint


def test_a_text_that_is_no_time_is_refused() -> None:
    with pytest.raises(InputRefused) as raised:
        parse_time("yesterday")
    assert "'yesterday'" in raised.value.detail


def test_the_machine_s_clock_goes_forward() -> None:
    clock = SystemClock()
    before, started = clock.now(), clock.monotonic()
    clock.sleep(0.001)
    assert before.tzinfo is UTC
    assert clock.now() >= before
    assert clock.monotonic() - started >= 0.001
