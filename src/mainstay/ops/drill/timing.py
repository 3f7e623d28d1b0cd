"""When each thing was asked of the restored copy, and how long that took, from the transcript."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mainstay.ops.drill.model import COPY
from mainstay.probe.transcript import Query, Timing


@dataclass(frozen=True, slots=True)
class Timings:
    """What was asked of one database of the copy: when first, and how long all of it took, by kind and subject."""

    known: dict[tuple[str, str], Timing] = field(default_factory=dict)

    @classmethod
    def of(cls, queries: Iterable[Query], database: str) -> Timings:
        """From a transcript."""
        found: dict[tuple[str, str], Timing] = {}
        for query in queries:
            if (query.of, query.database) == (COPY, database):
                key = (query.kind, query.subject)
                at, seconds = found.get(key, (query.at, 0.0))
                found[key] = (at, seconds + query.seconds)
        return cls(found)

    def find(self, kind: str, subject: str) -> Timing | None:
        """That of a subject; what was asked for all of its kind together, where it was not asked for alone."""
        return self.known.get((kind, subject)) or self.known.get((kind, ""))
