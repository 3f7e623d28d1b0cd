"""The files that tell PgBouncer how to run: the same bytes for the same wishes.

Settings as in pgbouncer.ini(5) of 1.18, read 2026-11-21; every one of them is known to 1.18 and later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mainstay.core.errors import InputRefused
from mainstay.engines.certificates import ServerCertificate

CONSOLE_USER: Final = "rdsproxyadmin"  # RDS Proxy's own user has this name (RDS User Guide, rds-proxy, 2026-11-20)
CONSOLE: Final = "pgbouncer"
# Many more clients than connections is what a pool is for. Each takes a descriptor, of which a process may have
# 1,024 in most places: PgBouncer says so in its log and goes on.
MAX_CLIENTS: Final = 800
# JDBC sets it at every login, and its value changes nothing from PostgreSQL 12 on. Everything else that a client sets
# at login is refused by PgBouncer with its name, rather than lost.
TAKEN_AT_LOGIN: Final = "extra_float_digits"


@dataclass(frozen=True, slots=True)
class PoolWish:
    """How a pool is asked to run. Times in whole seconds.

    `server` and `server_ca` say where the database is and whom its certificate is from. `max_connections` is the most
    that the pool opens there. `borrow_timeout_s` is how long a client waits for a connection, at least 1.
    """

    server: tuple[str, int]
    server_ca: Path
    tls: ServerCertificate
    max_connections: int
    borrow_timeout_s: int
    idle_timeout_s: int
    requires_tls: bool = True
    takes_md5: bool = False
    logs_debug: bool = False


def render_ini(wish: PoolWish, host: str, port: int, userlist: Path) -> str:
    """pgbouncer.ini. Error: InputRefused for times and counts that PgBouncer would read as `no limit`."""
    for name in ("max_connections", "borrow_timeout_s", "idle_timeout_s"):
        if getattr(wish, name) < 1:
            raise InputRefused(
                "pool without a limit",
                detail=f"{name} is {getattr(wish, name)}, which PgBouncer takes for no limit at all.",
                hint="use 1 or more",
            )
    settings = {
        "listen_addr": host,
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "md5" if wish.takes_md5 else "scram-sha-256",
        "auth_file": userlist,
        "stats_users": CONSOLE_USER,
        "pool_mode": "transaction",
        "max_client_conn": MAX_CLIENTS,
        "default_pool_size": wish.max_connections,
        "max_db_connections": wish.max_connections,
        "max_user_connections": wish.max_connections,
        "query_wait_timeout": wish.borrow_timeout_s,
        "client_idle_timeout": wish.idle_timeout_s,
        # State that one client leaves behind must not reach another: it ends with its transaction.
        "server_reset_query": "DISCARD ALL",
        "server_reset_query_always": 1,
        "ignore_startup_parameters": TAKEN_AT_LOGIN,
        # 15 s by default: a failover would last as long for everybody who logs in meanwhile.
        "server_login_retry": 0.1,
        "client_tls_sslmode": "require" if wish.requires_tls else "allow",
        "client_tls_cert_file": wish.tls.certificate,
        "client_tls_key_file": wish.tls.key,
        "server_tls_sslmode": "verify-full",
        "server_tls_ca_file": wish.server_ca,
        "log_connections": int(wish.logs_debug),
        "log_disconnections": int(wish.logs_debug),
        "verbose": int(wish.logs_debug),
    }
    lines = [
        ";; Written by mainstay; changes made here are lost.",
        "[databases]",
        f"* = host={wish.server[0]} port={wish.server[1]}",
        "[pgbouncer]",
        *(f"{name} = {value}" for name, value in settings.items()),
    ]
    return "\n".join(lines) + "\n"


def render_userlist(logins: Mapping[str, str]) -> str:
    """userlist.txt: names and passwords, which PgBouncer needs to log in at the server itself.

    Error: InputRefused for a name or password with a line break or a NUL; the message does not hold the password.
    """
    return "".join(f"{_quoted(name)} {_quoted(logins[name], of=name)}\n" for name in sorted(logins))


def _quoted(text: str, of: str | None = None) -> str:
    if any(character in text for character in "\n\r\0"):
        raise InputRefused(
            "login not possible",
            detail=f"{'The user name' if of is None else f'The password of {of!r}'} has a line break or a NUL.",
            hint="use another one: it stands in a file of lines",
        )
    return '"' + text.replace('"', '""') + '"'
