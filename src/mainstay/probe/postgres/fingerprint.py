"""Fingerprints in PostgreSQL: each row's columns hashed to 64 bits, mixed once more, and added in 128.

Columns are hashed by the server's own hash of their type where equal hashes mean equal bytes, and otherwise by their
binary form or their text: `1.0` and `1.00` are equal numbers and different data. This takes a third of the time of
hashing the row's text (574 MB, 0.5 s and 1.5 s, 2 cores, 2026-11-21). The server reads one table with several
processes; addition does not care in which order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import psycopg

from mainstay.probe.canary import CANARY_SCHEMA
from mainstay.probe.fingerprint import Exclusion, Fingerprints, TableFingerprint
from mainstay.probe.postgres.session import SYSTEM_SCHEMAS, PostgresConnection, PostgresCursor, one, quoted, reading

# Two beside the session's own, as servers have it by default: a source goes on serving. Compiling takes longer than it
# saves in one pass. Neither changes a sum.
WORKERS: Final = 2
# hash_record_extended came with 14 (release notes, 2021-09-30; read 2026-11-21).
_HASHES_ROWS: Final = 140000
# A row constructor takes 1664 entries (MaxTupleAttributeNumber), and a column makes two at most.
_MOST_COLUMNS: Final = 800
_C: Final = '{0} COLLATE "C"'  # other collations may take different texts for equal
# How a column takes part, by its type; what is not listed is written as text, with others of its kind.
_HASHED: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("bool", "int2", "int4", "int8", "oid", "char", "date", "time", "timestamp", "timestamptz", "uuid", "bytea"),
        "{0}",
    ),
    **dict.fromkeys(("text", "varchar", "name"), _C),
    "bpchar": _C + ", octet_length({0})",  # its hash leaves trailing blanks out
    # Their hashes are those of the value: of 1 day as of 24 hours, of 0 as of -0, of NaN as of infinity.
    "numeric": "numeric_send({0})",
    "float4": "float4send({0})",
    "float8": "float8send({0})",
    "interval": "interval_send({0})",
    "timetz": "timetz_send({0})",
}
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
    with reading(connection, timeout_s=timeout_s) as cursor:
        database = str(one(cursor.execute("SELECT current_database()"))[0])
        for name, value in (("jit", "off"), ("max_parallel_workers_per_gather", str(workers))):
            cursor.execute("SELECT set_config(%s, %s, true)", (name, value))
        for oid, schema, name, kind, persistence, populated, readable in cursor.execute(_TABLES).fetchall():
            reason = _exclusion(schema, kind, persistence, is_populated=populated, is_readable=readable)
            if reason:
                excluded.append(Exclusion(quoted(schema, name), reason))
                continue
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


def _of_table(cursor: PostgresCursor, table: str, columns: Sequence[tuple[str, str]]) -> TableFingerprint | Exclusion:
    """One table, without its inheritance children, which are tables of their own."""
    has_hash = cursor.connection.info.server_version >= _HASHES_ROWS and len(columns) <= _MOST_COLUMNS
    number = row_hash(columns) if has_hash else _TEXT_HASH
    statement = f"SELECT count(*), coalesce(sum({number}), 0)::text FROM ONLY {table} AS mainstay_row"
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


# ROW(x.*) names the columns through the alias: a column that is itself called x cannot stand in for the row.
_TEXT_HASH: Final = "hashtextextended(ROW(mainstay_row.*)::text, 0)"


def row_hash(columns: Sequence[tuple[str, str]]) -> str:
    """The expression of a row's 64 bits, from its columns' names and types (empty: a type that a user made)."""
    written = [_HASHED[kind].format(_column(name)) for name, kind in columns if kind in _HASHED]
    others = [_column(name) for name, kind in columns if kind not in _HASHED]
    if others:
        written.append(_C.format(f"(ROW({', '.join(others)})::text)"))
    # The record's hash is a sum over its columns: without the mixing, values that swap rows would leave the total as
    # it is.
    return f"hashint8extended(hash_record_extended(ROW({', '.join(written)}), 0), 0)"


def _column(name: str) -> str:
    return f"mainstay_row.{quoted(name)}"


def _large_objects(cursor: PostgresCursor) -> Iterator[Exclusion]:
    """Large objects live in a system table that an RDS master user may not read."""
    count = one(cursor.execute("SELECT count(*) FROM pg_largeobject_metadata"))[0]
    if count:
        yield Exclusion("large objects", f"{count} large objects are outside every table")
