"""Features that exclude each other: why, who says so, and what to do instead."""

from __future__ import annotations

import functools
from datetime import date

from mainstay.core.records import dataclass
from mainstay.facts.loading import load


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two features that AWS does not have together.

    `why` is one sentence, which refusals of a spec and rules of the check repeat as it stands. `confidence` is `high`,
    `medium` or `low`. `spec_fault` is the id under which a spec is refused; empty where a spec cannot say it.
    """

    id: str
    features: tuple[str, ...]
    why: str
    source: str
    date: date
    confidence: str
    instead: str
    spec_fault: str

    @property
    def citation(self) -> str:
        """Source and date in one line, as findings show it."""
        return f"{self.source} ({self.date.isoformat()})"


def conflict(name: str) -> Conflict:
    """The row of that id; KeyError when the table has none."""
    return _rows()[name]


def conflicts() -> tuple[Conflict, ...]:
    """Every row, in the order of the table."""
    return tuple(_rows().values())


@functools.cache
def _rows() -> dict[str, Conflict]:
    table = load("conflicts")
    return {
        row["id"]: Conflict(
            id=row["id"],
            features=tuple(row["features"]),
            why=row["why"],
            source=row["source"],
            date=table.date,
            confidence=row.get("confidence", table.confidence),
            instead=row["instead"],
            spec_fault=row.get("spec_fault", ""),
        )
        for row in table.data
    }
