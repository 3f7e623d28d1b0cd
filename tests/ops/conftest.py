"""A clock that only moves when somebody waits, and a listener that remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest


@dataclass
class SteppedClock:
    """Time that passes by sleeping, and in no other way."""

    start: datetime = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    elapsed_s: float = 0.0
    sleeps: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed_s)

    def monotonic(self) -> float:
        return self.elapsed_s

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.elapsed_s += seconds


@dataclass
class Recorder:
    """A progress listener that keeps everything it hears."""

    steps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ticks: list[str] = field(default_factory=list)

    def step(self, number: int, total: int, name: str) -> None:
        self.steps.append(f"{number}/{total} {name}")

    def note(self, text: str) -> None:
        self.notes.append(text)

    def tick(self, text: str) -> None:
        self.ticks.append(text)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def heard() -> Recorder:
    return Recorder()
