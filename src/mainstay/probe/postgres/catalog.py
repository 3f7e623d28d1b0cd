"""The catalog of a PostgreSQL database: one query a section."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mainstay.probe.canary import CANARY_SCHEMA
from mainstay.probe.catalog import Catalog
from mainstay.probe.postgres.session import SYSTEM_SCHEMAS, PostgresConnection, PostgresCursor, reading
from mainstay.probe.transcript import about

_OURS: Final = f"{SYSTEM_SCHEMAS} AND n.nspname <> '{CANARY_SCHEMA}' AND n.nspname !~ '^pg_temp_'"

# One query a section; each answers (name, definition), both text. A definition that differs is a difference.
SECTIONS: Final[Mapping[str, str]] = {
    "database": """
        SELECT 'encoding', pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()
        UNION ALL SELECT 'collation', datcollate || ' / ' || datctype || coalesce(' version ' || datcollversion, '')
        FROM pg_database WHERE datname = current_database()
        UNION ALL SELECT 'owner', pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()""",
    # What the server's library sorts by now: another one than the recorded version leaves indexes in the wrong order.
    "collations": f"""
        SELECT format('%I.%I', n.nspname, c.collname),
               concat_ws(' ', c.collversion, 'library', pg_collation_actual_version(c.oid)) FROM pg_collation c
        JOIN pg_namespace n ON n.oid = c.collnamespace WHERE n.nspname = 'pg_catalog' AND c.collname = 'default'
           OR {_OURS}""",
    "schemas": f"SELECT nspname, pg_get_userbyid(nspowner) FROM pg_namespace n WHERE {_OURS}",
    "extensions": "SELECT extname, extversion FROM pg_extension",
    "roles": """
        SELECT rolname, concat_ws(' ', CASE WHEN rolsuper THEN 'superuser' END, CASE WHEN rolcanlogin THEN 'login' END,
               CASE WHEN rolcreaterole THEN 'createrole' END, CASE WHEN rolcreatedb THEN 'createdb' END,
               CASE WHEN rolreplication THEN 'replication' END, CASE WHEN rolbypassrls THEN 'bypassrls' END)
        FROM pg_roles WHERE rolname !~ '^pg_'""",
    "tables": f"""
        SELECT format('%I.%I', n.nspname, c.relname), coalesce(string_agg(
               concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
               CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END,
               CASE WHEN a.attnotnull THEN 'not null' END, nullif(a.attidentity::text, ''),
               nullif(a.attgenerated::text, ''), 'default ' || pg_get_expr(d.adbin, d.adrelid)),
               ', ' ORDER BY a.attnum) FILTER (WHERE a.attnum IS NOT NULL), '')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
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
    "event triggers": """
        SELECT evtname, concat_ws(' ', evtevent, evtenabled, evtfoid::regproc, array_to_string(evttags, ','))
        FROM pg_event_trigger""",
    "functions": f"""
        SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
               CASE WHEN p.prokind IN ('f', 'p') THEN md5(pg_get_functiondef(p.oid))
               ELSE md5(coalesce(p.prosrc, '') || coalesce(p.probin, '')) END
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_OURS}""",
    "types": f"""
        SELECT format('%I.%I', n.nspname, t.typname), concat_ws(' ', t.typtype, format_type(t.typbasetype, t.typtypmod),
               (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
               (SELECT string_agg(pg_get_constraintdef(k.oid), ' ' ORDER BY k.conname) FROM pg_constraint k
                WHERE k.contypid = t.oid))
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r') AND {_OURS}""",
    "policies": f"""
        SELECT format('%I.%I.%I', schemaname, tablename, policyname),
               concat_ws(' ', permissive, array_to_string(roles, ','), cmd, qual, with_check) FROM pg_policies
        UNION ALL SELECT format('%I.%I', n.nspname, c.relname), concat_ws(' ', 'row security',
               CASE WHEN c.relforcerowsecurity THEN 'forced' END)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relrowsecurity AND {_OURS}""",
    "publications": """
        SELECT p.pubname, concat_ws(' ', p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate,
               (SELECT string_agg(format('%I.%I', t.schemaname, t.tablename), ',' ORDER BY 1)
                FROM pg_publication_tables t WHERE t.pubname = p.pubname)) FROM pg_publication p""",
    "memberships": """
        SELECT format('%I in %I', member::regrole::text, roleid::regrole::text), bool_or(admin_option)::text
        FROM pg_auth_members GROUP BY 1""",
    "role settings": """
        SELECT concat_ws(' in ', CASE setrole WHEN 0 THEN 'every role' ELSE setrole::regrole::text END,
               CASE setdatabase WHEN 0 THEN 'every database' ELSE 'this database' END), array_to_string(setconfig, ' ')
        FROM pg_db_role_setting
        WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))""",
    # Without a list of its own a thing has its kind's usual grants, which is what coalesce writes out.
    "grants": f"""
        WITH given (name, owner, acl) AS (
            SELECT format('%I.%I', n.nspname, c.relname), c.relowner,
                   coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND {_OURS}
            UNION ALL SELECT format('%I.%I.%I', n.nspname, c.relname, a.attname), c.relowner, a.attacl
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND {_OURS}
            UNION ALL SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
                   p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_OURS}
            UNION ALL SELECT format('schema %I', n.nspname), n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner))
            FROM pg_namespace n WHERE {_OURS}
            UNION ALL SELECT 'database', d.datdba, coalesce(d.datacl, acldefault('d', d.datdba)) FROM pg_database d
            WHERE d.datname = current_database()
            UNION ALL SELECT format('default of %I%s for %s', pg_get_userbyid(e.defaclrole),
                   coalesce(' in ' || e.defaclnamespace::regnamespace::text, ''), e.defaclobjtype),
                   e.defaclrole, e.defaclacl FROM pg_default_acl e)
        SELECT name, concat_ws(' ', 'owner', owner::regrole::text,
               (SELECT string_agg(item::text, ' ' ORDER BY item::text COLLATE "C") FROM unnest(acl) AS item))
        FROM given""",
    "settings": """
        SELECT name, setting FROM pg_settings WHERE name IN ('server_version', 'block_size', 'data_checksums',
        'wal_level', 'shared_preload_libraries', 'default_transaction_isolation', 'TimeZone', 'max_connections',
        'max_prepared_transactions', 'standard_conforming_strings')""",
}


def take(connection: PostgresConnection, *, timeout_s: float = 120) -> Catalog:
    """Read every section in one snapshot."""
    with reading(connection, timeout_s=timeout_s) as cursor:
        sections = {name: _section(cursor, name, query) for name, query in SECTIONS.items()}
    return Catalog(connection.info.dbname, sections)


def _section(cursor: PostgresCursor, section: str, query: str) -> dict[str, str]:
    with about("catalog", section):
        return {str(name): str(text or "") for name, text in sorted(cursor.execute(query).fetchall())}
