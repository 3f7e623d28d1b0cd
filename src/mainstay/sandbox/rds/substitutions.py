"""Where the sandbox runs another value than was planned, and why: the whole table, visible in `verify`.

A planned value is worked out as RDS would (formulas over the class's memory), then either taken as it is, scaled
to this machine, or left out because what it steers does not exist here. Nothing is changed silently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from mainstay import facts
from mainstay.sandbox.rds.classes import InstanceClass
from mainstay.sandbox.rds.parameters import NUMBERS, evaluate, known_parameters

PAGE_BYTES: Final = 8192


@dataclass(frozen=True, slots=True)
class Substitution:
    """One parameter: the planned value, what runs in its place (None: nothing does), and the reason."""

    name: str
    planned: str
    effective: str | None
    reason: str

    def as_json(self) -> dict[str, Any]:
        """The substitution as members of a record."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Effective:
    """What the server gets: settings in the engine's units, whether TLS is forced, what differs from the plan.

    `problem` is the reason for which RDS would show `incompatible-parameters`.
    """

    settings: Mapping[str, str]
    force_ssl: bool
    substitutions: tuple[Substitution, ...]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of the table: the value that runs for a planned one, or None for nothing."""

    run: Callable[[str], str | None]
    reason: str


def _at_most(limit: int) -> Callable[[str], str]:
    return lambda planned: planned if int(float(planned)) <= limit else str(limit)


def _always(value: str | None) -> Callable[[str], str | None]:
    return lambda planned: value


# The libraries that come with the server; RDS has more (RDS User Guide, PostgreSQL extensions, read 2026-11-20).
PRELOADABLE: Final = ("pg_stat_statements", "auto_explain", "auth_delay", "passwordcheck", "pg_prewarm")


def _preloadable(planned: str) -> str:
    return ",".join(name for name in (part.strip() for part in planned.split(",")) if name in PRELOADABLE)


_SCALED = "memory is scaled to this machine, where several servers stand side by side"
_ROUTED = "the sandbox keeps each server's log in its own directory"
_OWNED = "the sandbox sets it for its own replication, archive and endpoints, as RDS does"
_DEVICE = "this machine has no such device or kernel setting to be relied on"

TABLE: Final[Mapping[str, Row]] = {
    "shared_buffers": Row(_at_most(128 * 1024**2 // PAGE_BYTES), _SCALED),
    "work_mem": Row(_at_most(64 * 1024), _SCALED),
    "maintenance_work_mem": Row(_at_most(256 * 1024), _SCALED),
    "autovacuum_work_mem": Row(_at_most(256 * 1024), _SCALED),
    "logical_decoding_work_mem": Row(_at_most(64 * 1024), _SCALED),
    "temp_buffers": Row(_at_most(8 * 1024**2 // PAGE_BYTES * 8), _SCALED),
    "wal_buffers": Row(_at_most(16 * 1024**2 // PAGE_BYTES), _SCALED),
    "min_wal_size": Row(_at_most(256), "disk is scaled to this machine"),
    "max_wal_size": Row(_at_most(1024), "disk is scaled to this machine"),
    "max_connections": Row(_at_most(500), "connections are scaled to this machine"),
    "max_worker_processes": Row(_at_most(32), "processes are scaled to this machine"),
    "huge_pages": Row(_always("off"), _DEVICE),
    "effective_io_concurrency": Row(_at_most(200), _DEVICE),
    "maintenance_io_concurrency": Row(_at_most(200), _DEVICE),
    "shared_preload_libraries": Row(_preloadable, "only the libraries that come with this server can be loaded"),
    **dict.fromkeys(
        ("log_destination", "logging_collector", "log_directory", "log_filename", "log_rotation_age",
         "log_rotation_size",
         "log_truncate_on_rotation", "log_file_mode", "event_source", "syslog_facility", "syslog_ident"),
        Row(_always(None), _ROUTED),
    ),
    **dict.fromkeys(
        ("listen_addresses", "port", "unix_socket_directories", "unix_socket_group", "unix_socket_permissions", "ssl",
         "ssl_ca_file", "ssl_cert_file", "ssl_key_file", "ssl_crl_file", "ssl_crl_dir", "data_directory", "hba_file",
         "ident_file", "config_file", "external_pid_file", "wal_level", "max_wal_senders", "max_replication_slots",
         "wal_keep_size", "hot_standby", "archive_mode", "archive_command", "archive_library",
         "restore_command", "recovery_target", "recovery_target_time", "recovery_target_timeline", "primary_conninfo",
         "primary_slot_name", "synchronous_standby_names", "synchronous_commit", "wal_retrieve_retry_interval",
         "password_encryption", "fsync", "full_page_writes", "cluster_name"),
        Row(_always(None), _OWNED),
    ),
}  # fmt: skip
_MIB: Final = 1024**2
MARIADB_TABLE: Final[Mapping[str, Row]] = {
    "innodb_buffer_pool_size": Row(_at_most(128 * _MIB), _SCALED),
    "innodb_log_buffer_size": Row(_at_most(16 * _MIB), _SCALED),
    "innodb_sort_buffer_size": Row(_at_most(16 * _MIB), _SCALED),
    "key_buffer_size": Row(_at_most(16 * _MIB), _SCALED),
    "aria_pagecache_buffer_size": Row(_at_most(16 * _MIB), _SCALED),
    **dict.fromkeys(
        ("tmp_table_size", "tmp_memory_table_size", "max_heap_table_size", "sort_buffer_size", "join_buffer_size",
         "read_buffer_size", "read_rnd_buffer_size", "query_cache_size", "myisam_sort_buffer_size"),
        Row(_at_most(64 * _MIB), _SCALED),
    ),
    "innodb_log_file_size": Row(_at_most(128 * _MIB), "disk is scaled to this machine"),
    "max_binlog_size": Row(_at_most(128 * _MIB), "disk is scaled to this machine"),
    "max_connections": Row(_at_most(500), "connections are scaled to this machine"),
    "thread_pool_size": Row(_at_most(8), "threads are scaled to this machine"),
    "innodb_use_native_aio": Row(_always(None), _DEVICE),
    "large_pages": Row(_always("0"), _DEVICE),
    **dict.fromkeys(("log_error", "general_log_file", "slow_query_log_file"), Row(_always(None), _ROUTED)),
    **dict.fromkeys(
        ("basedir", "bind_address", "binlog_checksum", "character_sets_dir", "datadir",
         "gtid_domain_id", "init_file", "innodb_data_home_dir", "innodb_log_group_home_dir",
         "innodb_undo_directory", "lc_messages_dir", "log_bin_compress",
         "log_slave_updates", "pid_file", "plugin_dir", "plugin_maturity", "port", "read_only", "relay_log",
         "relay_log_info_file", "relay_log_recovery", "report_host",
         "report_port", "rpl_semi_sync_master_enabled", "rpl_semi_sync_master_timeout",
         "rpl_semi_sync_master_wait_no_slave", "rpl_semi_sync_master_wait_point", "rpl_semi_sync_slave_enabled",
         "secure_file_priv", "server_id", "skip_name_resolve", "slave_load_tmpdir", "socket",
         "ssl_ca", "ssl_capath", "ssl_cert", "ssl_cipher", "ssl_crl", "ssl_crlpath", "ssl_key", "tmpdir"),
        Row(_always(None), _OWNED),
    ),
}  # fmt: skip
MYSQL_TABLE: Final[Mapping[str, Row]] = {
    **MARIADB_TABLE,
    "innodb_redo_log_capacity": Row(_at_most(128 * _MIB), "disk is scaled to this machine"),
    "performance_schema": Row(_always("0"), _SCALED),
    **dict.fromkeys(
        ("auto_generate_certs", "binlog_encryption", "binlog_transaction_compression", "enforce_gtid_consistency",
         "gtid-mode", "gtid_mode", "log_replica_updates", "mysqlx", "plugin_load", "plugin_load_add",
         "rpl_semi_sync_replica_enabled", "rpl_semi_sync_source_enabled", "rpl_semi_sync_source_timeout",
         "rpl_semi_sync_source_wait_for_replica_count", "rpl_semi_sync_source_wait_no_replica",
         "rpl_semi_sync_source_wait_point", "skip_replica_start", "super_read_only"),
        Row(_always(None), _OWNED),
    ),
}  # fmt: skip
TABLES: Final[Mapping[str, Mapping[str, Row]]] = {
    "postgres": TABLE, "mariadb": MARIADB_TABLE, "mysql": MYSQL_TABLE
}  # fmt: skip
"""By the engine that really runs."""
FORCE_TLS: Final[Mapping[str, str]] = {
    "postgres": "rds.force_ssl", "mariadb": "require_secure_transport", "mysql": "require_secure_transport"
}  # fmt: skip
_NOT_MARIADB = "a MariaDB engine stands in for MySQL, and it has no such variable"
_NOT_HERE = "steers a part of RDS that the sandbox does not have"


def effective_settings(
    parameters: Mapping[str, str],
    *,
    major: int | str,
    size: InstanceClass,
    engine: str = "postgres",
    runs: str | None = None,
) -> Effective:
    """What a server of this class runs for a parameter group's own values (those that somebody set).

    `runs` is the engine that really does, when it is another than RDS's.
    """
    runs = runs or engine
    settings: dict[str, str] = {}
    differing: list[Substitution] = []
    force_ssl = known_parameters(engine)[FORCE_TLS[engine]].default(str(major)) == "1"
    try:
        planned = {name: _worked_out(engine, name, value, size) for name, value in sorted(parameters.items())}
    except ValueError as error:
        return Effective({}, force_ssl, (), f"{error}.")
    for name, value in planned.items():
        if name == FORCE_TLS[engine]:
            force_ssl = value == "1"
            differing += _forced_by_files(name, value)
        elif name == "rds.logical_replication":
            settings["wal_level"] = "logical" if value == "1" else "replica"
            differing.append(Substitution(name, value, None, f"runs as wal_level = {settings['wal_level']}"))
        elif name.startswith("rds."):
            differing.append(Substitution(name, value, None, _NOT_HERE))
        elif runs != engine and facts.parameter(runs, name) is None:
            differing.append(Substitution(name, value, None, _NOT_MARIADB))
        else:
            _apply(TABLES[runs], name, value, settings, differing)
    return Effective(settings, force_ssl, tuple(differing), _problem(planned, size))


def without_tokens(db: Mapping[str, Any]) -> tuple[Substitution, ...]:
    """What becomes of logins by IAM at an instance: RDS takes passwords beside tokens, and the sandbox only those."""
    if not db.get("IAMDatabaseAuthenticationEnabled"):
        return ()
    reason = "the sandbox has no IAM tokens; passwords work as they do in RDS"
    return (Substitution("IAM authentication", "true", None, reason),)


def _forced_by_files(name: str, value: str) -> list[Substitution]:
    """PostgreSQL has no setting of RDS's name; MariaDB has the variable itself."""
    if not name.startswith("rds."):
        return []
    admits = "TLS only" if value == "1" else "plain connections too"
    return [Substitution(name, value, None, f"runs as the lines of pg_hba.conf, which admit {admits}")]


