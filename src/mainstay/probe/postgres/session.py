"""A reading transaction in PostgreSQL: its output depends on the data alone, not on how the server is configured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, Self, TypeAlias

import psycopg
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Literal

from mainstay.probe.patience import CANCEL_S, GRACE_S, LONGEST_S, cut_now, cut_off
from mainstay.probe.transcript import Listener

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


class PatientCursor(psycopg.Cursor[TupleRow]):
    """A cursor that waits for an answer as long as the statement may take, and a grace; then the connection is over."""

    patience_s: float = LONGEST_S
    listener: Listener | None = None

    def execute(self, *arguments: Any, **options: Any) -> Self:  # Any: psycopg's own, passed on
        """Run one statement. Errors: psycopg.Error; psycopg.OperationalError too when nobody answers."""
        with cut_off(self.connection.fileno(), self.patience_s + GRACE_S):
            if self.listener is None:
                return super().execute(*arguments, **options)
            with self.listener.asking(str(arguments[0]), *arguments[1:2]) as answered:
                done = super().execute(*arguments, **options)
                answered.rows = _as_written(done)
                return done


def _as_written(cursor: PostgresCursor) -> list[list[bytes | None]] | None:
    """The rows of an answer as the server wrote them; None for a statement that has none."""
    answer = cursor.pgresult
    if answer is None or not answer.nfields:
        return None
    columns = range(answer.nfields)
    return [[answer.get_value(row, column) for column in columns] for row in range(answer.ntuples)]


def listen(connection: PostgresConnection, listener: Listener) -> None:
    """Have every statement of a connection written down from now on."""

    def cursor(*arguments: Any, **options: Any) -> PatientCursor:  # Any: psycopg's own, passed on
        made = PatientCursor(*arguments, **options)
        made.listener = listener
        return made

    connection.cursor_factory = cursor  # type: ignore[assignment]  # psycopg only calls it


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
        if isinstance(cursor, PatientCursor):
            cursor.patience_s = timeout_s
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            if snapshot is not None:
                cursor.execute(SQL("SET TRANSACTION SNAPSHOT {}").format(Literal(snapshot)).as_string(cursor))
            for name, value in {**PINNED, "statement_timeout": milliseconds(timeout_s)}.items():
                cursor.execute("SELECT set_config(%s, %s, true)", (name, value))
            yield cursor
        finally:
            if not connection.closed:
                with suppress(psycopg.OperationalError):  # nobody is there any more, and nothing is left to undo
                    cursor.execute("ROLLBACK")


def stop(connection: PostgresConnection) -> None:
    """Ask the server to end the statement that another thread waits for; nothing happens when nobody answers."""
    with suppress(psycopg.Error):
        connection.cancel_safe(timeout=CANCEL_S)


def cut(connection: PostgresConnection) -> None:
    """End the connection on which another thread waits."""
    with suppress(psycopg.Error):
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
