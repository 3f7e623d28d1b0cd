"""BK007: jobs against the daily window to the minute, over midnight, and who owns it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    schedule,
    tier,
)
from mainstay.checks.backup.job_in_backup_window import faults
from mainstay.checks.examples import database
from mainstay.core.findings import Finding, Severity
from mainstay.core.units import Duration
from mainstay.core.windows import DailyWindow
from mainstay.plan.plan import Plan
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]


def plan_with(fields: str, own: str, window: int | None = 60, **changes: object) -> Plan:
    minutes = None if window is None else Duration.minutes(window)
    rule = tier(schedule=schedule(fields), start_window=minutes, **changes)
    return backed_up(rule, Database=database(backup_window=DailyWindow.parse(own)))


@pytest.mark.parametrize(
    ("fields", "own", "window", "severity"),
    [
        ("0 2 * * ? *", "03:00-04:00", 60, None),
        ("0 2 * * ? *", "03:00-04:00", 61, Severity.WARNING),
        ("59 2 * * ? *", "03:00-04:00", 60, Severity.WARNING),
        ("0 3 * * ? *", "03:00-04:00", 60, Severity.ERROR),
        ("59 3 ? * MON *", "03:00-04:00", 60, Severity.ERROR),
        ("0 4 * * ? *", "03:00-04:00", 60, None),
        ("0 23 * * ? *", "00:00-00:30", 60, None),
        ("30 23 * * ? *", "00:00-00:30", 60, Severity.WARNING),
        ("15 0 * * ? *", "23:45-00:15", 60, None),
        ("0 0 * * ? *", "23:45-00:15", 60, Severity.ERROR),
        ("0 20 * * ? *", "03:00-04:00", None, Severity.INFO),
        ("0 19 * * ? *", "03:00-04:00", None, None),
        ("0 0/6 * * ? *", "03:00-06:00", 60, None),
        ("0 1/6 * * ? *", "07:30-08:00", 60, Severity.WARNING),
    ],
)
def test_jobs(fields: str, own: str, window: int | None, severity: Severity | None, say: Say) -> None:
    found = [finding.severity for finding in say(faults, plan_with(fields, own, window))]
    assert found == ([] if severity is None else [severity])


def test_a_time_zone_shifts_the_job(say: Say) -> None:
    assert len(say(faults, plan_with("0 2 * * ? *", "00:00-01:30", time_zone="Europe/Zurich"))) == 1
    assert say(faults, plan_with("0 2 * * ? *", "02:00-03:00", time_zone="Europe/Zurich")) == []


@pytest.mark.parametrize("owner", [True, Param("Continuous")])
def test_aws_backup_keeps_its_own_apart(owner: object, say: Say) -> None:
    continuous = tier(name="continuous", is_continuous=owner)
    at_one = tier(schedule=schedule("0 1 * * ? *"))
    assert say(faults, backed_up(at_one, continuous)) == []
    assert len(say(faults, backed_up(at_one, replace(continuous, is_continuous=False)))) == 1


def test_silence(say: Say) -> None:
    at_one = tier(schedule=schedule("0 1 * * ? *"))
    assert say(faults, backed_up(at_one, Database=database(backup_window=Param("Window")))) == []
    assert say(faults, backed_up(at_one, Database=database(backup_window=None))) == []
    assert say(faults, backed_up(at_one, Database=database(backup_retention=Duration.days(0)))) == []
    hidden = tier(schedule=schedule("0 2 * * ? *"), start_window=Param("Window"))
    assert say(faults, backed_up(hidden)) == []
    assert len(say(faults, backed_up(replace(hidden, schedule=schedule("0 1 * * ? *"))))) == 1
