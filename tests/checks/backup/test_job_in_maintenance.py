"""BK006: jobs against maintenance to the minute: the hour before, midnight, the week's end, months, time zones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    schedule,
    tier,
)
from mainstay.checks.backup.job_in_maintenance import faults
from mainstay.checks.examples import database
from mainstay.core.findings import Finding, Severity
from mainstay.core.units import Duration
from mainstay.core.windows import WeeklyWindow
from mainstay.plan.plan import Plan
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]


def plan_with(fields: str, maintenance: str, window: int | None = 60, **changes: object) -> Plan:
    db = database(maintenance_window=WeeklyWindow.parse(maintenance))
    minutes = None if window is None else Duration.minutes(window)
    return backed_up(tier(schedule=schedule(fields), start_window=minutes, **changes), Database=db)


@pytest.mark.parametrize(
    ("fields", "maintenance", "window", "severity"),
    [
        ("0 2 * * ? *", "sun:04:00-sun:05:00", 60, None),  # ends when the hour before begins
        ("0 2 * * ? *", "sun:04:00-sun:05:00", 61, Severity.WARNING),
        ("59 2 * * ? *", "sun:04:00-sun:05:00", 60, Severity.WARNING),
        ("0 3 * * ? *", "sun:04:00-sun:05:00", 60, Severity.ERROR),
        ("59 4 * * ? *", "sun:04:00-sun:05:00", 60, Severity.ERROR),
        ("0 5 * * ? *", "sun:04:00-sun:05:00", 60, None),
        ("0 3 ? * MON-SAT *", "sun:04:00-sun:05:00", 60, None),
        ("0 3 ? * SUN *", "sun:04:00-sun:05:00", 60, Severity.ERROR),
        ("0 3 1 * ? *", "sun:04:00-sun:05:00", 60, Severity.ERROR),  # some first of a month is a Sunday
        ("0 23 * * ? *", "mon:00:30-mon:01:00", 60, Severity.WARNING),  # the hour before begins on Sunday at 23:30
        ("30 23 ? * SUN *", "mon:00:30-mon:01:00", 60, Severity.ERROR),
        ("15 0 * * ? *", "sun:23:45-mon:00:15", 60, None),
        ("14 0 * * ? *", "sun:23:45-mon:00:15", 60, Severity.ERROR),
        ("0/30 1-23/3 * * ? *", "sun:04:00-sun:05:00", 60, Severity.ERROR),
        ("0 1,5 * * ? *", "sun:04:00-sun:05:00", 60, None),
        ("0 22 * * ? *", "sun:04:00-sun:05:00", None, Severity.INFO),  # eight hours, because nothing is written
        ("0 5 * * ? *", "sun:04:00-sun:05:00", None, None),
    ],
)
def test_jobs(fields: str, maintenance: str, window: int | None, severity: Severity | None, say: Say) -> None:
    found = [finding.severity for finding in say(faults, plan_with(fields, maintenance, window))]
    assert found == ([] if severity is None else [severity])


@pytest.mark.parametrize(
    ("zone", "hour", "count"),
    [
        ("Europe/Zurich", 5, 1),  # 04:00 UTC in winter, 03:00 in summer
        ("Europe/Zurich", 7, 0),  # 06:00 and 05:00
        ("America/New_York", 23, 1),  # 04:00 and 03:00 the day after
        ("Asia/Kolkata", 10, 1),  # 04:30
        ("Asia/Kolkata", 11, 0),  # 05:30
        ("Etc/UTC", 4, 1),
        ("UTC", 5, 0),
        ("Mars/Olympus", 4, 0),
        (Param("Zone"), 4, 0),
    ],
)
def test_time_zones(zone: object, hour: int, count: int, say: Say) -> None:
    plan = plan_with(f"0 {hour} * * ? *", "sun:04:00-sun:05:00", time_zone=zone)
    assert len(say(faults, plan)) == count


def test_the_default_schedule(say: Say) -> None:
    db = database(maintenance_window=WeeklyWindow.parse("sun:05:00-sun:06:00"))
    (finding,) = say(faults, backed_up(tier(schedule=None), Database=db))
    assert "from sun:05:00 UTC, up to 1h late;" in finding.detail
    assert finding.hint == (
        "let it start after sun:06:00, or end its start window by sun:04:00, or move the maintenance to"
        " sun:04:00-sun:05:00"
    )


def test_silence(say: Say) -> None:
    hidden = database(maintenance_window=Param("Window"))
    assert say(faults, backed_up(tier(schedule=schedule("0 4 * * ? *")), Database=hidden)) == []
    assert say(faults, backed_up(tier(schedule=schedule("0 4 * * ? *")), Selection=None)) == []
    assert say(faults, backed_up(tier(schedule=schedule("0 4 * * ? *"), start_window=Param("Window")))) == []


def test_a_job_that_may_not_wait(say: Say) -> None:
    assert say(faults, plan_with("59 2 * * ? *", "sun:04:00-sun:05:00", 0)) == []
    (finding,) = say(faults, plan_with("0 3 * * ? *", "sun:04:00-sun:05:00", 0))
    assert "from sun:03:00 UTC, up to 0s late;" in finding.detail
