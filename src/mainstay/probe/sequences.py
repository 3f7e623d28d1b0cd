"""Sequences: one that stands behind its column hands out keys that are already taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sequence:
    """Where a sequence stands; `last_value` None means that it never gave a value.

    `furthest` is the greatest value in its column (the least, for one that counts down), None without a column or rows.
    `keeps_gaps` is whether the log carries the position itself, with values that were handed out and never stored;
    otherwise a restored copy only has to stand past the rows.
    """

    name: str
    increment: int
    start: int
    last_value: int | None
    column: str | None = None
    furthest: int | None = None
    keeps_gaps: bool = True

    @property
    def least(self) -> int | None:
        """Where a restored copy has to stand at least."""
        return self.last_value if self.keeps_gaps else self.furthest

    def is_behind(self, value: int | None) -> bool:
        """Whether this sequence would hand out `value`, or one before it, again."""
        if value is None:
            return False
        if self.last_value is None:
            return (value - self.start) * self.increment >= 0
        return (value - self.last_value) * self.increment > 0

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {
            "name": self.name,
            "increment": self.increment,
            "start": self.start,
            "last_value": self.last_value,
            "column": self.column,
            "furthest": self.furthest,
        }


@dataclass(frozen=True, slots=True)
class SequenceComparison:
    """One sequence against its column and against the source; `problem` is empty when it is right."""

    name: str
    expected: str
    observed: str
    problem: str = ""

    @property
    def has_passed(self) -> bool:
        """Whether the sequence can go on from here."""
        return not self.problem

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {"name": self.name, "expected": self.expected, "observed": self.observed, "problem": self.problem}


def compare(baseline: Iterable[Sequence], restored: Iterable[Sequence]) -> tuple[SequenceComparison, ...]:
    """Each sequence of a restored database against the source just before the target.

    It may stand further than the source did: the server logs 32 values ahead.
    Source: PostgreSQL 17 source, commands/sequence.c SEQ_LOG_VALS, 2026-11-20.
    """
    expected = {sequence.name: sequence for sequence in baseline}
    found = {sequence.name: sequence for sequence in restored}
    return tuple(_compare(name, expected.get(name), found.get(name)) for name in sorted({*expected, *found}))


def _compare(name: str, expected: Sequence | None, found: Sequence | None) -> SequenceComparison:
    wanted = "any position past its column" if expected is None else f"at least {expected.least}"
    if found is None:
        return SequenceComparison(name, wanted, "no such sequence", "missing")
    seen = f"at {found.last_value}"
    if found.is_behind(found.furthest):
        return SequenceComparison(name, wanted, seen, f"behind {found.column}, which already holds {found.furthest}")
    if expected is not None and found.is_behind(expected.least):
        return SequenceComparison(name, wanted, seen, f"behind the source, which stood at {expected.least}")
    return SequenceComparison(name, wanted, seen)
