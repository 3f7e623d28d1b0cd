"""Sessions of the administrator, opened by the room itself. Errors of the driver are translated here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg
from psycopg import sql

from mainstay.core.errors import TargetRefused
from mainstay.engines.postgres.configuration import ADMIN_ROLE
from mainstay.probe.scram import scram_verifier

APPLICATION: Final = "mainstay"

# psycopg's rows are tuples of whatever the server sends.
Session = psycopg.Connection[tuple[Any, ...]]


def open_session(
    host: str,
    port: int,
    password: str,
    *,
    database: str = "postgres",
    timeout_s: float = 5.0,
    application: str = APPLICATION,
) -> Session:
    """A session in autocommit mode, in UTC. Every parameter is given, as libpq would take others from PG variables.

    Error: psycopg.Error, untranslated.
    """
    return psycopg.connect(
        host=host,
        hostaddr=host,
        port=port,
        user=ADMIN_ROLE,
        password=password,
        dbname=database,
        sslmode="disable",
        gssencmode="disable",
        target_session_attrs="any",
        connect_timeout=max(2, int(timeout_s)),  # libpq takes 1 as 2
        application_name=application,
        options="-c timezone=UTC -c datestyle=iso -c statement_timeout=0 -c default_transaction_read_only=off",
        client_encoding="utf8",
        autocommit=True,
    )


def pass_line(password: str) -> str:
    """A password file's content, in the form that libpq reads (pgpass)."""
    return f"*:*:*:{ADMIN_ROLE}:{password}\n"


def read_password(password_file: Path) -> str:
    """The administrator's password. Error: TargetRefused when the file is missing."""
    try:
        return password_file.read_text().strip().rpartition(":")[2]
    except OSError as error:
        raise TargetRefused(
            "administrator's password is missing",
            detail=f"{password_file}: {error.strerror}.",
            hint="the cluster is not initialised, or another user owns it",
        ) from error


@contextmanager
def session(
    host: str,
    port: int,
    password_file: Path,
    *,
    database: str = "postgres",
    timeout_s: float = 5.0,
    application: str = APPLICATION,
) -> Iterator[Session]:
    """A session that ends with the block. Error: TargetRefused with the server's own words."""
    try:
        with open_session(
            host, port, read_password(password_file), database=database, timeout_s=timeout_s, application=application
        ) as opened:
            yield opened
    except psycopg.Error as error:
        raise TargetRefused(
            "server refused",
            detail=f"{host}:{port}: {str(error).strip() or type(error).__name__}",
            hint="see the server's log, server.log beside its data directory",
        ) from error


def ask(opened: Session, query: LiteralString, parameters: tuple[object, ...] = ()) -> tuple[Any, ...]:
    """The one row that a query returns."""
    row = opened.execute(query, parameters).fetchone()
    if row is None:
        raise TargetRefused("server refused", detail=f"No row came back from: {query}", hint="see the server's log")
    return row


def change_password(opened: Session, role: str, password: str) -> None:
    """Give a role a new password; the server only ever sees the verifier."""
    opened.execute(
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(scram_verifier(password)))
    )
