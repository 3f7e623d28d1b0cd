"""Where MySQL and MariaDB differ for the probe: a row each, chosen by what the server calls itself.

Not by what RDS calls the engine: a MariaDB server may stand in for MySQL in a sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

# Accounts of RDS and of the servers themselves (seen on RDS and in fresh servers, 2026-11-21).
_NOT_OURS: Final = (
    "('rdsadmin', 'rdsrepladmin', 'rdstopmgr', 'mariadb.sys', 'mysql.sys', 'mysql.session', 'mysql.infoschema',"
    " 'rdsproxyadmin', '')"
)
_ACCOUNT: Final = "CONCAT(user, '@', host)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavour:
    """What one of the two does in its own way.

    `timeout` is the session variable that bounds a statement, and what it is set to for a limit in seconds. `timed_out`
    are the error codes of a statement that ran into it. `sections` are those of the catalog that only this one can be
    asked for. `has_crc32c` says whether SQL has that function, `writes_moments` whether a moment is faster written as
    text than taken apart.
    """

    label: str
    timeout: tuple[str, Callable[[float], float]]
    timed_out: frozenset[int]
    pinned: Mapping[str, object]
    log_status: str
    log_position: str
    sections: Mapping[str, tuple[str, ...]]
    has_crc32c: bool
    writes_moments: bool


_MARIADB: Final = Flavour(
    label="MariaDB",
    has_crc32c=False,
    writes_moments=True,
    timeout=("max_statement_time", lambda limit_s: max(0.001, limit_s)),
    timed_out=frozenset({1969, 1317}),  # ER_STATEMENT_TIMEOUT, ER_QUERY_INTERRUPTED
    pinned={},
    log_status="SHOW MASTER STATUS",
    log_position="SELECT @@global.gtid_binlog_pos",
    sections={
        "checks": (
            "SELECT CONCAT(table_name, '.', constraint_name), check_clause FROM information_schema.check_constraints "
            "WHERE constraint_schema = %s",
        ),
        "users": (
            f"SELECT {_ACCOUNT}, CONCAT_WS(' ', NULLIF(is_role, 'N'), plugin, ssl_type, max_user_connections, "
            f"default_role) FROM mysql.user WHERE %s = 'mysql' AND user NOT IN {_NOT_OURS}",
            "SELECT CONCAT(user, '@', host), CONCAT('role ', role) FROM mysql.roles_mapping "
            f"WHERE %s = 'mysql' AND user NOT IN {_NOT_OURS} ORDER BY role",
        ),
    },
)
# CRC32C came with 10.8 (MariaDB documentation, "CRC32C", 2026-11-21).
_MARIADB_108: Final = replace(_MARIADB, has_crc32c=True)
_MYSQL: Final = Flavour(
    label="MySQL",
    has_crc32c=False,
    writes_moments=False,
    timeout=("max_execution_time", lambda limit_s: max(1, round(limit_s * 1000))),
    timed_out=frozenset({3024, 1317}),  # ER_QUERY_TIMEOUT, ER_QUERY_INTERRUPTED
    # Otherwise a table's next AUTO_INCREMENT may be a day old (MySQL 8.4 manual, "Optimizing INFORMATION_SCHEMA").
    pinned={"information_schema_stats_expiry": 0},
    log_status="SHOW BINARY LOG STATUS",
    log_position="SELECT @@global.gtid_executed",
    sections={
        "checks": (
            "SELECT CONCAT(t.table_name, '.', c.constraint_name), c.check_clause "
            "FROM information_schema.check_constraints c JOIN information_schema.table_constraints t "
            "ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name "
            "WHERE c.constraint_schema = %s",
        ),
        "users": (
            f"SELECT {_ACCOUNT}, CONCAT_WS(' ', plugin, ssl_type, max_user_connections, CONCAT('locked ', "
            f"account_locked)) FROM mysql.user WHERE %s = 'mysql' AND user NOT IN {_NOT_OURS}",
            "SELECT CONCAT(to_user, '@', to_host), CONCAT('role ', from_user, '@', from_host) FROM mysql.role_edges "
            f"WHERE %s = 'mysql' AND to_user NOT IN {_NOT_OURS} ORDER BY from_user, from_host",
        ),
    },
)
# SHOW BINARY LOG STATUS came with 8.2, and SHOW MASTER STATUS went with 8.4 (MySQL release notes, 2026-11-21).
_MYSQL_80: Final = replace(_MYSQL, log_status="SHOW MASTER STATUS")


def flavour_of(version: str) -> Flavour:
    """The flavour by the version that a server greets with."""
    # MariaDB puts a version before its own for clients that know of none above 5.
    major, minor = (int(part) for part in [*re.findall(r"\d+", version.removeprefix("5.5.5-")), "0", "0"][:2])
    if "MariaDB" in version:
        return _MARIADB_108 if (major, minor) >= (10, 8) else _MARIADB
    return _MYSQL if (major, minor) >= (8, 2) else _MYSQL_80
