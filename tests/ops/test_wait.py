from __future__ import annotations

from typing import Any

import pytest

from mainstay.core.errors import Inconclusive, TargetRefused
from mainstay.ops.wait import wait_for

Fixture = Any  # fixtures of conftest, which cannot be imported under importlib mode


def answers(*values: str) -> Any:
    left = list(values)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def test_it_asks_at_its_pace_until_done_and_says_what_it_waits_for(clock: Fixture, heard: Fixture) -> None:
    got = wait_for(
        answers("creating", "creating", "available"),
        lambda answer: answer == "available",
        message=lambda answer: f"db is {answer}",
        deadline_s=100,
        pace_s=10,
        progress=heard,
        clock=clock,
    )
    assert got == "available"
    assert clock.sleeps == [10, 10]
    assert heard.ticks == ["db is creating (0s)", "db is creating (10s)"]


def test_done_has_to_hold(clock: Fixture, heard: Fixture) -> None:
    wait_for(
        answers("available", "rebooting", "available", "available"),
        lambda answer: answer == "available",
        message="db",
        deadline_s=100,
        pace_s=1,
        progress=heard,
        clock=clock,
        holds=2,
    )
    assert len(clock.sleeps) == 3


def test_a_failure_is_told_at_once(clock: Fixture, heard: Fixture) -> None:
    with pytest.raises(TargetRefused) as stop:
        wait_for(
            answers("creating", "failed"),
            lambda answer: answer == "available",
            message="db",
            deadline_s=100,
            pace_s=1,
            progress=heard,
            clock=clock,
            failed=lambda answer: "db is failed" if answer == "failed" else None,
        )
    assert stop.value.detail == "db is failed"
    assert clock.elapsed_s == 1


@pytest.mark.parametrize(("deadline_s", "looks"), [(29.9, 2), (30, 3)])
def test_the_deadline_is_not_overstepped(clock: Fixture, heard: Fixture, deadline_s: float, looks: int) -> None:
    seen: list[int] = []
    with pytest.raises(Inconclusive) as stop:
        wait_for(
            lambda: seen.append(1),
            lambda _: False,
            message="waiting for db",
            deadline_s=deadline_s,
            pace_s=10,
            progress=heard,
            clock=clock,
        )
    assert len(seen) == looks + 1
    assert clock.elapsed_s <= deadline_s
    assert "waiting for db: not done after" in stop.value.detail
