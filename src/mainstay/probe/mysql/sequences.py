"""AUTO_INCREMENT columns, and MariaDB's sequences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.probe.canary import CANARY_SCHEMA
from mainstay.probe.mysql.session import SYSTEM_SCHEMAS, MysqlConnection, one, quoted, reading
from mainstay.probe.sequences import Sequence
from mainstay.probe.transcript import about

_COLUMNS: Final = """
SELECT t.table_name, c.column_name, t.auto_increment
FROM information_schema.tables t JOIN information_schema.columns c
  ON c.table_schema = t.table_schema AND c.table_name = t.table_name
WHERE t.table_schema = %s AND t.table_type <> 'VIEW' AND c.extra LIKE '%%auto_increment%%' AND t.engine <> 'MEMORY'
ORDER BY 1"""
_SEQUENCES: Final = """
SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_type = 'SEQUENCE' ORDER BY 1"""


def take(connection: MysqlConnection, *, timeout_s: float = 600) -> tuple[Sequence, ...]:
    """Every AUTO_INCREMENT of the database with the furthest value of its column, and every sequence."""
    if connection.database in (*SYSTEM_SCHEMAS, CANARY_SCHEMA):
        return ()
    with about("sequence"), reading(connection, timeout_s=timeout_s):
        return (*_columns(connection), *_sequences(connection))


def _columns(connection: MysqlConnection) -> Iterator[Sequence]:
    """The log has rows, not counters: a number that was handed out and rolled back may come again after a restore."""
    for table, column, following in connection.execute(_COLUMNS, (connection.database,)).fetchall():
        with about("sequence", quoted(table)):
            furthest = one(connection.execute(f"SELECT MAX({quoted(column)}) FROM {quoted(table)}"))[0]
        yield Sequence(
            name=quoted(table),
            increment=1,
            start=1,
            last_value=int(following) - 1 if following is not None and int(following) > 1 else None,
            column=quoted(table, column),
            furthest=None if furthest is None or int(furthest) < 1 else int(furthest),
            keeps_gaps=False,
        )


def _sequences(connection: MysqlConnection) -> Iterator[Sequence]:
    """A sequence of MariaDB tells the first value that it has not reserved yet, and logs it."""
    for (name,) in connection.execute(_SEQUENCES, (connection.database,)).fetchall():
        query = f"SELECT next_not_cached_value, start_value, increment FROM {quoted(name)}"
        with about("sequence", quoted(name)):
            following, start, increment = (int(value) for value in one(connection.execute(query)))
        step = increment or 1  # 0 means the server's auto_increment_increment
        last = None if following == start else following - step
        yield Sequence(name=quoted(name), increment=step, start=start, last_value=last)
