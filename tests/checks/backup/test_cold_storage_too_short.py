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
    Resource,
)

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]


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


def test_only_the_copy_that_goes_too_early_is_kept_for_longer(mends: Mends) -> None:
    def copied(*days: int) -> tuple[CopyAction, ...]:
        return tuple(
            CopyAction(vault=f"vault-{at}", cold_after=Duration.days(7), delete_after=Duration.days(one))
            for at, one in enumerate(days)
        )

    plan = backed_up(tier(copies=copied(97, 96, 98)))
    found = [rule.copies for (mend,) in mends(faults, plan) for rule in getattr(mend, "rules", ())]
    assert found == [copied(97, 97, 98)]
