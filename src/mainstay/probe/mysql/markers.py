"""Markers in MySQL and MariaDB: a database of our own, and a table whose rows carry the server's clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from mainstay.probe.canary import MARKERS, MYSQL_CANARY, MYSQL_HAS_CANARY
from mainstay.probe.markers import Found, Marker, surviving
from mainstay.probe.mysql.session import MysqlConnection, one, reading
from mainstay.probe.transcript import about


def create_canary(connection: MysqlConnection) -> None:
    """Make the canary database and its table where they are missing: the only thing a drill writes at a source."""
    if not one(connection.execute(MYSQL_HAS_CANARY))[0]:
        for statement in MYSQL_CANARY:
            connection.execute(statement)


def write(connection: MysqlConnection, run_id: str) -> Marker:
    """Write one marker and wait until its commit is acknowledged.

    The clock is read before the insert, so that the transaction begins, in the log as well, after `written_at`.
    Errors: pymysql's; after one, the marker is in doubt and must not be handed to a check.
    """
    if not connection.raw.get_autocommit():
        raise ValueError("a marker needs a connection in autocommit mode, so that its commit is acknowledged at once")
    at = database_clock(connection)
    row = (at.replace(tzinfo=None), run_id)
    number = connection.insert(f"INSERT INTO {MARKERS} (written_at, run) VALUES (%s, %s)", row)
    return Marker(number, at, database_clock(connection))


def erase(connection: MysqlConnection, run_ids: Sequence[str]) -> None:
    """Take the markers of these runs away: those that we wrote into a copy, which no source ever held."""
    if run_ids and one(connection.execute(MYSQL_HAS_CANARY))[0]:
        holders = ", ".join(["%s"] * len(run_ids))
        connection.execute(f"DELETE FROM {MARKERS} WHERE run IN ({holders})", list(run_ids))


def database_clock(connection: MysqlConnection) -> datetime:
    """The server's present time, aware, in UTC."""
    return _aware(one(connection.execute("SELECT UTC_TIMESTAMP(6)"))[0])


def read_back(connection: MysqlConnection, *, timeout_s: float = 60) -> tuple[Marker, ...]:
    """The markers that a living source holds, with the earliest moment by which each is known to be committed.

    A run writes one marker at a time, each after the one before was acknowledged, so the next one's `written_at`
    bounds its commit; the last of a run is bounded by now. Empty without a canary.
    """
    query = (
        "SELECT id, written_at, COALESCE(LEAD(written_at) OVER (PARTITION BY run ORDER BY id), UTC_TIMESTAMP(6)) "
        f"FROM {MARKERS} ORDER BY id"
    )
    with about("marker"), reading(connection, timeout_s=timeout_s):
        if not one(connection.execute(MYSQL_HAS_CANARY))[0]:
            return ()
        rows = connection.execute(query).fetchall()
    return tuple(Marker(int(row[0]), _aware(row[1]), _aware(row[2])) for row in rows)


def find(connection: MysqlConnection, markers: Sequence[Marker], timeout_s: float) -> Found:
    """Which of these markers a restored database holds."""
    with about("marker"), reading(connection, timeout_s=timeout_s):
        if not one(connection.execute(MYSQL_HAS_CANARY))[0]:
            return Found(frozenset(), error="the canary table is not there" if markers else "")
        listed = [marker.id for marker in markers] or [0]
        query = f"SELECT id, written_at FROM {MARKERS} WHERE id IN ({', '.join(['%s'] * len(listed))})"
        rows = [(row[0], _aware(row[1])) for row in connection.execute(query, listed).fetchall()]
        newest = one(connection.execute(f"SELECT MAX(written_at) FROM {MARKERS}"))[0]
    return Found(surviving(rows, markers), _aware(newest) if newest else None)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
