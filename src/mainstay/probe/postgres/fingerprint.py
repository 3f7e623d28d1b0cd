"""Fingerprints in PostgreSQL: 64 bits of each row, added in 128, in the server.

A large table is read by several processes of one statement, as the server divides it: each goes through its own ring of
a few pages, so that a source keeps in memory what it works with, which scans of ranges of pages would push out. The
small tables are shared out between connections that see one snapshot. Addition does not care in which order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from mainstay.probe.canary import CANARY_SCHEMA
from mainstay.probe.fingerprint import Exclusion, Fingerprints, Found, TableFingerprint
from mainstay.probe.postgres.errors import CANCELED, MAY_NOT, PostgresError, sqlstate
from mainstay.probe.postgres.row_hash import ROW, row_hash
from mainstay.probe.postgres.session import (
    SYSTEM_SCHEMAS,
    PostgresConnection,
    PostgresCursor,
    cut,
    one,
    quoted,
    reading,
    stop,
)
from mainstay.probe.together import ALONE, Company, Helper, helped, share_out
from mainstay.probe.transcript import about

LARGE_BYTES: Final = 64 * 2**20
"""From here on a table is worth several processes; what small ones there are has to come to as much."""
# Compiling takes longer than it saves in one pass. The server gives a table a process more for each third power of this
# size (compute_parallel_worker, allpaths.c; PostgreSQL 17), so that from 0 on the limit alone decides.
_SETTINGS: Final = (("jit", "off"), ("min_parallel_table_scan_size", "0"), ("max_parallel_workers_per_gather", "0"))
_COLUMNS = """
SELECT a.attname, CASE WHEN t.typnamespace = 'pg_catalog'::regnamespace THEN t.typname ELSE '' END
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum"""
_TABLES = f"""
SELECT c.oid, n.nspname, c.relname, c.relkind::text, c.relpersistence::text, c.relispopulated,
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'),
       (c.relpages + coalesce(t.relpages, 0)) * current_setting('block_size')::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
WHERE c.relkind IN ('r', 'm', 'f') AND {SYSTEM_SCHEMAS}
ORDER BY 2, 3"""


@dataclass(frozen=True, slots=True)
class _Table:
    """One that is to be read: its quoted name, how, and the bytes it took on disk when it was last vacuumed or
    analyzed. To ask for its size now would wait for whoever has locked it.
    """

    name: str
    statement: str
    size: int


def take(connection: PostgresConnection, *, timeout_s: float = 3600, company: Company = ALONE) -> Fingerprints:
    """Fingerprint every table that a restore has to bring back; `timeout_s` is the longest that one table may take.

    Unlogged and temporary tables, foreign tables, our own canary and what the login may not read are excluded
    and listed. A table whose pages cannot be read gets an `error` and does not stop the rest.
    Errors: psycopg.errors.QueryCanceled at the timeout; psycopg.OperationalError when a connection is lost.
    """
    with about("table"), reading(connection, timeout_s=timeout_s) as cursor:
        _set(cursor, _SETTINGS)
        database = str(one(cursor.execute("SELECT current_database()"))[0])
        listed = list(_listed(cursor))
        read = _read(cursor, [table for table in listed if isinstance(table, _Table)], company, timeout_s)
        found = [read[table] if isinstance(table, _Table) else table for table in listed]
        return Fingerprints.of(database, [*found, *_large_objects(cursor)])


def _set(cursor: PostgresCursor, settings: Sequence[tuple[str, str]]) -> None:
    for name, value in settings:
        cursor.execute("SELECT set_config(%s, %s, true)", (name, value))


def _listed(cursor: PostgresCursor) -> Iterator[_Table | Exclusion]:
    """Every table, by its name, with what is needed to read it or why it is not read."""
    for oid, schema, name, kind, persistence, populated, readable, size in cursor.execute(_TABLES).fetchall():
        reason = _exclusion(schema, kind, persistence, is_populated=populated, is_readable=readable)
        table = quoted(schema, name)
        if reason:
            yield Exclusion(table, reason)
            continue
        with about("table", table):
            number = row_hash(cursor.execute(_COLUMNS, (oid,)).fetchall())
        # Without its inheritance children, which are tables of their own.
        statement = f"SELECT count(*), coalesce(sum({number}), 0)::text FROM ONLY {table} AS {ROW}"
        yield _Table(table, statement, int(size))


def _read(cursor: PostgresCursor, tables: Sequence[_Table], company: Company, timeout_s: float) -> dict[_Table, Found]:
    """The large ones first, the largest before the others, each with all the processes that may be had."""
    ordered = sorted(tables, key=lambda table: -table.size)
    large = [table for table in ordered if table.size >= LARGE_BYTES]
    found = {}
    for table in large:
        with company.limit.spare(company.limit.most) as workers:
            _set(cursor, [("max_parallel_workers_per_gather", str(workers))])
            found[table] = _of_table(cursor, table)
    _set(cursor, _SETTINGS)
    small = ordered[len(large) :]
    return found | dict(zip(small, _read_small(cursor, small, company, timeout_s), strict=True))


def _read_small(cursor: PostgresCursor, tables: Sequence[_Table], company: Company, timeout_s: float) -> list[Found]:
    own = partial(_of_table, cursor)
    if company.another is None or sum(table.size for table in tables) < LARGE_BYTES:
        return share_out(tables, own, ())
    snapshot = str(one(cursor.execute("SELECT pg_export_snapshot()"))[0])
    with helped(company, len(tables) - 1, partial(_helper, snapshot=snapshot, timeout_s=timeout_s)) as helpers:
        return share_out(tables, own, helpers)


@contextmanager
def _helper(connection: Any, *, snapshot: str, timeout_s: float) -> Iterator[Helper[_Table, Found]]:
    """A connection (Any: of this driver) that sees what the first one sees."""
    with reading(connection, timeout_s=timeout_s, snapshot=snapshot) as cursor:
        _set(cursor, _SETTINGS)
        yield Helper(partial(_of_table, cursor), partial(stop, connection), partial(cut, connection))


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


def _of_table(cursor: PostgresCursor, table: _Table) -> Found:
    cursor.execute("SAVEPOINT mainstay_table")
    try:
        with about("table", table.name):
            rows, digest = one(cursor.execute(table.statement))
        found: Found = TableFingerprint(table.name, int(rows), str(digest))
    except PostgresError as error:
        if cursor.connection.closed or sqlstate(error) == CANCELED:
            raise
        cursor.execute("ROLLBACK TO SAVEPOINT mainstay_table")
        said = str(error).splitlines()[0]
        if sqlstate(error) == MAY_NOT:
            found = Exclusion(table.name, f"the login may not read all of it: {said}")
        else:
            found = TableFingerprint(table.name, 0, "", said)
    cursor.execute("RELEASE SAVEPOINT mainstay_table")
    return found


def _large_objects(cursor: PostgresCursor) -> Iterator[Exclusion]:
    """Large objects live in a system table that an RDS master user may not read."""
    count = one(cursor.execute("SELECT count(*) FROM pg_largeobject_metadata"))[0]
    if count:
        yield Exclusion("large objects", f"{count} large objects are outside every table")
