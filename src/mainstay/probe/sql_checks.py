"""The user's own questions: each runs read-only and bounded; an error is a failed check, never a skipped one."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from mainstay.probe.session import Connection, reading


@dataclass(frozen=True, slots=True)
class SqlAnswer:
    """What a statement answered; `rows` None when it failed, `first_row` shortened for a reader."""

    name: str
    statement: str
    expected_rows: int | None
    rows: int | None
    first_row: str = ""
    error: str = ""

    @property
    def has_passed(self) -> bool:
        """Whether it ran, and gave as many rows as were expected."""
        return self.rows is not None and self.expected_rows in {None, self.rows}

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {
            "name": self.name,
            "statement": self.statement,
            "expected_rows": self.expected_rows,
            "rows": self.rows,
            "first_row": self.first_row,
            "error": self.error,
            "has_passed": self.has_passed,
        }


def ask(
    connection: Connection, *, name: str, statement: str, expected_rows: int | None = None, timeout_s: float = 60
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


def _count(connection: Connection, statement: str, timeout_s: float) -> tuple[int, str]:
    with reading(connection, timeout_s=timeout_s) as cursor:
        # The user's names are meant in the user's search path, and rows that a policy hides are the user's affair.
        cursor.execute("SET LOCAL search_path TO DEFAULT")
        # A prepared statement is a single one: text with a second statement behind a semicolon is refused.
        cursor.execute(f"DECLARE mainstay_check NO SCROLL CURSOR FOR {statement}", prepare=True)
        first = cursor.execute("FETCH NEXT FROM mainstay_check").fetchone()
        if first is None:
            return 0, ""
        rest = cursor.execute("MOVE FORWARD ALL IN mainstay_check").rowcount
    return 1 + rest, _shortened(first)


def _shortened(row: tuple[object, ...], limit: int = 200) -> str:
    text = ", ".join("null" if value is None else str(value) for value in row)
    return text if len(text) <= limit else f"{text[:limit]}…"
