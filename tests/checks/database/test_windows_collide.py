"""DB001: windows to the minute, over midnight and over the week's end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.windows_collide import faults
from mainstay.checks.examples import database, plan_of
from mainstay.core.findings import Finding
from mainstay.core.windows import DailyWindow, WeeklyWindow


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
