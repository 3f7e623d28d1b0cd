"""Global transaction ids of MySQL: the server's UUID and a number that grows by one, and sets of them.

MySQL 8.4 manual, "GTID Format and Storage" (read 2026-11-21). Tags (8.3 and later) are not used here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from mainstay.core.errors import InputRefused


@dataclass(frozen=True, slots=True)
class Gtid:
    """One transaction's id."""

    server: str
    number: int

    def __str__(self) -> str:
        return f"{self.server}:{self.number}"


@dataclass(slots=True)
class GtidSet:
    """A set of transactions: for each server, the intervals of its numbers, both ends included, in order."""

    intervals: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `uuid:1-5:7,uuid:1`. Error: InputRefused."""
        found: dict[str, list[tuple[int, int]]] = {}
        for part in filter(None, (part.strip() for part in text.replace("\n", "").split(","))):
            server, *ranges = part.split(":")
            try:
                found.setdefault(server, []).extend(_interval(each) for each in ranges)
            except ValueError as error:
                raise InputRefused(
                    "transaction set not understood", detail=f"{text!r} is no set of transaction ids.",
                    hint="write it as the server shows it, such as uuid:1-5",
                ) from error  # fmt: skip
        return cls(found)

    @classmethod
    def up_to(cls, gtids: Iterable[Gtid]) -> Self:
        """Of each server, everything up to its last transaction among these."""
        last: dict[str, int] = {}
        for gtid in gtids:
            last[gtid.server] = max(gtid.number, last.get(gtid.server, 0))
        return cls({server: [(1, number)] for server, number in last.items()})

    def __contains__(self, gtid: Gtid) -> bool:
        return any(first <= gtid.number <= last for first, last in self.intervals.get(gtid.server, ()))

    def next_of(self, server: str) -> int:
        """The first number of a server that is not in the set."""
        number = 1
        for first, last in sorted(self.intervals.get(server, ())):
            if first > number:
                break
            number = max(number, last + 1)
        return number

    def __str__(self) -> str:
        return ",".join(
            f"{server}:" + ":".join(f"{first}-{last}" if last > first else f"{first}" for first, last in ranges)
            for server, ranges in sorted(self.intervals.items())
            if ranges
        )


def _interval(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first), int(last or first)
