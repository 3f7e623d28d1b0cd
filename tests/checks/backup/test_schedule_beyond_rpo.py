"""BK042: gap, start and completion window against the promise, to the minute."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    ELSEWHERE,
    backed_up,
    schedule,
    tier,
)
from mainstay.checks.backup.schedule_beyond_rpo import faults
from mainstay.checks.examples import database
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.intent import Intent
from mainstay.plan.resources import (
    CopyAction,
)
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]

COPIED = (CopyAction(vault=ELSEWHERE),)


def promising(minutes: int, profile: str = "ransomware") -> Intent:
    return Intent(profile=profile, rpo=Duration.minutes(minutes))


@pytest.mark.parametrize(
    ("fields", "start", "complete", "worst"),
    [
        ("0 2 * * ? *", 60, 240, 29 * 60),
        ("0 2 * * ? *", 60, None, 25 * 60),
        ("0 2 * * ? *", None, 720, 44 * 60),
        ("0 0/6 * * ? *", 60, 120, 9 * 60),
        ("0 1,4 * * ? *", 60, 120, 24 * 60),  # 04:00 to 01:00 are 21 hours
        ("0 2 ? * MON,THU *", 60, 120, 99 * 60),  # Thursday to Monday are four days
        ("0 2 ? * SUN *", 60, 120, 171 * 60),
        ("0 2 1 * ? *", 60, 120, 747 * 60),  # 31 days
    ],
)
def test_to_the_minute(fields: str, start: int | None, complete: int | None, worst: int, say: Say) -> None:
    rule = tier(
        schedule=schedule(fields),
        start_window=None if start is None else Duration.minutes(start),
        completion_window=None if complete is None else Duration.minutes(complete),
        copies=COPIED,
    )
    assert say(faults, backed_up(rule, intent=promising(worst))) == []
    (finding,) = say(faults, backed_up(rule, intent=promising(worst - 1)))
    assert f"may be {Duration.minutes(worst)} old" in finding.detail


def test_the_best_rule_counts(say: Say) -> None:
    weekly = tier(name="weekly", schedule=schedule("0 2 ? * SUN *"), copies=COPIED)
    assert say(faults, backed_up(tier(copies=COPIED), weekly, intent=promising(29 * 60))) == []
    assert len(say(faults, backed_up(tier(), weekly, intent=promising(29 * 60)))) == 1


@pytest.mark.parametrize(
    ("days", "profile", "count"), [(0, "prod", 1), (1, "prod", 0), (None, "prod", 0), (0, "ransomware", 1)]
)
def test_where_nothing_else_restores(days: int | None, profile: str, count: int, say: Say) -> None:
    db = database(backup_retention=None if days is None else Duration.days(days))
    assert len(say(faults, backed_up(Database=db, intent=promising(60, profile)))) == count
    continuous = tier(name="continuous", is_continuous=True)
    assert say(faults, backed_up(tier(), continuous, Database=db, intent=promising(60, "prod"))) == []


@pytest.mark.parametrize(
    "changes",
    [{"schedule": Param("S")}, {"start_window": Param("S")}, {"completion_window": Param("C")}],
)
def test_silence(changes: dict[str, object], say: Say) -> None:
    assert say(faults, backed_up(tier(copies=COPIED, **changes), intent=promising(1))) == []
    assert say(faults, backed_up(tier(copies=COPIED), intent=Intent(profile="ransomware"))) == []
    assert say(faults, backed_up(intent=promising(1))) == []
