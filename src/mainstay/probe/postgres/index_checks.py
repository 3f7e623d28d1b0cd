"""B-tree indexes gone through by amcheck: their pages, their order, their links. One read of the indexes.

The rows are read by the fingerprints. That a row lacks its index entry would take a second read of the data
(`heapallindexed`), which a drill does not pay for.
Source: PostgreSQL 17 manual, "amcheck", 2026-11-21; RDS lists the extension for every major that it offers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.probe.canary import CANARY_SCHEMA
from mainstay.probe.postgres.errors import CANCELED, MAY_NOT, UNSUPPORTED, PostgresError, sqlstate
from mainstay.probe.postgres.session import (
    SYSTEM_SCHEMAS,
    PostgresConnection,
    PostgresCursor,
    be_patient,
    milliseconds,
    quoted,
)
from mainstay.probe.server import TableCheck
from mainstay.probe.transcript import about

_SCHEMA_OF: Final = (
    "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'amcheck'"
)
_INDEXES: Final = f"""
SELECT i.indexrelid, n.nspname, c.relname FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam
WHERE a.amname = 'btree' AND c.relkind = 'i' AND c.relpersistence = 'p' AND i.indisvalid AND i.indisready
  AND n.nspname <> '{CANARY_SCHEMA}' AND {SYSTEM_SCHEMAS}
ORDER BY 2, 3"""


def check_tables(connection: PostgresConnection, timeout_s: float) -> Iterator[TableCheck]:
    """Each index by what amcheck says of it; one answer that is not checked where the login may not use amcheck.

    It makes the extension where it is missing, so it is meant for restored copies only. `timeout_s` holds for each
    index. Errors: psycopg.errors.QueryCanceled at the timeout; psycopg.OperationalError when the connection is lost.
    """
    indexes = connection.execute(_INDEXES).fetchall()
    if not indexes:
        return
    try:
        schema = _extension(connection)
    except PostgresError as error:
        if sqlstate(error) not in (MAY_NOT, UNSUPPORTED):
            raise
        yield _unchecked(str(error))
        return
    connection.execute("SELECT set_config('statement_timeout', %s, false)", (milliseconds(timeout_s),))
    cursor = connection.cursor()
    be_patient(cursor, timeout_s)
    try:
        for oid, namespace, name in indexes:
            found = _check(cursor, schema, int(oid), quoted(str(namespace), str(name)))
            yield found
            if not found.is_checked:
                return  # what one index is refused for, all are
    finally:
        if not connection.closed:
            connection.execute("RESET statement_timeout")


def _extension(connection: PostgresConnection) -> str:
    """The schema that amcheck's functions are in."""
    row = connection.execute(_SCHEMA_OF).fetchone()
    if row is None:
        connection.execute("CREATE EXTENSION amcheck")
        row = connection.execute(_SCHEMA_OF).fetchone()
    return str(row[0]) if row else "public"


def _check(cursor: PostgresCursor, schema: str, oid: int, name: str) -> TableCheck:
    try:
        with about("soundness", name):
            cursor.execute(f"SELECT {quoted(schema)}.bt_index_check(%s::oid::regclass)", (oid,))
    except PostgresError as error:
        if cursor.connection.closed or sqlstate(error) == CANCELED:
            raise
        if sqlstate(error) == MAY_NOT:
            return _unchecked(str(error))
        return TableCheck(name, is_sound=False, words=str(error).splitlines()[0])
    return TableCheck(name, is_sound=True, words="OK")


def _unchecked(said: str) -> TableCheck:
    words = f"amcheck could not look at them: {said.splitlines()[0]}"
    return TableCheck("indexes", is_sound=True, words=words, is_checked=False)
