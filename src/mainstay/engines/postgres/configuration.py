"""The files that tell a server how to run: postgresql.conf and pg_hba.conf, the same bytes for the same wishes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from mainstay.core.errors import InputRefused
from mainstay.engines.wish import Wish

ADMIN_ROLE: Final = (
    "rdsadmin"  # RDS's own superuser has this name (Appendix "Understanding the rdsadmin role", 2026-11)
)
_SETTING: Final = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?")

# What every cluster needs to be a primary, a standby or the source of an archive; a caller's settings win.
SERVER_SETTINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "datestyle": "iso, mdy",
        # In files below the data directory: in /dev/shm they would outlive a server that is killed and removed.
        "dynamic_shared_memory_type": "mmap",
        "hot_standby": "on",
        "lc_messages": "C.UTF-8",  # the log is read for its FATAL lines
        "log_min_error_statement": "error",
        "log_timezone": "UTC",
        "max_replication_slots": "20",
        "max_slot_wal_keep_size": "4GB",  # a dead archiver must not fill the disk
        "max_wal_senders": "20",
        "password_encryption": "scram-sha-256",
        "timezone": "UTC",
        "wal_keep_size": "512MB",
        # 5 s by default, and then 6 of 26 promotions stalled for 5 s; with 100 ms none of 40 (2026-11-20).
        "wal_retrieve_retry_interval": "100ms",
        "wal_level": "replica",
    }
)


@dataclass(frozen=True, slots=True)
class Wanted(Wish):
    """How a server is asked to run, from which both files are written."""

    def configuration(self, own: Mapping[str, str]) -> str:
        """postgresql.conf; `own` are the settings that the cluster itself decides."""
        settings = {**SERVER_SETTINGS, **self.settings, **own}
        if self.tls is not None:
            files = {"ssl_cert_file": str(self.tls.certificate), "ssl_key_file": str(self.tls.key)}
            settings |= {"ssl": "on", **files}
        return render_settings(settings)

    def hba(self) -> str:
        """pg_hba.conf."""
        return render_hba(has_tls=self.tls is not None, force_ssl=self.force_ssl)


def render_settings(settings: Mapping[str, str]) -> str:
    """postgresql.conf: sorted, every value quoted. Error: InputRefused for a name that is none."""
    lines = ["# Written by mainstay; changes made here are lost."]
    for name in sorted(settings):
        if not _SETTING.fullmatch(name):
            raise InputRefused(
                "setting name not understood",
                detail=f"{name!r} is not the name of a PostgreSQL setting.",
                hint="names are lower case letters, digits and underscores",
            )
        lines.append(f"{name} = {quoted(settings[name])}")
    return "\n".join(lines) + "\n"


def quoted(value: str) -> str:
    """A value for postgresql.conf. Error: InputRefused for one with a line break or a NUL."""
    if any(c in value for c in "\n\r\0"):
        raise InputRefused(
            "setting value not possible",
            detail=f"{value!r} contains a line break.",
            hint="values of settings are one line",
        )
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def render_hba(*, has_tls: bool, force_ssl: bool) -> str:
    """pg_hba.conf: the administrator from loopback, everybody else by password, over TLS only if `force_ssl`."""
    lines = [
        "# Written by mainstay; changes made here are lost.",
        f"host    all          {ADMIN_ROLE}  127.0.0.0/8  scram-sha-256",
        f"host    replication  {ADMIN_ROLE}  127.0.0.0/8  scram-sha-256",
        f"host    all,replication  {ADMIN_ROLE}  all  reject",
    ]
    if has_tls:
        lines.append("hostssl all          all       all          scram-sha-256")
    if has_tls and force_ssl:
        lines.append("hostnossl all        all       all          reject")
    else:
        lines.append("host    all          all       all          scram-sha-256")
    return "\n".join(lines) + "\n"
