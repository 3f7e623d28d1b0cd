"""Fingerprints in PostgreSQL: 64 bits of each row, added in 128, in the server.

The server reads one table with several processes; addition does not care in which order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import psycopg

from mainstay.probe.canary import CANARY_SCHEMA
from mainstay.probe.fingerprint import Exclusion, Fingerprints, TableFingerprint
from mainstay.probe.postgres.row_hash import ROW, Column, row_hash
from mainstay.probe.postgres.session import SYSTEM_SCHEMAS, PostgresConnection, PostgresCursor, one, quoted, reading
from mainstay.probe.transcript import about

# Two beside the session's own, as servers have it by default: a source goes on serving. Compiling takes longer than it
# saves in one pass. Neither changes a sum.
WORKERS: Final = 2
_COLUMNS = """
SELECT a.attname, CASE WHEN t.typnamespace = 'pg_catalog'::regnamespace THEN t.typname ELSE '' END
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum"""
_TABLES = f"""
SELECT c.oid, n.nspname, c.relname, c.relkind::text, c.relpersistence::text, c.relispopulated,
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm', 'f') AND {SYSTEM_SCHEMAS}
ORDER BY 2, 3"""


def take(connection: PostgresConnection, *, timeout_s: float = 3600, workers: int = WORKERS) -> Fingerprints:
    """Fingerprint every table that a restore has to bring back; `timeout_s` is the longest that one table may take.

    The server may use up to `workers` processes more for one table.

    Unlogged and temporary tables, foreign tables, our own canary and what the login may not read are excluded
    and listed. A table whose pages cannot be read gets an `error` and does not stop the rest.
    Errors: psycopg.errors.QueryCanceled at the timeout; psycopg.OperationalError when the connection is lost.
    """
    tables: list[TableFingerprint] = []
    excluded: list[Exclusion] = []
    with about("table"), reading(connection, timeout_s=timeout_s) as cursor:
        database = str(one(cursor.execute("SELECT current_database()"))[0])
        for name, value in (("jit", "off"), ("max_parallel_workers_per_gather", str(workers))):
            cursor.execute("SELECT set_config(%s, %s, true)", (name, value))
        for oid, schema, name, kind, persistence, populated, readable in cursor.execute(_TABLES).fetchall():
            reason = _exclusion(schema, kind, persistence, is_populated=populated, is_readable=readable)
            if reason:
                excluded.append(Exclusion(quoted(schema, name), reason))
                continue
            with about("table", quoted(schema, name)):
                found = _of_table(cursor, quoted(schema, name), cursor.execute(_COLUMNS, (oid,)).fetchall())
            (tables if isinstance(found, TableFingerprint) else excluded).append(found)  # type: ignore[arg-type]  # each goes to its own list
        excluded.extend(_large_objects(cursor))
    return Fingerprints(database, tuple(tables), tuple(excluded))


def _exclusion(schema: str, kind: str, persistence: str, *, is_populated: bool, is_readable: bool) -> str:
    """Why a table takes no part, or nothing."""
    if schema == CANARY_SCHEMA:
        return "our own markers, checked one by one"
    if persistence == "t":
        return "temporary: it ends with its session"
    if persistence == "u":
        return "unlogged: recovery empties it"
    if kind == "f":
        return "foreign: its rows are on another server"
    if not is_populated:
        return "a materialized view that was never filled"
    return "" if is_readable else "the login may not read it"


def _of_table(cursor: PostgresCursor, table: str, columns: Sequence[Column]) -> TableFingerprint | Exclusion:
    """One table, without its inheritance children, which are tables of their own."""
    statement = f"SELECT count(*), coalesce(sum({row_hash(columns)}), 0)::text FROM ONLY {table} AS {ROW}"
    cursor.execute("SAVEPOINT mainstay_table")
    try:
        rows, digest = one(cursor.execute(statement))
    except psycopg.errors.QueryCanceled:
        raise
    except psycopg.Error as error:
        if cursor.connection.closed:
            raise
        cursor.execute("ROLLBACK TO SAVEPOINT mainstay_table")
        said = str(error).splitlines()[0]
        if isinstance(error, psycopg.errors.InsufficientPrivilege):
            return Exclusion(table, f"the login may not read all of it: {said}")
        return TableFingerprint(table, 0, "", said)
    return TableFingerprint(table, int(rows), str(digest))


def _large_objects(cursor: PostgresCursor) -> Iterator[Exclusion]:
    """Large objects live in a system table that an RDS master user may not read."""
    count = one(cursor.execute("SELECT count(*) FROM pg_largeobject_metadata"))[0]
    if count:
        yield Exclusion("large objects", f"{count} large objects are outside every table")
