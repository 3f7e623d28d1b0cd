"""The option file that tells a MySQL server how to run: the same bytes for the same wishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from mainstay.engines.mariadb.configuration import BINLOG
from mainstay.engines.wish import Wish

# What every server needs to be a primary, a standby or the source of an archive; a caller's settings win.
SERVER_SETTINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "binlog_expire_logs_seconds": "86400",
        "default_time_zone": "+00:00",
        "host_cache_size": "0",
        "innodb_buffer_pool_size": "64M",
        "innodb_flush_log_at_trx_commit": "1",
        "innodb_redo_log_capacity": "32M",
        # Many servers on one machine run out of the kernel's asynchronous requests (aio-max-nr).
        "innodb_use_native_aio": "OFF",
        "max_binlog_size": "128M",
        "performance_schema": "OFF",
        "sync_binlog": "1",
        "table_open_cache": "400",
    }
)
# What nobody may change: by these the server is replicated, archived and found again.
FIXED_SETTINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "auto_generate_certs": "OFF",
        "binlog_checksum": "CRC32",
        "binlog_encryption": "OFF",  # the archive is read
        "binlog_transaction_compression": "OFF",
        "enforce_gtid_consistency": "ON",
        "gtid_mode": "ON",
        "log_bin": BINLOG,
        "log_replica_updates": "ON",  # a standby that takes over must have in its own log what it replayed
        "mysqlx": "OFF",
        "pid_file": "server.pid",
        "plugin_load_add": "mysql_clone.so;semisync_source.so;semisync_replica.so",
        "relay_log": "relay",
        "relay_log_recovery": "ON",
        # A standby that is only semi-synchronous while somebody listens would lose commits that clients were told of.
        "rpl_semi_sync_source_timeout": "4294967295",
        "rpl_semi_sync_source_wait_for_replica_count": "1",
        "rpl_semi_sync_source_wait_no_replica": "ON",
        "rpl_semi_sync_source_wait_point": "AFTER_SYNC",
        "secure_file_priv": "NULL",
        "skip_name_resolve": "ON",
        "skip_replica_start": "ON",
        "socket": "server.sock",  # relative to the data directory: a path may have 107 bytes only
    }
)
_LOOSE: Final = "loose_"


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

    def written(self, own: Mapping[str, str]) -> dict[str, str]:
        """The same as the option file has it: what only another series knows is passed over with a warning."""
        loose = {name for name in self.settings if name not in FIXED_SETTINGS and name not in own}
        return {_LOOSE * (name in loose) + name: value for name, value in self.effective(own).items()}
