"""DB001: windows to the minute, over midnight and over the week's end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.database.windows_collide import faults
from mainstay.checks.examples import database, plan_of
from mainstay.core.findings import Finding, Severity
from mainstay.core.windows import DailyWindow, WeeklyWindow
from mainstay.plan.values import Json, Unknown


@pytest.mark.parametrize(
    ("backup", "maintenance", "said"),
    [
        ("04:00-05:00", "sun:05:00-sun:06:00", []),
        ("04:00-05:01", "sun:05:00-sun:06:00", ["open for 1 minutes"]),
        ("06:00-07:00", "sun:05:00-sun:06:00", []),
        ("05:59-07:00", "sun:05:00-sun:06:00", ["open for 1 minutes"]),
        ("23:30-00:30", "sun:23:45-mon:00:15", ["open for 30 minutes"]),
        ("00:00-01:00", "sun:23:30-mon:00:30", ["open for 30 minutes"]),
        ("03:00-03:30", "sun:05:00-sun:05:30", []),
        ("03:00-03:29", "sun:05:00-sun:05:30", ["The backup window 03:00-03:29 is open for 29"]),
        ("03:00-03:30", "sun:05:00-sun:05:29", ["The maintenance window sun:05:00-sun:05:29 is open for 29"]),
        (None, "sun:05:00-sun:06:00", []),
        ("03:00-04:00", None, []),
    ],
)
def test_windows(
    backup: str | None, maintenance: str | None, said: list[str], say: Callable[..., list[Finding]]
) -> None:
    db = database(
        backup_window=backup and DailyWindow.parse(backup),
        maintenance_window=maintenance and WeeklyWindow.parse(maintenance),
    )
    details = [finding.detail for finding in say(faults, plan_of(db))]
    assert len(details) == len(said)
    assert all(part in detail for part, detail in zip(said, details, strict=True))


def test_a_window_from_a_parameter(say: Callable[..., list[Finding]]) -> None:
    unread = Unknown("no window", {"Ref": "Window"}, means="9-10")
    (finding,) = say(faults, plan_of(database(backup_window=unread)))
    assert "9-10" in finding.detail
    assert say(faults, plan_of(database(backup_window=replace(unread, means=None)))) == []


@pytest.mark.parametrize(
    ("backup", "maintenance", "minutes"),
    [
        ("00:00-00:00", "sun:23:30-mon:00:30", 60),  # over the end of the week
        ("23:00-01:00", "sun:22:00-mon:02:00", 120),
        ("23:00-01:00", "fri:00:30-sat:00:00", 90),  # the end of Thursday's, and the beginning of Friday's
        ("12:00-13:00", "mon:12:30-tue:12:29", 59),  # Monday's second half and Tuesday's first
    ],
)
def test_minutes_over_midnight_and_the_end_of_the_week(
    backup: str, maintenance: str, minutes: int, say: Callable[..., list[Finding]]
) -> None:
    windows = DailyWindow.parse(backup), WeeklyWindow.parse(maintenance)
    findings = say(faults, plan_of(database(backup_window=windows[0], maintenance_window=windows[1])))
    assert any(f"open for {minutes} minutes" in finding.detail for finding in findings)


@pytest.mark.parametrize(("maintenance", "count"), [("mon:05:00-tue:04:59", 0), ("mon:05:00-tue:05:00", 1)])
def test_a_maintenance_window_ends_within_a_day(
    maintenance: str, count: int, say: Callable[..., list[Finding]]
) -> None:
    db = database(backup_window=None, maintenance_window=WeeklyWindow.parse(maintenance))
    findings = say(faults, plan_of(db))
    assert [finding.severity for finding in findings] == [Severity.WARNING] * count
    assert all("open for 24 hours" in finding.detail for finding in findings)


def test_the_hours_of_a_long_window(say: Callable[..., list[Finding]]) -> None:
    (finding,) = say(
        faults, plan_of(database(backup_window=None, maintenance_window=WeeklyWindow.parse("mon:05:00-sun:04:59")))
    )
    assert "open for 143 hours" in finding.detail


@pytest.mark.parametrize(
    ("field", "text", "form"),
    [
        ("backup_window", "0300-0400", "03:00-04:00"),
        ("maintenance_window", "Sunday 03:00", "sun:04:30-sun:05:30"),
    ],
)
def test_what_is_no_window(field: str, text: str, form: str, say: Callable[..., list[Finding]]) -> None:
    (finding,) = say(faults, plan_of(database(**{field: Unknown("not a window", text)})))
    assert f"'{text}' is no" in finding.detail
    assert finding.hint.endswith(form)


@pytest.mark.parametrize("source", [None, {"Ref": "Window"}, "{{resolve:ssm:window}}", "${var.window}"])
def test_a_window_that_only_the_target_knows(source: Json, say: Callable[..., list[Finding]]) -> None:
    assert say(faults, plan_of(database(backup_window=Unknown("later", source)))) == []
