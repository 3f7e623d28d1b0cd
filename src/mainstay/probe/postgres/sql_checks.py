"""The user's own questions in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.probe.postgres.errors import PostgresError
from mainstay.probe.postgres.session import PostgresConnection, PostgresCursor, reading
from mainstay.probe.sql_checks import HASHED, RowHash, SqlAnswer, shortened

_NEXT: Final = f"FETCH FORWARD {HASHED} IN mainstay_check"


def ask(
    connection: PostgresConnection,
    *,
    name: str,
    statement: str,
    expected_rows: int | None = None,
    expected_hash: str | None = None,
    timeout_s: float = 60,
) -> SqlAnswer:
    """Run one query and count its rows; they stay at the server, but for those whose hash is asked for.

    It runs as a cursor's query in a read-only transaction, so it can neither write nor end that transaction.
    """
    try:
        rows, first_row, found = _read(connection, statement, timeout_s, is_hashed=expected_hash is not None)
    except PostgresError as error:
        if connection.closed:
            raise
        return SqlAnswer(
            name, statement, expected_rows, None, error=str(error).splitlines()[0], expected_hash=expected_hash
        )
    return SqlAnswer(name, statement, expected_rows, rows, first_row, expected_hash=expected_hash, hash=found)


def _read(connection: PostgresConnection, statement: str, timeout_s: float, *, is_hashed: bool) -> tuple[int, str, str]:
    """How many rows, the first one, and the hash of all, where it is wanted or there are few."""
    with reading(connection, timeout_s=timeout_s) as cursor:
        # The user's names are meant in the user's search path, and rows that a policy hides are the user's affair.
        cursor.execute("SET LOCAL search_path TO DEFAULT")
        # A prepared statement is a single one: text with a second statement behind a semicolon is refused.
        cursor.execute(f"DECLARE mainstay_check NO SCROLL CURSOR FOR {statement}", prepare=True)
        count, first, hashed = 0, "", RowHash()
        while got := cursor.execute(_NEXT).rowcount:
            for number, row in enumerate(_as_written(cursor, got)):
                hashed.add(row)
                if not count + number:  # as written: psycopg has no type for an interval in this style
                    first = shortened(tuple(None if value is None else value.decode(errors="replace") for value in row))
            count += got
            if got == HASHED and not is_hashed:
                rest = cursor.execute("MOVE FORWARD ALL IN mainstay_check").rowcount
                return count + rest, first, "" if rest else str(hashed)
    return count, first, str(hashed)


def _as_written(cursor: PostgresCursor, count: int) -> Iterator[list[bytes | None]]:
    """The rows of an answer as the server wrote them."""
    answer = cursor.pgresult
    if answer is not None:
        yield from ([answer.get_value(row, column) for column in range(answer.nfields)] for row in range(count))
