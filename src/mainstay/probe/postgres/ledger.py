"""The ledger in PostgreSQL."""

from __future__ import annotations

from typing import Final

from mainstay.probe.canary import POSTGRES_LEDGER
from mainstay.probe.ledger import Entry, Ledger, query, writing
from mainstay.probe.postgres.errors import PostgresError, sqlstate
from mainstay.probe.postgres.session import PostgresConnection

# Classes of SQLSTATE under which a statement was not done: data, integrity, transaction state (read only among them),
# access rule, resources. Connection (08) and operator intervention (57) come after a commit, too
# (PostgreSQL 17, "PostgreSQL Error Codes", 2026-11-21).
_REFUSALS: Final = frozenset({"22", "23", "25", "42", "53"})


def _create(connection: PostgresConnection) -> None:
    for statement in POSTGRES_LEDGER:
        connection.execute(statement)


def _entries(connection: PostgresConnection, run: str) -> frozenset[Entry]:
    rows = connection.execute(query(run).encode()).fetchall()
    return frozenset((int(client), int(number)) for client, number in rows)


def _under_way(connection: PostgresConnection, run: str) -> int:
    query = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND starts_with(query, %s)"
    row = connection.execute(query, (writing(run),)).fetchone()
    return int(row[0]) if row else 0


def _is_refusal(error: Exception) -> bool:
    return isinstance(error, PostgresError) and (sqlstate(error) or "")[:2] in _REFUSALS


def _descriptor(connection: PostgresConnection) -> int:
    return connection.fileno()


LEDGER: Final = Ledger(
    create=_create, entries=_entries, under_way=_under_way, is_refusal=_is_refusal, descriptor=_descriptor
)
