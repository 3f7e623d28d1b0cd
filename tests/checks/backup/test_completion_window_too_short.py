"""BK004: the hour between the two windows, also when AWS sets one of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.completion_window_too_short import faults
from mainstay.checks.backup.examples import (
    backed_up,
    tier,
)
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("start", "complete", "count"),
    [
        (60, 119, 1),
        (60, 120, 0),
        (60, 60, 1),
        (120, 179, 1),
        (120, 180, 0),
        (None, 60, 0),
        (60, None, 0),
    ],
)
def test_windows(start: int | None, complete: int | None, count: int, say: Say) -> None:
    windows = {
        "start_window": None if start is None else Duration.minutes(start),
        "completion_window": None if complete is None else Duration.minutes(complete),
    }
    hints = [each.hint for each in say(faults, backed_up(tier(**windows)))]
    assert hints == [f"set CompletionWindowMinutes to {(start or 0) + 60} or more"] * count


def test_silence(say: Say) -> None:
    unseen = tier(start_window=Param("Start"), completion_window=Duration.minutes(1))
    assert say(faults, backed_up(unseen, tier(completion_window=Param("Done")))) == []
