"""The user's own questions in PostgreSQL."""

from __future__ import annotations

import psycopg

from mainstay.probe.postgres.session import PostgresConnection, reading
from mainstay.probe.sql_checks import SqlAnswer, shortened


def ask(
    connection: PostgresConnection,
    *,
    name: str,
    statement: str,
    expected_rows: int | None = None,
    timeout_s: float = 60,
) -> SqlAnswer:
    """Run one query and count its rows, which stay at the server.

    It runs as a cursor's query in a read-only transaction, so it can neither write nor end that transaction.
    """
    try:
        rows, first_row = _count(connection, statement, timeout_s)
    except psycopg.Error as error:
        if connection.closed:
            raise
        return SqlAnswer(name, statement, expected_rows, None, error=str(error).splitlines()[0])
    return SqlAnswer(name, statement, expected_rows, rows, first_row)


def _count(connection: PostgresConnection, statement: str, timeout_s: float) -> tuple[int, str]:
    with reading(connection, timeout_s=timeout_s) as cursor:
        # The user's names are meant in the user's search path, and rows that a policy hides are the user's affair.
        cursor.execute("SET LOCAL search_path TO DEFAULT")
        # A prepared statement is a single one: text with a second statement behind a semicolon is refused.
        cursor.execute(f"DECLARE mainstay_check NO SCROLL CURSOR FOR {statement}", prepare=True)
        first = cursor.execute("FETCH NEXT FROM mainstay_check").fetchone()
        if first is None:
            return 0, ""
        rest = cursor.execute("MOVE FORWARD ALL IN mainstay_check").rowcount
    return 1 + rest, shortened(first)
