"""DB002: the bounds, and what continuous backups need."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.retention_refused import faults
from mainstay.checks.examples import database, plan_of
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.resources import BackupPlan, BackupRule, BackupSelection, Resource
from mainstay.plan.values import Ref, Unknown

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(("days", "count"), [(0, 0), (1, 0), (35, 0), (36, 1), (365, 1)])
def test_bounds(days: int, count: int, say: Say) -> None:
    findings = say(faults, plan_of(database(backup_retention=Duration.days(days))))
    assert len(findings) == count
    assert all(f"for {days} days; RDS takes 0 to 35" in finding.detail for finding in findings)


@pytest.mark.parametrize("kept", [None, Unknown("later"), Unknown("not a whole number", "a week")])
def test_not_seen(kept: object, say: Say) -> None:
    assert say(faults, plan_of(database(backup_retention=kept))) == []


def tiers(*, is_continuous: bool, chosen: str = "Database") -> tuple[Resource, ...]:
    rule = BackupRule(name="often", vault="vault", is_continuous=is_continuous)
    selection = BackupSelection(
        key="Selection", plan=Ref("Plan"), name="databases", role="role", resources=(Ref(chosen),)
    )
    return BackupPlan(key="Plan", name="plan", rules=(rule,)), selection


@pytest.mark.parametrize(
    ("days", "resources", "count"),
    [
        (0, tiers(is_continuous=True), 1),
        (1, tiers(is_continuous=True), 0),
        (0, tiers(is_continuous=False), 0),
        (0, tiers(is_continuous=True, chosen="Other"), 0),
        (0, tiers(is_continuous=True)[1:], 0),
    ],
)
def test_continuous_backups(days: int, resources: tuple[Resource, ...], count: int, say: Say) -> None:
    findings = say(faults, plan_of(database(backup_retention=Duration.days(days)), *resources))
    assert len(findings) == count
    assert all("Plan backs Database up continuously" in finding.detail for finding in findings)
