"""BK012: continuous rules that reach one database, in one plan and in two."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    selection,
    tier,
)
from mainstay.checks.backup.two_continuous_rules import faults
from mainstay.checks.examples import database
from mainstay.core.findings import Finding, Severity
from mainstay.core.units import Duration
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
)
from mainstay.plan.values import (
    Param,
    Ref,
)

Say = Callable[..., list[Finding]]

DB = database(backup_window=None, backup_retention=Duration.days(35))
ONE = tier(is_continuous=True)


@pytest.mark.parametrize(
    ("other", "severity"),
    [
        (tier(name="also", is_continuous=True), Severity.WARNING),
        (tier(name="also", is_continuous=True, vault="elsewhere"), Severity.ERROR),
        (tier(name="also", is_continuous=False), None),
        (tier(name="also", is_continuous=Param("Continuous")), None),
    ],
)
def test_rules_of_one_plan(other: BackupRule, severity: Severity | None, say: Say) -> None:
    found = [each.severity for each in say(faults, backed_up(ONE, other, Database=DB))]
    assert found == ([] if severity is None else [severity])


def test_rules_of_two_plans(say: Say) -> None:
    second = BackupPlan(key="Second", name="second", rules=(ONE,))
    chosen = selection(key="Also", plan=Ref("Second"))
    (finding,) = say(faults, backed_up(ONE, Database=DB, Second=second, Also=chosen))
    assert "daily of Backups, daily of Second" in finding.detail
    assert say(faults, backed_up(ONE, Database=DB, Second=second)) == []
