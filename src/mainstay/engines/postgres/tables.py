"""Every table of a PostgreSQL server, and its rows as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from psycopg import sql

from mainstay.engines.postgres.cluster import Cluster
from mainstay.engines.postgres.configuration import ADMIN_ROLE
from mainstay.engines.tables import Table

# A partition is read with its table; what is temporary or not logged is in no backup.
_TABLES: Final = """
SELECT n.nspname, c.relname,
       array(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
       array(SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p' AND r.rolname <> %s
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"""
_DATABASES: Final = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datallowconn ORDER BY 1"


def tables(cluster: Cluster) -> list[Table]:
    """The tables of every database but those of the administrator. Error: TargetRefused."""
    with cluster.session() as opened:
        databases = [str(name) for (name,) in opened.execute(_DATABASES)]
    found = []
    for database in databases:
        with cluster.session(database) as opened:
            for schema, name, columns, types in opened.execute(_TABLES, (ADMIN_ROLE,)):
                found.append(Table(database, schema, name, tuple(zip(columns, types, strict=True))))
    return found


def lines(cluster: Cluster, table: Table) -> Iterator[bytes]:
    """A table as CSV, a row at a time, the names of the columns first. Error: TargetRefused."""
    query = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT WITH (FORMAT csv, HEADER)").format(
        sql.Identifier(table.schema, table.name)
    )
    with cluster.session(table.database) as opened, opened.cursor() as cursor, cursor.copy(query) as rows:
        for row in rows:
            yield bytes(row)
