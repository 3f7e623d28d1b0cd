"""Sessions of the administrator, opened by the room itself. Errors of the driver are translated here."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

import pymysql
from pymysql.constants import CLIENT
from pymysql.cursors import Cursor, DictCursor

from mainstay.core.errors import TargetRefused
from mainstay.engines.mariadb.configuration import ADMIN_USER

# Rows are tuples, or mappings by column, of whatever the server sends.
Session: TypeAlias = "pymysql.connections.Connection[Cursor]"


def open_session(
    host: str, port: int, password: str, *, database: str | None = None, timeout_s: float = 5.0, ca: Path | None = None
) -> Session:
    """A session in autocommit mode, in UTC; over TLS with the server's own authority when `ca` names it.

    Error: pymysql.err.MySQLError, untranslated.
    """
    return pymysql.connect(
        host=host,
        port=port,
        user=ADMIN_USER,
        password=password,
        database=database,
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=max(1, int(timeout_s)),
        read_timeout=timeout_s,
        write_timeout=timeout_s,
        ssl=_trusting(ca) if ca is not None else None,
        ssl_disabled=ca is None,
        client_flag=CLIENT.FOUND_ROWS,
        init_command="SET time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES'",
    )


def _trusting(ca: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca))
    context.check_hostname = False  # a server behind its endpoint has the endpoint's name
    return context


@contextmanager
def session(
    host: str, port: int, password: str, *, database: str | None = None, timeout_s: float = 5.0, ca: Path | None = None
) -> Iterator[Session]:
    """A session that ends with the block. Error: TargetRefused with the server's own words."""
    try:
        opened = open_session(host, port, password, database=database, timeout_s=timeout_s, ca=ca)
    except pymysql.err.MySQLError as error:
        raise _refused(host, port, error) from error
    try:
        yield opened
    except pymysql.err.MySQLError as error:
        raise _refused(host, port, error) from error
    finally:
        if opened.open:
            opened.close()


def _refused(host: str, port: int, error: pymysql.err.MySQLError) -> TargetRefused:
    told = ": ".join(str(part) for part in error.args) or type(error).__name__
    return TargetRefused(
        "server refused",
        detail=f"{host}:{port}: {told}",
        hint="see the server's log, server.log beside its data directory",
    )


def tell(opened: Session, statement: str, parameters: tuple[object, ...] = ()) -> int:
    """Run a statement; how many rows it touched or found."""
    with opened.cursor() as cursor:
        return int(cursor.execute(statement, parameters or None))


def rows(opened: Session, query: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
    """Every row that a query returns."""
    with opened.cursor() as cursor:
        cursor.execute(query, parameters or None)
        return list(cursor.fetchall())


def ask(opened: Session, query: str, parameters: tuple[object, ...] = ()) -> tuple[Any, ...]:
    """The one row that a query returns. Error: TargetRefused when there is none."""
    found = rows(opened, query, parameters)
    if not found:
        raise TargetRefused("server refused", detail=f"No row came back from: {query}", hint="see the server's log")
    return found[0]


def named(opened: Session, query: str) -> list[Mapping[str, Any]]:
    """The rows of a query by column name, for the SHOW statements."""
    with opened.cursor(DictCursor) as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def password_hash(password: str) -> str:
    """What the server keeps of a password (mysql_native_password): it never sees the password itself."""
    inner = hashlib.sha1(password.encode()).digest()  # noqa: S324 - the server's own format, not our choice
    return "*" + hashlib.sha1(inner).hexdigest().upper()  # noqa: S324 - as above: the server hashes twice


def literal(text: str) -> str:
    """A string literal, with quotes and backslashes escaped."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


WORD: Final = "`"


def quoted_name(name: str) -> str:
    """An identifier in backticks."""
    return WORD + name.replace(WORD, WORD * 2) + WORD
