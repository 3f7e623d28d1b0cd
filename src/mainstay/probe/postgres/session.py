"""A reading transaction in PostgreSQL: its output depends on the data alone, not on how the server is configured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, TypeAlias

from mainstay.probe.patience import CANCEL_S, cut_now
from mainstay.probe.postgres.errors import PostgresError
from mainstay.probe.transcript import Listener

if TYPE_CHECKING:  # inside a function there is no psycopg
    import psycopg
    from psycopg.rows import TupleRow

PostgresConnection: TypeAlias = "psycopg.Connection[TupleRow]"
PostgresCursor: TypeAlias = "psycopg.Cursor[TupleRow]"

# Each of these changes how a value is written as text, so two servers with equal data could disagree.
# `row_security = off` makes a policy that would hide rows an error instead of a smaller table, and the search
# path decides whether a regclass prints its schema.
# Source: PostgreSQL 17 manual, "Client Connection Defaults" and "Row Security Policies", 2026-11-20.
PINNED: Final[Mapping[str, str]] = {
    "DateStyle": "ISO, YMD",
    "TimeZone": "UTC",
    "IntervalStyle": "iso_8601",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "xmlbinary": "base64",
    "lc_monetary": "C",
    "search_path": "pg_catalog",
    "row_security": "off",
}

# Schemas of the server itself. Temporary schemas (pg_temp_N) are not among them: they are listed as excluded.
SYSTEM_SCHEMAS: Final = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'"


def be_patient(cursor: PostgresCursor, timeout_s: float) -> None:
    """Let a cursor that can wait for so long, and a grace, for the answer to each statement."""
    if hasattr(cursor, "patience_s"):
        cursor.patience_s = timeout_s


def listen(connection: PostgresConnection, listener: Listener) -> None:
    """Have every statement of a connection written down from now on."""
    if hasattr(connection, "listen"):
        connection.listen(listener)
        return
    from mainstay.probe.postgres.libpq import listen as listen_to  # noqa: PLC0415  lazy: it needs psycopg

    listen_to(connection, listener)


@contextmanager
def reading(
    connection: PostgresConnection, *, timeout_s: float, snapshot: str | None = None
) -> Iterator[PostgresCursor]:
    """One read-only REPEATABLE READ transaction with the pinned settings; `timeout_s` holds for each statement.

    With `snapshot`, which another transaction exported and still holds, it sees the same as that one.
    Errors: psycopg's own; ValueError when the connection is not in autocommit mode, where BEGIN would be ours to send.
    """
    if not connection.autocommit:
        raise ValueError("a probe needs a connection in autocommit mode")
    with connection.cursor() as cursor:
        be_patient(cursor, timeout_s)
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            if snapshot is not None:
                cursor.execute(f"SET TRANSACTION SNAPSHOT {_literal(snapshot)}")
            for name, value in {**PINNED, "statement_timeout": milliseconds(timeout_s)}.items():
                cursor.execute("SELECT set_config(%s, %s, true)", (name, value))
            yield cursor
        finally:
            if not connection.closed:
                _roll_back(cursor)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _roll_back(cursor: PostgresCursor) -> None:
    try:
        cursor.execute("ROLLBACK")
    except PostgresError:
        if not cursor.connection.closed:
            raise  # else nobody is there any more, and nothing is left to undo


def stop(connection: PostgresConnection) -> None:
    """Ask the server to end the statement that another thread waits for; nothing happens when nobody answers."""
    with suppress(*PostgresError):
        connection.cancel_safe(timeout=CANCEL_S)


def cut(connection: PostgresConnection) -> None:
    """End the connection on which another thread waits."""
    with suppress(*PostgresError):
        cut_now(connection.fileno())


def milliseconds(seconds: float) -> str:
    """A timeout as the server reads it; at least 1, because 0 would mean none."""
    return str(max(1, round(seconds * 1000)))


def quoted(*names: str) -> str:
    """An identifier, or a dotted path of them, quoted so that no name can be anything but a name."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def one(cursor: PostgresCursor) -> TupleRow:
    """The only row of an answer that always has one."""
    row = cursor.fetchone()
    if row is None:
        raise LookupError("the server answered without a row")
    return row
