"""BK009: the 90 days, of rules and of copies."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.cold_storage_too_short import faults
from mainstay.checks.backup.examples import (
    ELSEWHERE,
    backed_up,
    tier,
)
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.resources import (
    CopyAction,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("cold", "deleted", "count"), [(30, 119, 1), (30, 120, 0), (1, 90, 1), (1, 91, 0), (None, 10, 0), (30, None, 0)]
)
def test_days(cold: int | None, deleted: int | None, count: int, say: Say) -> None:
    days = {
        "cold_after": None if cold is None else Duration.days(cold),
        "delete_after": None if deleted is None else Duration.days(deleted),
    }
    copied = tier(copies=(CopyAction(vault=ELSEWHERE, **days),))
    assert len(say(faults, backed_up(tier(**days)))) == count
    findings = say(faults, backed_up(copied))
    assert len(findings) == count
    assert all(each.detail.startswith("a copy by daily in Backups") for each in findings)
