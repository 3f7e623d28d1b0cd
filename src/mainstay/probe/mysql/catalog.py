"""The catalog of a MySQL or MariaDB database: one section a kind of thing, each from one or more queries.

Every query takes the database's name. What belongs to the whole server (users, grants, settings) is told with the
database `mysql`. The words of several rows of one name are put together in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mainstay.probe.catalog import Catalog
from mainstay.probe.mysql.session import SYSTEM_SCHEMAS, MysqlConnection, reading
from mainstay.probe.transcript import about

_SETTINGS: Final = (
    "version", "character_set_server", "collation_server", "lower_case_table_names", "innodb_page_size", "sql_mode",
    "time_zone", "binlog_format", "default_storage_engine", "explicit_defaults_for_timestamp", "max_connections",
    "innodb_default_row_format", "transaction_isolation", "tx_isolation", "gtid_mode", "event_scheduler",
)  # fmt: skip
_LISTED: Final = ", ".join(f"'{name}'" for name in _SETTINGS)

SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "database": (
        "SELECT 'character set', default_character_set_name FROM information_schema.schemata WHERE schema_name = %s",
        "SELECT 'collation', default_collation_name FROM information_schema.schemata WHERE schema_name = %s",
    ),
    "tables": (
        "SELECT table_name, CONCAT_WS(' ', engine, table_collation, create_options) FROM information_schema.tables "
        "WHERE table_schema = %s AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE')",
        "SELECT table_name, CONCAT_WS(' ', 'partition', partition_name, partition_method, partition_expression, "
        "partition_description) FROM information_schema.partitions "
        "WHERE table_schema = %s AND partition_name IS NOT NULL ORDER BY table_name, partition_ordinal_position",
    ),
    "columns": (
        "SELECT CONCAT(table_name, '.', column_name), CONCAT_WS(' ', ordinal_position, column_type, "
        "character_set_name, collation_name, IF(is_nullable = 'YES', 'null', 'not null'), "
        "CONCAT('default ', column_default), extra, generation_expression) "
        "FROM information_schema.columns WHERE table_schema = %s",
    ),
    "views": (
        "SELECT table_name, CONCAT_WS(' ', view_definition, check_option, security_type, definer) "
        "FROM information_schema.views WHERE table_schema = %s",
    ),
    "indexes": (
        "SELECT CONCAT(table_name, '.', index_name), CONCAT_WS(' ', IF(non_unique, 'index', 'unique'), index_type, "
        "column_name, sub_part, collation) FROM information_schema.statistics "
        "WHERE table_schema = %s ORDER BY table_name, index_name, seq_in_index",
    ),
    "constraints": (
        "SELECT CONCAT(table_name, '.', constraint_name), constraint_type FROM information_schema.table_constraints "
        "WHERE table_schema = %s AND constraint_type <> 'CHECK'",
        "SELECT CONCAT(table_name, '.', constraint_name), CONCAT_WS(' ', column_name, referenced_table_schema, "
        "referenced_table_name, referenced_column_name) FROM information_schema.key_column_usage "
        "WHERE table_schema = %s ORDER BY table_name, constraint_name, ordinal_position",
        "SELECT CONCAT(table_name, '.', constraint_name), CONCAT('on update ', update_rule, ' on delete ', "
        "delete_rule) FROM information_schema.referential_constraints WHERE constraint_schema = %s",
    ),
    "triggers": (
        "SELECT trigger_name, CONCAT_WS(' ', action_timing, event_manipulation, event_object_table, action_order, "
        "action_statement, definer) FROM information_schema.triggers WHERE trigger_schema = %s",
    ),
    "routines": (
        "SELECT CONCAT(routine_type, ' ', routine_name), CONCAT_WS(' ', dtd_identifier, "
        "SHA2(routine_definition, 256), security_type, definer) "
        "FROM information_schema.routines WHERE routine_schema = %s",
        "SELECT CONCAT(routine_type, ' ', specific_name), CONCAT_WS(' ', parameter_mode, parameter_name, "
        "dtd_identifier) FROM information_schema.parameters "
        "WHERE specific_schema = %s AND ordinal_position > 0 ORDER BY specific_name, ordinal_position",
    ),
    # Without status and definer: a drill disables the events of its copy, which makes it their definer.
    "events": (
        "SELECT event_name, CONCAT_WS(' ', event_type, execute_at, interval_value, interval_field, event_definition) "
        "FROM information_schema.events WHERE event_schema = %s",
    ),
    "grants": (
        "SELECT grantee, CONCAT_WS(' ', privilege_type, 'on all', NULLIF(is_grantable, 'NO')) "
        "FROM information_schema.user_privileges WHERE %s = 'mysql' ORDER BY grantee, privilege_type",
        "SELECT grantee, CONCAT_WS(' ', privilege_type, 'on', table_schema, NULLIF(is_grantable, 'NO')) "
        "FROM information_schema.schema_privileges WHERE %s = 'mysql' ORDER BY grantee, table_schema, privilege_type",
        "SELECT grantee, CONCAT_WS(' ', privilege_type, 'on', table_schema, table_name, NULLIF(is_grantable, 'NO')) "
        "FROM information_schema.table_privileges WHERE %s = 'mysql' "
        "ORDER BY grantee, table_schema, table_name, privilege_type",
        "SELECT grantee, CONCAT_WS(' ', privilege_type, 'on', table_schema, table_name, column_name, "
        "NULLIF(is_grantable, 'NO')) FROM information_schema.column_privileges WHERE %s = 'mysql' "
        "ORDER BY grantee, table_schema, table_name, column_name, privilege_type",
    ),
    "settings": (f"SHOW GLOBAL VARIABLES WHERE %s = 'mysql' AND variable_name IN ({_LISTED})",),
}
# What belongs to no database; what else the server keeps in its own is not the user's.
_OF_THE_SERVER: Final = frozenset({"users", "grants", "settings"})


def take(connection: MysqlConnection, *, timeout_s: float = 120) -> Catalog:
    """Read in one snapshot every section that this database has."""
    sections = {**SECTIONS, **connection.flavour.sections}
    is_system = connection.database in SYSTEM_SCHEMAS
    with reading(connection, timeout_s=timeout_s):
        found = {
            name: _section(connection, name, queries)
            for name, queries in sections.items()
            if is_system is (name in _OF_THE_SERVER)
        }
    return Catalog(connection.database, found)


def _section(connection: MysqlConnection, section: str, queries: tuple[str, ...]) -> dict[str, str]:
    words: dict[str, list[str]] = {}
    for query in queries:
        with about("catalog", section):
            rows = connection.execute(query, (connection.database,)).fetchall()
        for name, definition in rows:
            words.setdefault(_text(name), []).append(_text(definition))
    return {name: "; ".join(words[name]) for name in sorted(words)}


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value or "")
