"""Markers in PostgreSQL: a schema of our own, and a table whose rows carry the server's clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from mainstay.probe.canary import MARKERS, POSTGRES_CANARY
from mainstay.probe.markers import Found, Marker, surviving
from mainstay.probe.postgres.session import PostgresConnection, one, reading
from mainstay.probe.transcript import about


def create_canary(connection: PostgresConnection) -> None:
    """Make the canary schema and its table where they are missing: the only thing a drill writes at a source."""
    with connection.cursor() as cursor:
        for statement in POSTGRES_CANARY:
            cursor.execute(statement)


def write(connection: PostgresConnection, run_id: str) -> Marker:
    """Write one marker and wait until its commit is acknowledged; the connection is in autocommit mode.

    Errors: psycopg's; after one, the marker is in doubt and must not be handed to a check.
    """
    if not connection.autocommit:
        raise ValueError("a marker needs a connection in autocommit mode, so that its commit is acknowledged at once")
    with connection.cursor() as cursor:
        row = one(cursor.execute(f"INSERT INTO {MARKERS} (run) VALUES (%s) RETURNING id, written_at", (run_id,)))
    return Marker(int(row[0]), row[1].astimezone(UTC), database_clock(connection))


def erase(connection: PostgresConnection, run_ids: Sequence[str]) -> None:
    """Take the markers of these runs away: those that we wrote into a copy, which no source ever held."""
    with connection.cursor() as cursor:
        if one(cursor.execute("SELECT to_regclass(%s)", (MARKERS,)))[0] is not None:
            cursor.execute(f"DELETE FROM {MARKERS} WHERE run = ANY(%s)", (list(run_ids),))


def database_clock(connection: PostgresConnection) -> datetime:
    """The server's present time, aware, in UTC."""
    with connection.cursor() as cursor:
        moment: datetime = one(cursor.execute("SELECT clock_timestamp()"))[0]
    return moment.astimezone(UTC)


def read_back(connection: PostgresConnection, *, timeout_s: float = 60) -> tuple[Marker, ...]:
    """The markers that a living source holds, with the earliest moment by which each is known to be committed.

    A run writes one marker at a time, each after the one before was acknowledged, so the next one's `written_at`
    bounds its commit; the last of a run is bounded by now. Empty without a canary.
    """
    with about("marker"), reading(connection, timeout_s=timeout_s) as cursor:
        if one(cursor.execute("SELECT to_regclass(%s)", (MARKERS,)))[0] is None:
            return ()
        rows = cursor.execute(
            "SELECT id, written_at, coalesce(lead(written_at) OVER (PARTITION BY run ORDER BY id), clock_timestamp()) "
            f"FROM {MARKERS} ORDER BY id"
        ).fetchall()
    return tuple(Marker(int(row[0]), row[1].astimezone(UTC), row[2].astimezone(UTC)) for row in rows)


def find(connection: PostgresConnection, markers: Sequence[Marker], timeout_s: float) -> Found:
    """Which of these markers a restored database holds."""
    with about("marker"), reading(connection, timeout_s=timeout_s) as cursor:
        if one(cursor.execute("SELECT to_regclass(%s)", (MARKERS,)))[0] is None:
            return Found(frozenset(), error="the canary table is not there" if markers else "")
        rows = cursor.execute(
            f"SELECT id, written_at FROM {MARKERS} WHERE id = ANY(%s)", ([marker.id for marker in markers],)
        ).fetchall()
        newest: datetime | None = one(cursor.execute(f"SELECT max(written_at) FROM {MARKERS}"))[0]
    return Found(surviving(rows, markers), newest)
