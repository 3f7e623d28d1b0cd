"""What a PostgreSQL server says of itself: version, TLS, settings, replication."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from mainstay.probe.postgres.session import PostgresConnection
from mainstay.probe.server import Setting, Standing, Stream

HOME: Final = "postgres"
# How PostgreSQL says that it is the missing TLS: 17 was seen to say `no encryption` (2026-11-21), 13 says `SSL off`.
FOR_LACK_OF_TLS: Final = ("no encryption", "SSL off")
# A master user may connect to no other of RDS's own (RDS User Guide, "Understanding the rdsadmin role", 2026-11-20).
_DATABASES: Final = """
SELECT datname FROM pg_database
WHERE datallowconn AND NOT datistemplate AND datname <> 'rdsadmin' AND has_database_privilege(oid, 'CONNECT')
ORDER BY datname"""
_SIZE: Final = """
SELECT coalesce(sum(pg_database_size(oid)), 0)::bigint FROM pg_database
WHERE datallowconn AND NOT datistemplate AND datname <> 'rdsadmin' AND has_database_privilege(oid, 'CONNECT')"""
_TLS: Final = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl"
_SETTINGS: Final = "SELECT name, setting, pending_restart FROM pg_settings WHERE name = ANY(%s)"
_STREAMS: Final = "SELECT coalesce(application_name, ''), state, sync_state FROM pg_stat_replication"
# A transactional message: it passes through the log to every replica, and no table changes
# (PostgreSQL 17, functions-admin, pg_logical_emit_message; seen to do so 2026-11-21).
_MARK: Final = "SELECT pg_logical_emit_message(true, 'mainstay', 'verify')"
_MARKED: Final = "SELECT pg_current_wal_flush_lsn()::text"
_FOLLOWS: Final = (
    "SELECT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'on',"
    " coalesce(pg_last_wal_replay_lsn() >= %s::pg_lsn, false)"
)


def connect(
    *,
    host: str,
    port: int,
    user: str,
    password: str,
    database: str | None,
    ca_bundle: Path | None,
    timeout_s: int,
    dialled: tuple[str, int] | None = None,
) -> PostgresConnection:
    """A connection in autocommit mode, over TLS with issuer and name verified, or without TLS for no bundle.

    With `dialled`, an address and a port, it is opened there; the certificate is still that of `host`.
    Errors: psycopg.Error.
    """
    import psycopg  # noqa: PLC0415  lazy: a function connects in its own way, and has no libpq

    from mainstay.probe.postgres.libpq import PatientCursor  # noqa: PLC0415  lazy, as above

    return psycopg.connect(
        host=host,
        # libpq goes to `hostaddr` and verifies `host` (PostgreSQL 17, libpq-connect, hostaddr, 2026-11-21).
        hostaddr=dialled[0] if dialled else None,
        port=dialled[1] if dialled else port,
        user=user,
        password=password,
        dbname=database or HOME,
        sslmode="verify-full" if ca_bundle else "disable",
        sslrootcert=str(ca_bundle) if ca_bundle else None,
        connect_timeout=timeout_s,
        application_name="mainstay",
        autocommit=True,
        cursor_factory=PatientCursor,
    )


def database_of(connection: PostgresConnection) -> str:
    """The database that a connection is in."""
    return connection.info.dbname


def databases(connection: PostgresConnection) -> list[str]:
    """Every database that the login may connect to."""
    return [str(row[0]) for row in connection.execute(_DATABASES).fetchall()]


def size(connection: PostgresConnection) -> int:
    """How many bytes the databases take that the login may connect to, indexes included."""
    row = connection.execute(_SIZE).fetchone()
    return int(row[0]) if row else 0


def has_table(connection: PostgresConnection, table: str) -> bool:
    """Whether there is such a table on the search path."""
    row = connection.execute("SELECT to_regclass(quote_ident(%s))", (table,)).fetchone()
    return row is not None and row[0] is not None


def version(connection: PostgresConnection) -> str:
    """What the server calls itself."""
    row = connection.execute("SELECT version()").fetchone()
    return str(row[0]) if row else ""


def tls_version(connection: PostgresConnection) -> str | None:
    """The TLS of this connection; None without."""
    row = connection.execute(_TLS).fetchone()
    return str(row[0]) if row else None


def settings(connection: PostgresConnection, names: Iterable[str]) -> dict[str, Setting]:
    """Those of these settings that there are."""
    rows = connection.execute(_SETTINGS, (list(names),)).fetchall()
    return {name: Setting(value, is_pending) for name, value, is_pending in rows}


def streams(connection: PostgresConnection) -> list[Stream] | None:
    """To whom the server sends its log; None when the login may not see it."""
    rows = connection.execute(_STREAMS).fetchall()
    if rows and all(row[1] is None for row in rows):
        return None
    return [Stream(name, status == "streaming", sync) for name, status, sync in rows]


def mark(connection: PostgresConnection) -> str:
    """Write a message into the log; the place in the log behind it."""
    connection.execute(_MARK)
    row = connection.execute(_MARKED).fetchone()
    return str(row[0]) if row else "0/0"


def standing(connection: PostgresConnection, place: str) -> Standing:
    """Where a replica stands against a place of its primary's log."""
    row = connection.execute(_FOLLOWS, (place,)).fetchone()
    return Standing(is_read_only=bool(row[0]), has_reached=bool(row[1])) if row else Standing()


def log_position(connection: PostgresConnection) -> str:
    """Where in the log it stands, and in which file of the log, whose first eight digits are its timeline."""
    found = connection.execute("SELECT pg_current_wal_lsn(), pg_walfile_name(pg_current_wal_lsn())").fetchone()
    return f"LSN {found[0]} in {found[1]}" if found else ""
