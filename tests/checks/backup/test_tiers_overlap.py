"""BK005: which start windows meet, over midnight and over the week's end, and what is lost by it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    ELSEWHERE,
    backed_up,
    schedule,
    tier,
)
from mainstay.checks.backup.tiers_overlap import faults
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    CopyAction,
)
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]

WEEK_KEPT, YEAR_KEPT = Duration.days(7), Duration.days(365)


def two(short: str, long: str, window: int, **changes: object) -> Plan:
    return backed_up(
        tier(name="short", schedule=schedule(short), delete_after=WEEK_KEPT, **changes),
        tier(name="long", schedule=schedule(long), delete_after=YEAR_KEPT, start_window=Duration.minutes(window)),
    )


@pytest.mark.parametrize(
    ("short", "long", "window", "met"),
    [
        ("0 2 * * ? *", "0 2 1 * ? *", 60, 0),  # the monthly one takes the daily one's place
        ("0 0/6 * * ? *", "0 0 ? * SUN *", 360, 0),  # ends when the next begins
        ("0 0/6 * * ? *", "0 0 ? * SUN *", 361, 2),
        ("0 * * * ? *", "0 2 * * ? *", 60, 0),
        ("0 * * * ? *", "30 2 * * ? *", 60, 2),  # half past meets two windows of an hour
        ("0 * * * ? *", "0 22 * * ? *", 480, 8),  # over midnight
        ("0 * * * ? *", "0 22 ? * SUN *", 480, 8),  # over the end of the week
        ("0 2 ? * MON *", "0 2 ? * TUE *", 1440, 0),
        ("0 2,5 ? * MON *", "0 2 ? * TUE *", 1440, 0),
        ("0 2,5 ? * WED *", "0 6 ? * TUE *", 1440, 2),
    ],
)
def test_what_a_longer_window_swallows(short: str, long: str, window: int, met: int, say: Say) -> None:
    details = [finding.detail for finding in say(faults, two(short, long, window))]
    assert len(details) == (met > 0)
    assert not met or f"meets {met} of short's" in details[0]


def test_a_time_zone_counts(say: Say) -> None:
    # 02:00 in New York is 06:00 or 07:00 in UTC, where the six-hourly rule runs in one half of the year.
    plan = two("0 6,7 * * ? *", "0 2 * * ? *", 60)
    assert say(faults, plan) == []
    apart = tier(name="long", time_zone="America/New_York", delete_after=YEAR_KEPT, start_window=Duration.minutes(61))
    short = tier(name="short", schedule=schedule("0 6,7 * * ? *"), delete_after=WEEK_KEPT)
    assert len(say(faults, backed_up(short, apart))) == 1


def test_a_copy_that_is_dropped(say: Say) -> None:
    copied = (CopyAction(vault=ELSEWHERE),)
    (finding,) = say(faults, two("0 2 * * ? *", "0 2 1 * ? *", 60, copies=copied))
    assert "not copied to 1 of its vaults" in finding.detail


@pytest.mark.parametrize(
    "changes",
    [
        {"delete_after": YEAR_KEPT},
        {"delete_after": Param("Days")},
        {"is_continuous": True},
        {"start_window": Param("Window")},
        {"schedule": Param("Schedule")},
    ],
)
def test_silence(changes: dict[str, object], say: Say) -> None:
    hourly = {"name": "short", "schedule": schedule("0 * * * ? *"), "delete_after": WEEK_KEPT} | changes
    long = tier(name="long", start_window=Duration.minutes(480), delete_after=YEAR_KEPT)
    assert say(faults, backed_up(tier(**hourly), long)) == []


def test_what_is_kept_for_ever_is_kept_longest(say: Say) -> None:
    hourly = tier(name="short", schedule=schedule("0 * * * ? *"), delete_after=WEEK_KEPT)
    assert len(say(faults, backed_up(hourly, tier(name="long", delete_after=None, start_window=None)))) == 1


@pytest.mark.parametrize("hidden", [{"start_window": Param("Window")}, {"schedule": Param("Schedule")}])
@pytest.mark.parametrize("which", ["short", "long"])
def test_a_copy_is_not_dropped_where_the_windows_cannot_be_seen(
    which: str, hidden: dict[str, object], say: Say
) -> None:
    copied = (CopyAction(vault=ELSEWHERE),)
    tiers = (
        {"name": "short", "delete_after": WEEK_KEPT, "copies": copied},
        {"name": "long", "delete_after": YEAR_KEPT},
    )
    assert len(say(faults, backed_up(*(tier(**one) for one in tiers)))) == 1
    assert say(faults, backed_up(*(tier(**one, **(hidden if one["name"] == which else {})) for one in tiers))) == []
