"""The user's own questions in MySQL and MariaDB."""

from __future__ import annotations

import pymysql

from mainstay.probe.mysql.session import MysqlConnection, reading
from mainstay.probe.session import said
from mainstay.probe.sql_checks import HASHED, RowHash, SqlAnswer, shortened


def ask(
    connection: MysqlConnection,
    *,
    name: str,
    statement: str,
    expected_rows: int | None = None,
    expected_hash: str | None = None,
    timeout_s: float = 60,
) -> SqlAnswer:
    """Run one query and count its rows as they come, never more than one in memory.

    The server has to take it for a subquery first, which only a query can be; it runs in a read-only transaction.
    """
    try:
        asked, is_hashed = statement.rstrip().rstrip(";"), expected_hash is not None
        rows, first_row, found = _read(connection, asked, timeout_s, is_hashed=is_hashed)
    except pymysql.err.MySQLError as error:
        if connection.closed:
            raise
        return SqlAnswer(name, statement, expected_rows, None, error=said(error), expected_hash=expected_hash)
    return SqlAnswer(name, statement, expected_rows, rows, first_row, expected_hash=expected_hash, hash=found)


def _read(connection: MysqlConnection, statement: str, timeout_s: float, *, is_hashed: bool) -> tuple[int, str, str]:
    """How many rows, the first one, and the hash of all, where it is wanted or there are few."""
    with reading(connection, timeout_s=timeout_s):
        # What a name in double quotes means is the user's affair.
        connection.execute("SET SESSION sql_mode = DEFAULT")
        connection.execute("PREPARE mainstay_check FROM %s", (f"SELECT EXISTS (\n{statement}\n)",))
        connection.execute("DEALLOCATE PREPARE mainstay_check")
        count, first, hashed = 0, "", RowHash()
        for row in connection.streamed(statement):
            first = first if count else shortened(tuple(map(_shown, row)))
            count += 1
            if is_hashed or count <= HASHED:
                hashed.add(_bytes(value) for value in row)
    return count, first, str(hashed) if is_hashed or count <= HASHED else ""


def _shown(value: str | bytes | None) -> str | None:
    return value.hex() if isinstance(value, bytes) else value


def _bytes(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
