from __future__ import annotations

from typing import Any

import pytest

from mainstay.core.errors import Busy, TargetRefused
from mainstay.ops.aws.retry import Budget, retrying

Fixture = Any  # fixtures of conftest


def failing(times: int) -> Any:
    left = [Busy("too many calls")] * times

    def call() -> str:
        if left:
            raise left.pop()
        return "answer"

    return call


def test_pauses_double_up_to_a_ceiling_and_are_drawn_from_zero(clock: Fixture) -> None:
    bounds: list[tuple[float, float]] = []

    def draw(low: float, high: float) -> float:
        bounds.append((low, high))
        return high

    budget = Budget(total_s=100, first_s=1, most_s=5)
    assert retrying(failing(5), lambda _: True, clock=clock, budget=budget, draw=draw) == "answer"
    assert bounds == [(0, 1), (0, 2), (0, 4), (0, 5), (0, 5)]
    assert clock.sleeps == [1, 2, 4, 5, 5]


def test_what_does_not_pass_is_raised_at_once(clock: Fixture) -> None:
    def call() -> str:
        raise TargetRefused("not allowed")

    with pytest.raises(TargetRefused):
        retrying(call, lambda error: isinstance(error, Busy), clock=clock)
    assert clock.sleeps == []


@pytest.mark.parametrize(("total_s", "pauses"), [(3.0, 2), (2.9, 1)])
def test_the_budget_is_not_overdrawn(clock: Fixture, total_s: float, pauses: int) -> None:
    budget = Budget(total_s=total_s, first_s=1, most_s=5)
    with pytest.raises(Busy):
        retrying(failing(99), lambda _: True, clock=clock, budget=budget, draw=lambda _, high: high)
    assert len(clock.sleeps) == pauses
