"""BK013: retention and window of a database that AWS Backup backs up continuously."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    tier,
)
from mainstay.checks.backup.two_owners_of_backups import faults
from mainstay.checks.examples import database
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.core.windows import DailyWindow
from mainstay.plan.plan import Plan
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]


def plan_with(days: int | None, window: str | None, **changes: object) -> Plan:
    kept = None if days is None else Duration.days(days)
    db = database(backup_retention=kept, backup_window=window and DailyWindow.parse(window))
    return backed_up(tier(**({"is_continuous": True} | changes)), Database=db)


@pytest.mark.parametrize(
    ("days", "window", "said"),
    [
        (35, None, []),
        (None, None, []),
        (34, None, ["for 34d"]),
        (0, None, ["for 0s"]),
        (35, "10:00-11:00", ["PreferredBackupWindow 10:00-11:00"]),
        (7, "10:00-11:00", ["PreferredBackupWindow", "for 7d"]),
    ],
)
def test_what_the_template_says(days: int | None, window: str | None, said: list[str], say: Say) -> None:
    details = [finding.detail for finding in say(faults, plan_with(days, window))]
    assert len(details) == len(said)
    assert all(part in detail for part, detail in zip(said, details, strict=True))


@pytest.mark.parametrize("changes", [{"is_continuous": False}, {"is_continuous": Param("C")}])
def test_another_owner(changes: dict[str, object], say: Say) -> None:
    assert say(faults, plan_with(7, "10:00-11:00", **changes)) == []


def test_silence(say: Say) -> None:
    assert say(faults, plan_with(7, None, delete_after=Param("Days"))) == []
    hidden = database(backup_retention=Param("Days"), backup_window=Param("Window"))
    assert say(faults, backed_up(tier(is_continuous=True), Database=hidden)) == []
    shown = database(backup_retention=Duration.days(35), address="aws_db_instance.shop")
    assert say(faults, backed_up(tier(is_continuous=True), Database=shown)) == []


def test_of_two_owners_the_first_is_named_and_the_longer_counts(say: Say) -> None:
    rules = [tier(name=name, is_continuous=True, delete_after=Duration.days(n)) for name, n in (("one", 7), ("two", 9))]
    window, kept = say(faults, backed_up(*rules, Database=database(backup_retention=Duration.days(5))))
    assert "and one backs it up continuously" in window.detail
    assert "and one for 9d" in kept.detail
    assert kept.hint == "set BackupRetentionPeriod to 9, or leave it out"
