"""The option file that tells a server how to run: the same bytes for the same wishes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from mainstay.core.errors import InputRefused
from mainstay.engines.wish import Wish

ADMIN_USER: Final = "rdsadmin"  # RDS's own administrator (User Guide, "Master user account privileges", 2026-11)
BINLOG: Final = "binlog"
_SETTING: Final = re.compile(r"[a-z][a-z0-9_]*")

# What every server needs to be a primary, a standby or the source of an archive; a caller's settings win.
SERVER_SETTINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "character_set_server": "utf8mb4",
        "collation_server": "utf8mb4_unicode_ci",
        "binlog_expire_logs_seconds": "86400",
        "binlog_format": "ROW",
        "default_time_zone": "+00:00",
        "feedback": "OFF",
        "innodb_buffer_pool_size": "64M",
        "innodb_log_file_size": "32M",
        # Many servers on one machine run out of the kernel's asynchronous requests (aio-max-nr).
        "innodb_use_native_aio": "OFF",
        "max_binlog_size": "128M",
        "performance_schema": "OFF",
        "innodb_flush_log_at_trx_commit": "1",
        "sync_binlog": "1",
    }
)
# What nobody may change: by these the server is replicated, archived and found again.
FIXED_SETTINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "binlog_checksum": "CRC32",
        "gtid_domain_id": "0",
        "log_bin": BINLOG,
        "log_bin_compress": "OFF",  # the archive is read, and compressed events are not understood
        "log_slave_updates": "ON",  # a standby that takes over must have in its own log what it replayed
        "pid_file": "server.pid",
        "relay_log": "relay",
        "relay_log_recovery": "ON",
        # A standby that is only semi-synchronous while somebody listens would lose commits that clients were told of.
        "rpl_semi_sync_master_timeout": "4294967295",
        "rpl_semi_sync_master_wait_no_slave": "ON",
        "rpl_semi_sync_master_wait_point": "AFTER_SYNC",
        "skip_name_resolve": "ON",
        "skip_slave_start": "ON",
        "socket": "server.sock",  # relative to the data directory: a path may have 107 bytes only
    }
)
# Set while a server is a standby. By default it replays in one thread and waits for the disk twice a transaction, while
# its primary commits in groups: behind 830 commits a second a failover had 42 s to replay (load 20, 2026-11-21). A
# standby that is killed loses nothing so, as the system has all that it wrote; it is as careful as asked for when it is
# promoted. Threads replay what does not conflict ("Parallel Replication", slave_parallel_mode, read 2026-11-21).
STANDBY_VARIABLES: Final[Mapping[str, str]] = MappingProxyType(
    {"innodb_flush_log_at_trx_commit": "2", "slave_parallel_threads": "4", "sync_binlog": "0"}
)
UNSET: Final = "0"  # slave_parallel_threads of a server that was not asked for any


@dataclass(frozen=True, slots=True)
class Wanted(Wish):
    """How a server is asked to run, from which the option file is written."""

    def effective(self, own: Mapping[str, str]) -> dict[str, str]:
        """Every setting of the server; `own` are those that the cluster itself decides."""
        settings = {**SERVER_SETTINGS, **self.settings, **FIXED_SETTINGS, **own}
        if self.tls is not None:
            files = {"ssl_ca": self.tls.authority, "ssl_cert": self.tls.certificate, "ssl_key": self.tls.key}
            settings |= {name: str(path) for name, path in files.items()}
            settings["require_secure_transport"] = "ON" if self.force_ssl else "OFF"
        return settings


def render_settings(settings: Mapping[str, str], group: str = "mariadbd") -> str:
    """An option file: sorted, every value quoted. Error: InputRefused for a name that is none."""
    lines = ["# Written by mainstay; changes made here are lost.", f"[{group}]"]
    for name in sorted(settings):
        if not _SETTING.fullmatch(name):
            raise InputRefused(
                "setting name not understood",
                detail=f"{name!r} is not the name of a MariaDB setting.",
                hint="names are lower case letters, digits and underscores",
            )
        lines.append(f"{name} = {quoted(settings[name])}")
    return "\n".join(lines) + "\n"


def quoted(value: str) -> str:
    """A value for an option file. Error: InputRefused for one with a line break, a NUL or a double quote."""
    if any(c in value for c in '\n\r\0"'):
        raise InputRefused(
            "setting value not possible",
            detail=f"{value!r} contains a line break or a double quote.",
            hint="values of settings are one line without double quotes",
        )
    return '"' + value.replace("\\", "\\\\") + '"'
