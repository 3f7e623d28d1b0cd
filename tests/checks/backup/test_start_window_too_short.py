"""BK003: start windows to the minute."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    tier,
)
from mainstay.checks.backup.start_window_too_short import faults
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(("window", "count"), [(0, 1), (30, 1), (59, 1), (60, 0), (480, 0)])
def test_windows(window: int, count: int, say: Say) -> None:
    assert len(say(faults, backed_up(tier(start_window=Duration.minutes(window))))) == count


def test_silence(say: Say) -> None:
    assert say(faults, backed_up(tier(start_window=None), tier(start_window=Param("Window")))) == []
