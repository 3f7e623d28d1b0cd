"""A connection to PostgreSQL, over TLS or not at all."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Sequence
from typing import Any, Final

import pg8000.exceptions
import pg8000.native

from mainstay.functions.database import (
    ANSWER_S,
    CONNECT_S,
    Row,
    StatementRefused,
    login_refused,
    unreachable,
)
from mainstay.functions.login import Login

# invalid_authorization_specification and invalid_password: PostgreSQL 17 manual, appendix A, 2026-11-21.
_LOGIN_CODES: Final = frozenset({"28000", "28P01"})
DEFAULT_DATABASE: Final = "postgres"


class PostgresDatabase:
    """One session. pg8000's own parameter syntax is left alone: `$1` is the server's, and nothing is rewritten."""

    def __init__(self, connection: Any) -> None:  # Any: pg8000 publishes no types
        self._connection = connection

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Every row of an answer. Error: StatementRefused with the server's words."""
        try:
            context = self._connection.execute_unnamed(statement, vals=tuple(parameters))
        except (pg8000.exceptions.Error, OSError) as error:
            code, said = _said(error)
            raise StatementRefused("the database refused a query", detail=f"{said}.", code=code) from error
        return [tuple(row) for row in context.rows or ()]

    def execute(self, statement: str) -> None:
        """A statement that changes something. Error: StatementRefused with the server's code and nothing else."""
        try:
            self._connection.execute_simple(statement)
        except (pg8000.exceptions.Error, OSError) as error:
            code, _ = _said(error)
            # Without the cause: the server's words and the driver's traceback can hold the statement.
            raise StatementRefused(
                "the database refused a change", detail=f"PostgreSQL's error code is {code}.", code=code
            ) from None

    def close(self) -> None:
        """Log out."""
        self._connection.close()


def connect(login: Login, context: ssl.SSLContext) -> PostgresDatabase:
    """A session of this login. Errors: Unreachable, LoginRefused."""
    return PostgresDatabase(open_raw(login, context))


def open_raw(login: Login, context: ssl.SSLContext) -> Any:  # Any: as above
    """The driver's own connection. Errors: Unreachable, LoginRefused."""
    try:
        opened = socket.create_connection((login.host, login.port), timeout=CONNECT_S)
    except OSError as error:
        raise unreachable(str(login), error) from error
    try:
        connection = pg8000.native.Connection(
            login.username,
            host=login.host,
            port=login.port,
            database=login.database or DEFAULT_DATABASE,
            password=login.password,
            ssl_context=context,
            sock=opened,
            application_name="mainstay",
        )
    # struct.error and UnicodeDecodeError: pg8000 reading half an answer of a server that hangs up.
    except (pg8000.exceptions.Error, OSError, struct.error, UnicodeDecodeError) as error:
        opened.close()
        code, said = _said(error)
        failed = login_refused if code in _LOGIN_CODES else unreachable
        raise failed(str(login), said) from error
    # Private, because the driver has one timeout for connecting and for answers.
    connection._usock.settimeout(ANSWER_S)
    return connection


def _said(error: BaseException) -> tuple[str, str]:
    """The server's code and message; of other errors, none and what they say."""
    told = error.args[0] if error.args else ""
    if isinstance(told, dict):
        return str(told.get("C", "")), str(told.get("M", ""))
    return "", str(error) or type(error).__name__
