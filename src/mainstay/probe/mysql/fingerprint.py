"""Fingerprints in MySQL and MariaDB: the sum of the rows' hashes, which `row_hash` makes.

One statement is one process here, and no two connections can be given the same snapshot. So only what nobody writes is
read by several: tables by themselves, and a large one by ranges of its key.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pymysql

from mainstay.probe.canary import CANARY_SCHEMA
from mainstay.probe.fingerprint import Exclusion, Fingerprints, Found, TableFingerprint, added
from mainstay.probe.mysql.row_hash import Column, row_hash
from mainstay.probe.mysql.session import SYSTEM_SCHEMAS, MysqlConnection, cut, one, quoted, reading
from mainstay.probe.session import said
from mainstay.probe.together import ALONE, Company, Helper, helped, share_out
from mainstay.probe.transcript import about

LARGE_BYTES: Final = 64 * 2**20
"""From here on a table is read in ranges of its key, none smaller."""
MOST_RANGES: Final = 16
"""Into how many ranges a table is divided at most for each process: keys may lie closer together in some."""
_TABLES: Final = """
SELECT table_schema, table_name, table_type, COALESCE(engine, ''), COALESCE(data_length, 0)
FROM information_schema.tables
WHERE table_schema IN (%s, %s) AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1, 2"""
_COLUMNS: Final = """
SELECT table_name, column_name, LOWER(data_type), LOWER(column_type), is_nullable <> 'NO', character_octet_length,
  datetime_precision
