"""The user's own questions in MySQL and MariaDB."""

from __future__ import annotations

import pymysql

from mainstay.probe.mysql.session import MysqlConnection, reading
from mainstay.probe.session import said
from mainstay.probe.sql_checks import SqlAnswer, shortened


def ask(
    connection: MysqlConnection, *, name: str, statement: str, expected_rows: int | None = None, timeout_s: float = 60
) -> SqlAnswer:
    """Run one query and count its rows as they come, never more than one in memory.

    The server has to take it for a subquery first, which only a query can be; it runs in a read-only transaction.
    """
    try:
        rows, first_row = _count(connection, statement.rstrip().rstrip(";"), timeout_s)
    except pymysql.err.MySQLError as error:
        if connection.closed:
            raise
        return SqlAnswer(name, statement, expected_rows, None, error=said(error))
    return SqlAnswer(name, statement, expected_rows, rows, first_row)


def _count(connection: MysqlConnection, statement: str, timeout_s: float) -> tuple[int, str]:
    with reading(connection, timeout_s=timeout_s):
        # What a name in double quotes means is the user's affair.
        connection.execute("SET SESSION sql_mode = DEFAULT")
        connection.execute("PREPARE mainstay_check FROM %s", (f"SELECT EXISTS (\n{statement}\n)",))
        connection.execute("DEALLOCATE PREPARE mainstay_check")
        count, first = 0, ""
        for row in connection.streamed(statement):
            first = first if count else shortened(row)
            count += 1
    return count, first
