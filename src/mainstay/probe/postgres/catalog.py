"""The catalog of a PostgreSQL database: one query a section."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mainstay.probe.canary import CANARY_SCHEMA
from mainstay.probe.catalog import Catalog
from mainstay.probe.postgres.session import SYSTEM_SCHEMAS, PostgresConnection, PostgresCursor, reading

_OURS: Final = f"{SYSTEM_SCHEMAS} AND n.nspname <> '{CANARY_SCHEMA}' AND n.nspname !~ '^pg_temp_'"

# One query a section; each answers (name, definition), both text. A definition that differs is a difference.
SECTIONS: Final[Mapping[str, str]] = {
    "database": """
        SELECT 'encoding', pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()
        UNION ALL SELECT 'collation', datcollate || ' / ' || datctype || coalesce(' version ' || datcollversion, '')
        FROM pg_database WHERE datname = current_database()""",
    "extensions": "SELECT extname, extversion FROM pg_extension",
    "roles": """
        SELECT rolname, concat_ws(' ', CASE WHEN rolsuper THEN 'superuser' END, CASE WHEN rolcanlogin THEN 'login' END,
               CASE WHEN rolcreaterole THEN 'createrole' END, CASE WHEN rolcreatedb THEN 'createdb' END,
               CASE WHEN rolreplication THEN 'replication' END, CASE WHEN rolbypassrls THEN 'bypassrls' END)
        FROM pg_roles WHERE rolname !~ '^pg_'""",
    "tables": f"""
        SELECT format('%I.%I', n.nspname, c.relname), coalesce(string_agg(
               format('%I %s%s', a.attname, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull
               THEN ' not null' ELSE '' END), ', ' ORDER BY a.attnum)
               FILTER (WHERE a.attnum IS NOT NULL), '')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p', 'f') AND {_OURS} GROUP BY 1""",
    "views": f"""
        SELECT format('%I.%I', n.nspname, c.relname), pg_get_viewdef(c.oid) FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND {_OURS}""",
    "indexes": f"""
        SELECT format('%I.%I', n.nspname, c.relname), pg_get_indexdef(i.indexrelid)
               || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {_OURS}""",
    "constraints": f"""
        SELECT format('%I.%I.%I', n.nspname, c.relname, k.conname), pg_get_constraintdef(k.oid)
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {_OURS}""",
    "triggers": f"""
        SELECT format('%I.%I.%I', n.nspname, c.relname, t.tgname), pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT t.tgisinternal AND {_OURS}""",
    "functions": f"""
        SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
               md5(coalesce(p.prosrc, '') || coalesce(p.probin, ''))
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_OURS}""",
    "settings": """
        SELECT name, setting FROM pg_settings WHERE name IN ('server_version', 'block_size', 'data_checksums',
        'wal_level', 'shared_preload_libraries', 'default_transaction_isolation', 'TimeZone', 'max_connections',
        'max_prepared_transactions', 'standard_conforming_strings')""",
}


def take(connection: PostgresConnection, *, timeout_s: float = 120) -> Catalog:
    """Read every section in one snapshot."""
    with reading(connection, timeout_s=timeout_s) as cursor:
        sections = {name: _section(cursor, query) for name, query in SECTIONS.items()}
    return Catalog(connection.info.dbname, sections)


def _section(cursor: PostgresCursor, query: str) -> dict[str, str]:
    return {str(name): str(text or "") for name, text in sorted(cursor.execute(query).fetchall())}
