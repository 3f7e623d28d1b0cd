"""Fingerprints: a row count and an order-independent sum of row hashes for each table, computed in the database.

A sum, because exclusive-or lets a pair of equal rows cancel out. The hash is 64 bits wide and taken of the
row's text, so that every type takes part; the server adds in 128 bits, so memory stays bounded and only
two numbers a table leave the database. Tables without a key are as good as any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import psycopg

from mainstay.probe.session import CANARY_SCHEMA, SYSTEM_SCHEMAS, Connection, Cursor, one, quoted, reading

_TABLES = f"""
SELECT n.nspname, c.relname, c.relkind::text, c.relpersistence::text, c.relispopulated,
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm', 'f') AND {SYSTEM_SCHEMAS}
ORDER BY 1, 2"""

State = Literal["equal", "differs", "missing", "unexpected", "unreadable", "moving", "outside"]


@dataclass(frozen=True, slots=True)
class TableFingerprint:
    """One table: how many rows, and the sum of their hashes as decimal text; `error` when it could not be read."""

    table: str
    rows: int
    digest: str
    error: str = ""

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {"table": self.table, "rows": self.rows, "digest": self.digest, "error": self.error}


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Something that no fingerprint covers, and why."""

    subject: str
    reason: str

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {"subject": self.subject, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Every table of one database, read in one snapshot; what was left out is named."""

    database: str
    tables: tuple[TableFingerprint, ...]
    excluded: tuple[Exclusion, ...]

    def by_table(self) -> dict[str, TableFingerprint]:
        """The fingerprints by quoted table name."""
        return {table.table: table for table in self.tables}

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {
            "database": self.database,
            "tables": [table.as_json() for table in self.tables],
            "excluded": [exclusion.as_json() for exclusion in self.excluded],
        }


@dataclass(frozen=True, slots=True)
class TableComparison:
    """One table of a restored database against what was seen at the source.

    `moving`: it changed between the two readings that bracket the target, and lies between them by row count,
    which proves little. `outside`: it does not even lie between them. `unreadable`: reading the source failed.
    """

    table: str
    state: State
    expected: str
    observed: str

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {"table": self.table, "state": self.state, "expected": self.expected, "observed": self.observed}


def take(connection: Connection, *, timeout_s: float = 3600) -> Fingerprints:
    """Fingerprint every table that a restore has to bring back; `timeout_s` is the longest that one table may take.

    Unlogged and temporary tables, foreign tables, our own canary and what the login may not read are excluded
    and listed. A table whose pages cannot be read gets an `error` and does not stop the rest.
    Errors: psycopg.errors.QueryCanceled at the timeout; psycopg.OperationalError when the connection is lost.
    """
    tables: list[TableFingerprint] = []
    excluded: list[Exclusion] = []
    with reading(connection, timeout_s=timeout_s) as cursor:
        database = str(one(cursor.execute("SELECT current_database()"))[0])
        for schema, name, kind, persistence, populated, readable in cursor.execute(_TABLES).fetchall():
            reason = _exclusion(schema, kind, persistence, is_populated=populated, is_readable=readable)
            if reason:
                excluded.append(Exclusion(quoted(schema, name), reason))
                continue
            found = _of_table(cursor, quoted(schema, name))
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


def _of_table(cursor: Cursor, table: str) -> TableFingerprint | Exclusion:
    """One table, without its inheritance children, which are tables of their own."""
    # ROW(x.*) names the columns through the alias: a column that is itself called x cannot stand in for the row.
    statement = (
        "SELECT count(*), coalesce(sum(hashtextextended(ROW(mainstay_row.*)::text, 0)), 0)::text "
        f"FROM ONLY {table} AS mainstay_row"
    )
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


def _large_objects(cursor: Cursor) -> Iterator[Exclusion]:
    """Large objects live in a system table that an RDS master user may not read."""
    count = one(cursor.execute("SELECT count(*) FROM pg_largeobject_metadata"))[0]
    if count:
        yield Exclusion("large objects", f"{count} large objects are outside every table")


def compare(before: Fingerprints, after: Fingerprints | None, restored: Fingerprints) -> tuple[TableComparison, ...]:
    """Each table of a restored database against the source just before the target, and just after it.

    Without `after` the taker vouches that nothing wrote between `before` and the target, so all must be equal.
    """
    first = before.by_table()
    last = first if after is None else after.by_table()
    found = restored.by_table()
    left_out = {exclusion.subject for exclusion in before.excluded}
    names = sorted({*first, *last, *found} - left_out)
    return tuple(_compare(name, first.get(name), last.get(name), found.get(name)) for name in names)


def _compare(
    name: str, first: TableFingerprint | None, last: TableFingerprint | None, found: TableFingerprint | None
) -> TableComparison:
    return TableComparison(name, _state(first, last, found), _expected(first, last), _shown(found))


def _state(first: TableFingerprint | None, last: TableFingerprint | None, found: TableFingerprint | None) -> State:
    """The one word for a table."""
    if (first and first.error) or (last and last.error):
        return "unreadable"
    if first is None or last is None:
        return "unexpected" if first is last else "moving"  # created or dropped within the bracket
    if found is None:
        return "missing"
    if first == last or found.error:
        return "equal" if found == first else "differs"
    low, high = sorted((first.rows, last.rows))
    return "moving" if low <= found.rows <= high else "outside"


def _expected(first: TableFingerprint | None, last: TableFingerprint | None) -> str:
    return _shown(first) if first == last else f"between {_shown(first)} and {_shown(last)}"


def _shown(table: TableFingerprint | None) -> str:
    if table is None:
        return "no such table"
    if table.error:
        return f"not readable: {table.error}"
    return f"{table.rows} rows, sum {table.digest}"


def total_rows(fingerprints: Mapping[str, Fingerprints]) -> int:
    """How many rows the fingerprints of several databases cover."""
    return sum(table.rows for one_database in fingerprints.values() for table in one_database.tables)
