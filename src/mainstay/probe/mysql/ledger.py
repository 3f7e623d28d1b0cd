"""The ledger in MySQL and MariaDB."""

from __future__ import annotations

from typing import Final

import pymysql

from mainstay.probe.canary import MYSQL_LEDGER
from mainstay.probe.ledger import Entry, Ledger, query, writing
from mainstay.probe.mysql.session import MysqlConnection

# A server that is read-only says so before it does anything: ER_OPTION_PREVENTS_STATEMENT, ER_READ_ONLY_MODE.
_READ_ONLY: Final = frozenset({1290, 1836})
_REFUSALS: Final = (pymysql.err.ProgrammingError, pymysql.err.IntegrityError, pymysql.err.DataError)


def _create(connection: MysqlConnection) -> None:
    for statement in MYSQL_LEDGER:
        connection.execute(statement)


def _entries(connection: MysqlConnection, run: str) -> frozenset[Entry]:
    return frozenset((int(client), int(number)) for client, number in connection.execute(query(run)).fetchall())


def _under_way(connection: MysqlConnection, run: str) -> int:
    """A session that waits for the standby still shows its statement."""
    rows = connection.named("SHOW FULL PROCESSLIST")
    return sum(str(row["Info"] or "").startswith(writing(run)) for row in rows)


def _is_refusal(error: Exception) -> bool:
    return isinstance(error, _REFUSALS) or (bool(error.args) and error.args[0] in _READ_ONLY)


def _descriptor(connection: MysqlConnection) -> int:
    return int(connection.raw._sock.fileno())


LEDGER: Final = Ledger(
    create=_create, entries=_entries, under_way=_under_way, is_refusal=_is_refusal, descriptor=_descriptor
)
