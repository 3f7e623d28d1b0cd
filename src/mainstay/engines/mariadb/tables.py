"""Every table of a MariaDB or MySQL server, and its rows as CSV in the form in which PostgreSQL writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from pymysql.cursors import SSCursor

from mainstay.engines.mariadb.session import quoted_name
from mainstay.engines.tables import Table

READ_S: Final = 600.0
_OWN: Final = ("information_schema", "performance_schema", "mysql", "sys", "rdsadmin")
_COLUMNS: Final = f"""
SELECT c.TABLE_SCHEMA, c.TABLE_NAME, c.COLUMN_NAME, c.COLUMN_TYPE
FROM information_schema.COLUMNS c
JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
WHERE t.TABLE_TYPE = 'BASE TABLE' AND c.TABLE_SCHEMA NOT IN ({", ".join(f"'{name}'" for name in _OWN)})
ORDER BY c.TABLE_SCHEMA, c.TABLE_NAME, c.ORDINAL_POSITION"""  # noqa: S608  constants of this file


# Any, here and below: a cluster of either engine, whose sessions are PyMySQL's, and rows of whatever the server sends.
def tables(cluster: Any) -> list[Table]:
    """The tables of every database but the server's own. Error: TargetRefused."""
    columns: dict[tuple[str, str], list[tuple[str, str]]] = {}
    with cluster.session() as opened, opened.cursor() as cursor:
        cursor.execute(_COLUMNS)
        for database, name, column, kind in cursor.fetchall():
            columns.setdefault((database, name), []).append((str(column), _text(kind)))
    return [Table(database, database, name, tuple(found)) for (database, name), found in columns.items()]


def lines(cluster: Any, table: Table) -> Iterator[bytes]:
    """A table as CSV, a row at a time, the names of the columns first. Error: TargetRefused."""
    names = ", ".join(quoted_name(name) for name, _ in table.columns)
    query = f"SELECT {names} FROM {quoted_name(table.database)}.{quoted_name(table.name)}"  # noqa: S608  names are quoted
    yield _line(name for name, _ in table.columns)
    with cluster.session(timeout_s=READ_S) as opened, opened.cursor(SSCursor) as cursor:
        cursor.execute(query)
        for row in cursor:
            yield _line(row)


def _line(values: Iterable[object]) -> bytes:
    return (",".join(_field(value) for value in values) + "\n").encode()


def _field(value: object) -> str:
    """One value: nothing for NULL, bytes in hexadecimal, and in quotes what CSV would read otherwise."""
    if value is None:
        return ""
    text = f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)
    is_plain = text and not set(text) & set(',"\r\n')
    return text if is_plain else '"' + text.replace('"', '""') + '"'


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
