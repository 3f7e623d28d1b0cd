"""BK014: what a copy gives where the original gives every second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.backup.copy_of_continuous import faults
from mainstay.checks.backup.examples import (
    ELSEWHERE,
    backed_up,
    schedule,
    tier,
)
from mainstay.checks.examples import database
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.intent import Intent
from mainstay.plan.resources import (
    BackupRule,
    CopyAction,
)
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]

COPIED = tier(is_continuous=True, copies=(CopyAction(vault=ELSEWHERE),))
DB = database(backup_window=None, backup_retention=Duration.days(35))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (COPIED, "copies Database as snapshots, 1d apart."),
        (replace(COPIED, schedule=schedule("0 2 ? * SUN *")), "as snapshots, 7d apart."),
        (replace(COPIED, schedule=Param("Schedule")), "as snapshots."),
        (replace(COPIED, is_continuous=False), None),
        (replace(COPIED, is_continuous=Param("C")), None),
        (replace(COPIED, copies=()), None),
    ],
)
def test_rules(rule: BackupRule, said: str | None, say: Say) -> None:
    details = [finding.detail for finding in say(faults, backed_up(rule, Database=DB))]
    assert len(details) == (said is not None)
    assert said is None or said in details[0]


def test_the_forecast_judges_a_promise(say: Say) -> None:
    assert say(faults, backed_up(COPIED, Database=DB, intent=Intent(rpo=Duration.minutes(5)))) == []
    assert say(faults, backed_up(COPIED, Selection=None)) == []
