"""Intervals that recur: to the minute, over the end of the week, and daily."""

from __future__ import annotations

import pytest

from mainstay.core.windows import DAY, WEEK, meet


@pytest.mark.parametrize(
    ("one", "other", "every", "said"),
    [
        ((0, 60), (60, 60), WEEK, False),
        ((0, 61), (60, 60), WEEK, True),
        ((60, 60), (0, 60), WEEK, False),
        ((60, 60), (0, 61), WEEK, True),
        ((WEEK - 30, 30), (0, 10), WEEK, False),
        ((WEEK - 30, 31), (0, 10), WEEK, True),
        ((DAY + 10, 5), (12, 5), WEEK, False),
        ((DAY + 10, 5), (12, 5), DAY, True),
        ((100, 1), (-60, 200), WEEK, True),
    ],
)
def test_sharing_a_minute(one: tuple[int, int], other: tuple[int, int], every: int, said: bool) -> None:
    assert meet(*one, *other, every=every) is said
    assert meet(*other, *one, every=every) is said
