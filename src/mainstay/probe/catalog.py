"""The catalog: what a database consists of beside its rows, as names and definitions that can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from mainstay.probe.session import CANARY_SCHEMA, SYSTEM_SCHEMAS, Connection, Cursor, reading

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
# Settings come from a parameter group and a class, not from the backup: a difference is told, it accuses nobody.
NOT_OF_THE_BACKUP: Final = frozenset({"settings"})


@dataclass(frozen=True, slots=True)
class Catalog:
    """The catalog of one database: section → name → definition."""

    database: str
    sections: Mapping[str, Mapping[str, str]]

    @property
    def invalid_indexes(self) -> tuple[str, ...]:
        """Indexes that the planner ignores."""
        return tuple(name for name, text in self.sections["indexes"].items() if text.endswith(" INVALID"))

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence: how much of each kind there is."""
        return {"database": self.database, "counts": {name: len(items) for name, items in self.sections.items()}}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a restored database has not, has beside, or has otherwise."""

    section: str
    name: str
    state: Literal["missing", "unexpected", "changed"]
    expected: str
    observed: str

    @property
    def accuses(self) -> bool:
        """Whether the backup is to blame, rather than the settings that the restored instance was given."""
        return self.section not in NOT_OF_THE_BACKUP

    def as_json(self) -> dict[str, object]:
        """As it stands in evidence."""
        return {
            "section": self.section,
            "name": self.name,
            "state": self.state,
            "expected": self.expected,
            "observed": self.observed,
        }


def take(connection: Connection, *, timeout_s: float = 120) -> Catalog:
    """Read every section in one snapshot."""
    with reading(connection, timeout_s=timeout_s) as cursor:
        sections = {name: _section(cursor, query) for name, query in SECTIONS.items()}
    return Catalog(connection.info.dbname, sections)


def _section(cursor: Cursor, query: str) -> dict[str, str]:
    return {str(name): str(text or "") for name, text in sorted(cursor.execute(query).fetchall())}


def compare(before: Catalog, after: Catalog | None, restored: Catalog) -> tuple[Difference, ...]:
    """Everything in which a restored database differs from both readings that bracket the target."""
    last = before if after is None else after
    return tuple(
        difference
        for section in SECTIONS
        for difference in _differences(
            section, before.sections[section], last.sections[section], restored.sections[section]
        )
    )


def _differences(
    section: str, first: Mapping[str, str], last: Mapping[str, str], found: Mapping[str, str]
) -> list[Difference]:
    differences = []
    for name in sorted({*first, *last, *found}):
        seen = found.get(name)
        if seen in {first.get(name), last.get(name)}:
            continue
        wanted = first.get(name) if name in first else last.get(name)
        state: Literal["missing", "unexpected", "changed"] = "changed"
        if seen is None:
            state = "missing"
        elif wanted is None:
            state = "unexpected"
        differences.append(Difference(section, name, state, _shown(wanted), _shown(seen)))
    return differences


def _shown(definition: str | None) -> str:
    return "nothing" if definition is None else definition or "(empty)"
