"""Markers: rows of our own whose commit is known from both sides, so that a restore shows the exact point it reached.

A marker's insert reads the server's clock before its commit (`written_at`) and again once the commit was
acknowledged (`committed_by`); the commit lies between the two. So a marker with `committed_by` ≤ T must be there
after a restore to T, one with `written_at` > T must not, and one around T decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from mainstay.probe.session import CANARY_SCHEMA, Connection, one, reading

_CREATE = (
    f"CREATE SCHEMA IF NOT EXISTS {CANARY_SCHEMA}",
    f"CREATE TABLE IF NOT EXISTS {CANARY_SCHEMA}.marker ("
    "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
    "written_at timestamptz NOT NULL DEFAULT clock_timestamp(), "
    "run text NOT NULL)",
)


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


def create_canary(connection: Connection) -> None:
    """Make the canary schema and its table where they are missing: the only thing a drill writes at a source."""
    with connection.cursor() as cursor:
        for statement in _CREATE:
            cursor.execute(statement)


def write(connection: Connection, run_id: str) -> Marker:
    """Write one marker and wait until its commit is acknowledged; the connection is in autocommit mode.

    Errors: psycopg's; after one, the marker is in doubt and must not be handed to a check.
    """
    if not connection.autocommit:
        raise ValueError("a marker needs a connection in autocommit mode, so that its commit is acknowledged at once")
    with connection.cursor() as cursor:
        row = one(
            cursor.execute(f"INSERT INTO {CANARY_SCHEMA}.marker (run) VALUES (%s) RETURNING id, written_at", (run_id,))
        )
    return Marker(int(row[0]), row[1].astimezone(UTC), database_clock(connection))


def database_clock(connection: Connection) -> datetime:
    """The server's present time, aware, in UTC."""
    with connection.cursor() as cursor:
        moment: datetime = one(cursor.execute("SELECT clock_timestamp()"))[0]
    return moment.astimezone(UTC)


def read_back(connection: Connection, *, timeout_s: float = 60) -> tuple[Marker, ...]:
    """The markers that a living source holds, with the earliest moment by which each is known to be committed.

    A run writes one marker at a time, each after the one before was acknowledged, so the next one's `written_at`
    bounds its commit; the last of a run is bounded by now. Empty without a canary.
    """
    with reading(connection, timeout_s=timeout_s) as cursor:
        if one(cursor.execute("SELECT to_regclass(%s)", (f"{CANARY_SCHEMA}.marker",)))[0] is None:
            return ()
        rows = cursor.execute(
            "SELECT id, written_at, coalesce(lead(written_at) OVER (PARTITION BY run ORDER BY id), clock_timestamp()) "
            f"FROM {CANARY_SCHEMA}.marker ORDER BY id"
        ).fetchall()
    return tuple(Marker(int(row[0]), row[1].astimezone(UTC), row[2].astimezone(UTC)) for row in rows)


def check(
    connection: Connection, acknowledged: Iterable[Marker], target: datetime, *, timeout_s: float = 60
) -> MarkerCheck:
    """Ask a database that was restored to `target` which markers it holds.

    A canary table that is gone is an answer too: every marker before the target is missing.
    """
    markers = sorted(acknowledged)
    must = [marker for marker in markers if marker.committed_by <= target]
    must_not = [marker for marker in markers if marker.written_at > target]
    found, newest_row, error = _present(connection, markers, timeout_s)
    present = [marker for marker in must if marker.id in found]
    too_new = tuple(marker for marker in must_not if marker.id in found)
    if newest_row is not None and newest_row > target and not too_new:
        error = f"a marker written at {_text(newest_row)}, after the target, is present"
    absent = [marker for marker in must_not if marker.id not in found]
    return MarkerCheck(
        target=target,
        demanded=len(must),
        forbidden=len(must_not),
        missing=tuple(marker for marker in must if marker.id not in found),
        too_new=too_new,
        newest=max(present, key=lambda marker: marker.written_at, default=None),
        first_absent=min(absent, key=lambda marker: marker.written_at, default=None),
        error=error,
    )


def _present(
    connection: Connection, markers: Sequence[Marker], timeout_s: float
) -> tuple[set[int], datetime | None, str]:
    """The ids that are there with the time they were written at, the newest row's time, and what is wrong."""
    with reading(connection, timeout_s=timeout_s) as cursor:
        table = f"{CANARY_SCHEMA}.marker"
        if one(cursor.execute("SELECT to_regclass(%s)", (table,)))[0] is None:
            return set(), None, "the canary table is not there" if markers else ""
        rows = cursor.execute(
            f"SELECT id, written_at FROM {table} WHERE id = ANY(%s)", ([marker.id for marker in markers],)
        ).fetchall()
        times = {marker.id: marker.written_at for marker in markers}
        # An id with another time is another row: identity values start again when a table is made anew.
        found = {row[0] for row in rows if row[1] == times[row[0]]}
        newest: datetime | None = one(cursor.execute(f"SELECT max(written_at) FROM {table}"))[0]
    return found, newest, ""


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