def _worked_out(engine: str, name: str, value: str, size: InstanceClass) -> str:
    fact = known_parameters(engine).get(name)
    return evaluate(value, size.variables) if fact is not None and fact.kind in NUMBERS else value


def _apply(
    table: Mapping[str, Row], name: str, planned: str, settings: dict[str, str], differing: list[Substitution]
) -> None:
    row = table.get(name)
    running = row.run(planned) if row is not None else planned
    if running is not None:
        settings[name] = running
    if row is not None and running != planned:
        differing.append(Substitution(name, planned, running, row.reason))


def _problem(planned: Mapping[str, str], size: InstanceClass) -> str | None:
    """Why the server would not start on RDS though it would here: memory that the class does not have."""
    pool = planned.get("innodb_buffer_pool_size")
    if pool is not None and int(pool) >= size.variables["DBInstanceClassMemory"]:
        return f"innodb_buffer_pool_size = {pool} bytes, and the class has {size.variables['DBInstanceClassMemory']}"
    pages = planned.get("shared_buffers")
    memory = size.variables["DBInstanceClassMemory"]
    if pages is None or int(pages) * PAGE_BYTES < memory:
        return None
    return (
        f"shared_buffers = {pages} pages of 8 KiB is {int(pages) * PAGE_BYTES / 1024**3:.1f} GiB, and the class has "
        f"{memory / 1024**3:.1f} GiB: FATAL: could not map anonymous shared memory: Cannot allocate memory"
    )
