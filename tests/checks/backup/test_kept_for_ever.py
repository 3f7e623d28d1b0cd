"""BK010: rules that say nothing of deletion."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    tier,
)
from mainstay.checks.backup.kept_for_ever import faults
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.resources import (
    BackupPlan,
)
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 1),
        ({"delete_after": Duration.days(1)}, 0),
        ({"delete_after": Param("Days")}, 0),
        ({"is_continuous": True}, 0),  # BK011 says what holds there
        ({"schedule": Param("Schedule")}, 1),
    ],
)
def test_rules(changes: dict[str, object], count: int, say: Say) -> None:
    findings = say(faults, backed_up(tier(**({"delete_after": None} | changes))))
    assert len(findings) == count
    assert all(("one every 1d" in each.detail) is ("schedule" not in changes) for each in findings)


@pytest.mark.parametrize("path", ["Rule.0.Lifecycle", "Rule.0.DeleteAfterDays"])
def test_a_lifecycle_that_could_not_be_read(path: str, say: Say) -> None:
    plan = BackupPlan(key="Backups", name="shop", rules=(tier(delete_after=None),), extras={path: "odd"})
    assert say(faults, backed_up(Backups=plan)) == []
