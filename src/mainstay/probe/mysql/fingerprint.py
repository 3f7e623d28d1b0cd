"""Fingerprints in MySQL and MariaDB: each column as text or as a hash, the row's hash, and the sum of 64 bits of it.

A row has no text of its own here, so one is made of its columns: numbers and times as text, everything that may hold
a comma or be long as its SHA-256 in the bytes that are stored. SHA2, because MySQL 9 has no MD5 without a component.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pymysql

from mainstay.probe.canary import CANARY_SCHEMA
from mainstay.probe.fingerprint import Exclusion, Fingerprints, TableFingerprint
from mainstay.probe.mysql.session import SYSTEM_SCHEMAS, MysqlConnection, one, quoted, reading
from mainstay.probe.session import said
from mainstay.probe.transcript import about

_TABLES: Final = """
SELECT table_schema, table_name, table_type, COALESCE(engine, '') FROM information_schema.tables
WHERE table_schema IN (%s, %s) AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1, 2"""
_COLUMNS: Final = """
SELECT table_name, column_name, LOWER(data_type) FROM information_schema.columns
WHERE table_schema = %s ORDER BY table_name, ordinal_position"""
# How a column takes part, by its type; what is not listed is written as text, which tells any two values apart.
_HASHED: Final = "SHA2({0}, 256)"
_WRITTEN: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set", "json", "binary", "varbinary",
         "tinyblob", "blob", "mediumblob", "longblob", "vector"),
        _HASHED,
    ),
    **dict.fromkeys(
        ("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
         "geometrycollection", "geomcollection"),
        "SHA2(CONCAT(ST_SRID({0}), ' ', HEX(ST_AsWKB({0}))), 256)",
    ),
    "float": "CAST(CAST({0} AS DOUBLE) AS CHAR)",  # the text of a FLOAT has six digits only
    "bit": "CAST({0} + 0 AS CHAR)",
}  # fmt: skip
_AS_TEXT: Final = "CAST({0} AS CHAR)"
_ELSEWHERE: Final = frozenset({"FEDERATED", "CONNECT", "SPIDER", "S3"})
_MAY_NOT: Final = frozenset({1142, 1143, 1044})  # ER_TABLEACCESS_DENIED, ER_COLUMNACCESS_DENIED, ER_DBACCESS_DENIED


def take(connection: MysqlConnection, *, timeout_s: float = 3600) -> Fingerprints:
    """Fingerprint every table of the connection's database; `timeout_s` is the longest that one table may take.

    Tables in memory or on other servers, our own canary and what the login may not read are excluded and listed. A
    table that cannot be read gets an `error` and does not stop the rest.
    Errors: pymysql.err.MySQLError at the timeout, and when the connection is lost.
    """
    database = connection.database
    if database in SYSTEM_SCHEMAS:
        reason = "the server's own; users, grants and settings are compared in the catalog"
        return Fingerprints(database, (), (Exclusion(database, reason),))
    tables: list[TableFingerprint] = []
    excluded: list[Exclusion] = []
    with about("table"), reading(connection, timeout_s=timeout_s):
        columns = _columns(connection)
        for schema, name, kind, engine in connection.execute(_TABLES, (database, CANARY_SCHEMA)).fetchall():
            reason = _exclusion(schema, engine)
            if reason:
                excluded.append(Exclusion(quoted(schema, name), reason))
                continue
            with about("table", quoted(name)):
                found = _of_table(connection, name, columns.get(name, []), has_history=kind == "SYSTEM VERSIONED")
            (tables if isinstance(found, TableFingerprint) else excluded).append(found)  # type: ignore[arg-type]  # each goes to its own list
    return Fingerprints(database, tuple(tables), tuple(excluded))


def _columns(connection: MysqlConnection) -> dict[str, list[str]]:
    """The expressions of each table's columns."""
    found: dict[str, list[str]] = {}
    for table, column, kind in connection.execute(_COLUMNS, (connection.database,)).fetchall():
        written = _WRITTEN.get(str(kind), _AS_TEXT).format(quoted(column))
        found.setdefault(table, []).append(f"COALESCE({written}, 'N')")
    return found


def _exclusion(schema: str, engine: str) -> str:
    """Why a table takes no part, or nothing."""
    if schema == CANARY_SCHEMA:
        return "our own markers, checked one by one"
    if engine == "MEMORY":
        return "in memory: a restart empties it"
    return "its rows are on another server" if engine in _ELSEWHERE else ""


def _of_table(
    connection: MysqlConnection, table: str, columns: list[str], *, has_history: bool
) -> TableFingerprint | Exclusion:
    name = quoted(table)
    history = " FOR SYSTEM_TIME ALL" if has_history else ""
    number = f"CAST(CONV(LEFT(SHA2(CONCAT_WS(',', {', '.join(columns)}), 256), 16), 16, 10) AS UNSIGNED)"
    # The driver replaces nothing in a statement without parameters, so a name may hold a percent sign.
    statement = f"SELECT COUNT(*), COALESCE(SUM({number}), 0) FROM {quoted(connection.database, table)}{history}"
    try:
        rows, digest = one(connection.execute(statement))
    except pymysql.err.MySQLError as error:
        code = error.args[0] if error.args else 0
        if connection.closed or code in connection.flavour.timed_out:
            raise
        if code in _MAY_NOT:
            return Exclusion(name, f"the login may not read all of it: {said(error)}")
        return TableFingerprint(name, 0, "", said(error))
    return TableFingerprint(name, int(rows), str(digest))
