"""Markers: rows of our own whose commit is known from both sides, so that a restore shows the exact point it reached.

A marker's insert reads the server's clock before its commit (`written_at`) and again once the commit was
acknowledged (`committed_by`); the commit lies between the two. So a marker with `committed_by` ≤ T must be there
after a restore to T, one with `written_at` > T must not, and one around T decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mainstay.probe.session import Connection


@dataclass(frozen=True, slots=True, order=True)
class Marker:
    """A row whose commit the server acknowledged; both times are the server's own clock, aware, in UTC."""

    id: int
    written_at: datetime
    committed_by: datetime

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {"id": self.id, "written_at": _text(self.written_at), "committed_by": _text(self.committed_by)}


@dataclass(frozen=True, slots=True)
class MarkerCheck:
    """What the markers say about a restore to `target`; `newest` is the newest acknowledged one that survived."""

    target: datetime
    demanded: int
    forbidden: int
    missing: tuple[Marker, ...]
    too_new: tuple[Marker, ...]
    newest: Marker | None
    first_absent: Marker | None
    error: str = ""

    @property
    def is_two_sided(self) -> bool:
        """Whether there were markers on both sides of the target to tell the point by."""
        return self.demanded > 0 and self.forbidden > 0

    @property
    def has_passed(self) -> bool:
        """Whether nothing contradicts the target; says nothing when there was no marker."""
        return not (self.missing or self.too_new or self.error)

    @property
    def rpo_s(self) -> float | None:
        """Seconds between the newest survivor and the target: the loss that is proven not to be greater."""
        return None if self.newest is None else max(0.0, (self.target - self.newest.written_at).total_seconds())

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {
            "target": _text(self.target),
            "demanded": self.demanded,
            "forbidden": self.forbidden,
            "missing": [marker.as_json() for marker in self.missing],
            "too_new": [marker.as_json() for marker in self.too_new],
            "newest": self.newest.as_json() if self.newest else None,
            "first_absent": self.first_absent.as_json() if self.first_absent else None,
            "rpo_s": self.rpo_s,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class Found:
    """What a canary holds: the ids that are there with the time they were written at, and the newest row's time.

    `error` tells that there is no canary though there should be one.
    """

    ids: frozenset[int]
    newest_row: datetime | None = None
    error: str = ""


Find = Callable[[Any, Sequence[Marker], float], Found]  # Any: a connection of the dialect's own driver


def check(
    find: Find,
    connection: Connection,
    acknowledged: Iterable[Marker],
    target: datetime,
    *,
    since: datetime | None = None,
    timeout_s: float = 60,
) -> MarkerCheck:
    """Ask a database that was restored to `target` which markers it holds; `find` is its dialect's way to look.

    A snapshot reaches some moment between `since` and `target`: what was committed by the one must be there, what was
    written after the other must not. A canary table that is gone is an answer too: every marker before is missing.
    """
    markers = sorted(acknowledged)
    must = [marker for marker in markers if marker.committed_by <= (since or target)]
    must_not = [marker for marker in markers if marker.written_at > target]
    found = find(connection, markers, timeout_s)
    present = [marker for marker in must if marker.id in found.ids]
    too_new = tuple(marker for marker in must_not if marker.id in found.ids)
    error = found.error
    if found.newest_row is not None and found.newest_row > target and not too_new:
        error = f"a marker written at {_text(found.newest_row)}, after the target, is present"
    absent = [marker for marker in must_not if marker.id not in found.ids]
    return MarkerCheck(
        target=target,
        demanded=len(must),
        forbidden=len(must_not),
        missing=tuple(marker for marker in must if marker.id not in found.ids),
        too_new=too_new,
        newest=max(present, key=lambda marker: marker.written_at, default=None),
        first_absent=min(absent, key=lambda marker: marker.written_at, default=None),
        error=error,
    )


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def surviving(rows: Iterable[Sequence[object]], markers: Iterable[Marker]) -> frozenset[int]:
    """The ids of rows `(id, written_at)` that are these markers.

    An id with another time is another row: identity values start again when a table is made anew.
    """
    times = {marker.id: marker.written_at for marker in markers}
    return frozenset(int(str(row[0])) for row in rows if row[1] == times[int(str(row[0]))])
