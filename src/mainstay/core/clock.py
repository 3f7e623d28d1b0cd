"""Time: aware, in UTC, with microseconds; written with an explicit offset everywhere.

A time without an offset is refused, because a server reads it in its own zone: in one measured case a
restore to a naive time silently produced an older, empty table.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

from mainstay.core.errors import InputRefused


class Clock(Protocol):
    """What operations need from time, so that tests can stand in for hours."""

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back, for durations."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back, for durations."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds."""
        time.sleep(seconds)


def render_time(moment: datetime) -> str:
    """RFC 3339 with `Z` and microseconds, the one form that Mainstay writes."""
    if moment.tzinfo is None:
        raise ValueError(f"naive time {moment!r}: every time carries its offset")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """An aware UTC time from RFC 3339 text; a text without an offset is refused."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputRefused(
            "time not understood",
            detail=f"'{text}' is not an RFC 3339 time.",
            hint="write it as 2026-11-20T14:05:00Z or with an offset such as +02:00",
        ) from error
    if moment.tzinfo is None:
        raise InputRefused(
            "time without an offset",
            detail=f"'{text}' names no offset, so each machine would read it in a zone of its own.",
            hint=f"write {text}Z for UTC, or append an offset such as +02:00",
        )
    return moment.astimezone(UTC)
