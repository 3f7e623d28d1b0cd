"""BK002: the shortest gap of a schedule, lists and steps included."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    schedule,
    tier,
)
from mainstay.checks.backup.more_often_than_hourly import faults
from mainstay.core.findings import Finding
from mainstay.core.schedules import Rate
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("fields", "gap"),
    [
        ("0/5 * * * ? *", "5m"),
        ("0,30 * * * ? *", "30m"),
        ("0,30 2 * * ? *", "30m"),
        ("0/59 * * * ? *", "1m"),
        ("0 * * * ? *", None),
        ("0 0/1 * * ? *", None),
        ("30 1,2 ? * MON-FRI *", None),
        ("0 2 1 * ? *", None),
    ],
)
def test_gaps(fields: str, gap: str | None, say: Say) -> None:
    details = [finding.detail for finding in say(faults, backed_up(tier(schedule=schedule(fields))))]
    assert len(details) == (gap is not None)
    assert gap is None or f"runs again after {gap} (" in details[0]


@pytest.mark.parametrize(("text", "count"), [("rate(59 minutes)", 1), ("rate(60 minutes)", 0), ("rate(1 day)", 0)])
def test_rates(text: str, count: int, say: Say) -> None:
    assert len(say(faults, backed_up(tier(schedule=Rate.parse(text))))) == count


def test_silence(say: Say) -> None:
    once = schedule("0 2 1 1 ? 2030")
    assert say(faults, backed_up(tier(schedule=None), tier(schedule=once), tier(schedule=Param("Schedule")))) == []
