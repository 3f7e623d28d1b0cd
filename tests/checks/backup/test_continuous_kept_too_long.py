"""BK011: days of a continuous rule, on both sides."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.continuous_kept_too_long import faults
from mainstay.checks.backup.examples import (
    backed_up,
    tier,
)
from mainstay.core.findings import Finding, Severity
from mainstay.core.units import Duration
from mainstay.plan.resources import (
    BackupPlan,
    Resource,
)
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]


@pytest.mark.parametrize(
    ("days", "severity"),
    [(0, Severity.ERROR), (1, None), (35, None), (36, Severity.ERROR), (365, Severity.ERROR), (None, Severity.WARNING)],
)
def test_days(days: int | None, severity: Severity | None, say: Say) -> None:
    kept = None if days is None else Duration.days(days)
    found = [each.severity for each in say(faults, backed_up(tier(is_continuous=True, delete_after=kept)))]
    assert found == ([] if severity is None else [severity])
    assert say(faults, backed_up(tier(is_continuous=False, delete_after=kept))) == []


@pytest.mark.parametrize(
    ("days", "said"), [(None, "as long as nobody says"), (0, "kept for 0s;"), (40, "kept for 40d;")]
)
def test_what_it_says(days: int | None, said: str, say: Say) -> None:
    kept = None if days is None else Duration.days(days)
    (finding,) = say(faults, backed_up(tier(is_continuous=True, delete_after=kept)))
    assert said in finding.detail


def test_silence(say: Say) -> None:
    assert say(faults, backed_up(tier(is_continuous=True, delete_after=Param("Days")))) == []
    plan = BackupPlan(
        key="Backups", name="shop", rules=(tier(is_continuous=True, delete_after=None),), extras={"Lifecycle": "odd"}
    )
    assert say(faults, backed_up(Backups=plan)) == []


@pytest.mark.parametrize(("days", "right"), [(0, 1), (36, 35), (None, 35)])
def test_the_nearest_that_is_taken(days: int | None, right: int, mends: Mends) -> None:
    kept = None if days is None else Duration.days(days)
    found = mends(faults, backed_up(tier(is_continuous=True, delete_after=kept)))
    assert [rule.delete_after for (plan,) in found for rule in getattr(plan, "rules", ())] == [Duration.days(right)]
