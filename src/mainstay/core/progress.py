"""How a long operation tells what it is doing, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A listener. Everything that can take more than two seconds reports to one."""

    def step(self, number: int, total: int, name: str) -> None:
        """A numbered step of an operation begins (`number` counts from 1)."""
        ...

    def note(self, text: str) -> None:
        """A line worth keeping: an event, a number that was measured."""
        ...

    def tick(self, text: str) -> None:
        """What is being waited for, and for how long; replaced by the next one."""
        ...


class Silent:
    """A listener that keeps nothing, for `--json` pipelines and tests."""

    def step(self, number: int, total: int, name: str) -> None:
        """Ignored."""

    def note(self, text: str) -> None:
        """Ignored."""

    def tick(self, text: str) -> None:
        """Ignored."""