FROM information_schema.columns WHERE table_schema = %s ORDER BY table_name, ordinal_position"""
# Keys of one column of whole numbers.
_KEYS: Final = """
SELECT s.table_name, MIN(s.column_name) FROM information_schema.statistics s
JOIN information_schema.columns c USING (table_schema, table_name, column_name)
WHERE table_schema = %s AND s.index_name = 'PRIMARY'
GROUP BY s.table_name HAVING COUNT(*) = 1 AND MIN(LOWER(c.data_type)) IN
  ('tinyint', 'smallint', 'mediumint', 'int', 'bigint')"""
_ELSEWHERE: Final = frozenset({"FEDERATED", "CONNECT", "SPIDER", "S3"})
_MAY_NOT: Final = frozenset({1142, 1143, 1044})  # ER_TABLEACCESS_DENIED, ER_COLUMNACCESS_DENIED, ER_DBACCESS_DENIED


@dataclass(frozen=True, slots=True)
class _Part:
    """A table, or a range of one: its quoted name, the statement, and about how many bytes it goes through."""

    name: str
    statement: str
    size: int


def take(connection: MysqlConnection, *, timeout_s: float = 3600, company: Company = ALONE) -> Fingerprints:
    """Fingerprint every table of the connection's database; `timeout_s` is the longest that one statement may take.

    `company.another` may be given only where nobody writes. Tables in memory or on other servers, our own canary and
    what the login may not read are excluded and listed. A table that cannot be read gets an `error` and does not stop
    the rest. Errors: pymysql.err.MySQLError at the timeout, and when a connection is lost.
    """
    database = connection.database
    if database in SYSTEM_SCHEMAS:
        reason = "the server's own; users, grants and settings are compared in the catalog"
        return Fingerprints(database, (), (Exclusion(database, reason),))
    with about("table"), reading(connection, timeout_s=timeout_s):
        listed = list(_listed(connection, company.limit.most if company.another else 0))
        parts = sorted((part for part in listed if isinstance(part, _Part)), key=lambda part: -part.size)
        read: dict[str, list[Found]] = {}
        for part, found in zip(parts, _read(connection, parts, company, timeout_s), strict=True):
            read.setdefault(part.name, []).append(found)
        names = dict.fromkeys(part.name if isinstance(part, _Part) else part for part in listed)
        return Fingerprints.of(database, [added(read[it]) if isinstance(it, str) else it for it in names])


def _listed(connection: MysqlConnection, processes: int) -> Iterator[_Part | Exclusion]:
    """Every table by its name, in ranges where several processes are worth it, or why it is not read."""
    columns = _columns(connection)
    keys = dict(connection.execute(_KEYS, (connection.database,)).fetchall()) if processes else {}
    tables = connection.execute(_TABLES, (connection.database, CANARY_SCHEMA)).fetchall()
    for schema, name, kind, engine, size in tables:
        reason = _exclusion(schema, engine)
        if reason:
            yield Exclusion(quoted(schema, name), reason)
            continue
        statement = _statement(connection, name, columns.get(name, []), has_history=kind == "SYSTEM VERSIONED")
        ranges = [""]
        if name in keys and kind == "BASE TABLE" and size >= LARGE_BYTES:
            count = min(int(size) // LARGE_BYTES + 1, MOST_RANGES * processes)
            ranges = _ranges(connection, name, keys[name], count)
        for where in ranges:
            yield _Part(quoted(name), statement + where, int(size) // len(ranges))


def _ranges(connection: MysqlConnection, table: str, key: str, count: int) -> list[str]:
    """Conditions of which each row of the table meets exactly one."""
    column = quoted(key)
    bounds = f"SELECT MIN({column}), MAX({column}) FROM {quoted(connection.database, table)}"
    try:
        low, high = one(connection.execute(bounds))
    except pymysql.err.MySQLError:
        return [""]  # reading it as a whole will tell
    if low is None:
        return [""]
    width = (int(high) - int(low)) // count + 1
    cuts = [int(low) + width * number for number in range(1, count) if int(low) + width * number <= int(high)]
    if not cuts:
        return [""]
    between = [f" WHERE {column} >= {a} AND {column} < {b}" for a, b in itertools.pairwise(cuts)]
    return [f" WHERE {column} < {cuts[0]}", *between, f" WHERE {column} >= {cuts[-1]}"]


def _read(connection: MysqlConnection, parts: Sequence[_Part], company: Company, timeout_s: float) -> list[Found]:
    wanted = len(parts) - 1 if sum(part.size for part in parts) >= LARGE_BYTES else 0
    with helped(company, wanted, partial(_helper, timeout_s=timeout_s)) as helpers:
        return share_out(parts, partial(_of_part, connection), helpers)


@contextmanager
def _helper(connection: Any, *, timeout_s: float) -> Iterator[Helper[_Part, Found]]:
    """Another connection (Any: of this driver), while nobody writes."""
    with reading(connection, timeout_s=timeout_s):
        end = partial(cut, connection)
        yield Helper(partial(_of_part, connection), end, end)


def _columns(connection: MysqlConnection) -> dict[str, list[Column]]:
    """Each table's columns."""
    found: dict[str, list[Column]] = {}
    for table, name, kind, declared, null, octets, digits in connection.execute(
        _COLUMNS, (connection.database,)
    ).fetchall():
        found.setdefault(table, []).append(Column(name, str(kind), str(declared), bool(null), octets, digits))
    return found


def _exclusion(schema: str, engine: str) -> str:
    """Why a table takes no part, or nothing."""
    if schema == CANARY_SCHEMA:
        return "our own markers, checked one by one"
    if engine == "MEMORY":
        return "in memory: a restart empties it"
    return "its rows are on another server" if engine in _ELSEWHERE else ""


def _statement(connection: MysqlConnection, table: str, columns: Sequence[Column], *, has_history: bool) -> str:
    history = " FOR SYSTEM_TIME ALL" if has_history else ""
    number = row_hash(columns, connection.flavour)
    # The driver replaces nothing in a statement without parameters, so a name may hold a percent sign.
    return f"SELECT COUNT(*), COALESCE(SUM({number}), 0) FROM {quoted(connection.database, table)}{history}"


def _of_part(connection: MysqlConnection, part: _Part) -> Found:
    try:
        with about("table", part.name):
            rows, digest = one(connection.execute(part.statement))
    except pymysql.err.MySQLError as error:
        code = error.args[0] if error.args else 0
        if connection.closed or code in connection.flavour.timed_out:
            raise
        if code in _MAY_NOT:
            return Exclusion(part.name, f"the login may not read all of it: {said(error)}")
        return TableFingerprint(part.name, 0, "", said(error))
    return TableFingerprint(part.name, int(rows), str(digest))
