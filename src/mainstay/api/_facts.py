"""`mainstay facts`: the dated tables that everything here rests on, and how old they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from mainstay.core.units import Duration
from mainstay.facts import Fact, load, names


@dataclass(frozen=True, slots=True)
class FactsResult:
    """Tables of facts, the oldest first. `whole` has them printed with what they say."""

    tables: Sequence[Fact]
    today: date
    max_age: Duration | None = None
    whole: bool = False

    def age(self, table: Fact) -> int:
        """Whole days since somebody checked it; 0 for a day to come."""
        return max(0, (self.today - table.date).days)

    def is_old(self, table: Fact) -> bool:
        """Whether it is older than what was asked for."""
        return self.max_age is not None and self.age(table) > self.max_age // Duration.days(1)

    @property
    def exit_code(self) -> int:
        """1 when a table is older than `max_age`."""
        return int(any(self.is_old(table) for table in self.tables))

    def as_json(self) -> dict[str, object]:
        """`{"tables": [{"name": ..., "date": ..., "age_days": ...}]}`, with `data` where one was asked for."""
        return {"tables": [self._card(table) for table in self.tables], "exit_code": self.exit_code}

    def _card(self, table: Fact) -> dict[str, object]:
        card = {
            "name": table.name,
            "date": table.date.isoformat(),
            "age_days": self.age(table),
            "is_old": self.is_old(table),
            "confidence": table.confidence,
            "source": table.source,
            "note": table.note,
        }
        return {**card, "data": table.data} if self.whole else card


def facts(*, name: str | None = None, max_age: Duration | None = None, today: date | None = None) -> FactsResult:
    """All tables, or the one of that name with what it says; InputRefused when there is none."""
    chosen = [load(each) for each in ([name] if name is not None else names())]
    day = today or datetime.now(UTC).date()
    return FactsResult(sorted(chosen, key=lambda each: (each.date, each.name)), day, max_age, name is not None)
