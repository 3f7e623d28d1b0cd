"""A connection to MySQL or MariaDB, over TLS or not at all."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import Any, Final

import pymysql
import pymysql.cursors
import pymysql.err

from mainstay.functions.database import (
    ANSWER_S,
    CONNECT_S,
    Row,
    StatementRefused,
    login_refused,
    unreachable,
)
from mainstay.functions.login import Login

# ER_ACCESS_DENIED_ERROR, ER_ACCESS_DENIED_NO_PASSWORD_ERROR, ER_ACCOUNT_HAS_BEEN_LOCKED,
# ER_MUST_CHANGE_PASSWORD_LOGIN: MySQL 8.4 error reference, 2026-11-21; 4151 is MariaDB's account lock.
_LOGIN_CODES: Final = frozenset({"1045", "1698", "3118", "1862", "4151"})


class MysqlDatabase:
    """One session."""

    def __init__(self, connection: Any) -> None:  # Any: PyMySQL publishes no types
        self._connection = connection

    def rows(self, statement: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Every row of an answer. Error: StatementRefused with the server's words."""
        return [tuple(row) for row in self._asked(pymysql.cursors.Cursor, statement, tuple(parameters) or None)]

    def records(self, statement: str) -> list[dict[str, Any]]:
        """Every row of an answer by column name, for statements whose columns differ between versions."""
        return self._asked(pymysql.cursors.DictCursor, statement, None)

    def _asked(self, kind: type, statement: str, parameters: tuple[object, ...] | None) -> list[Any]:
        with self._connection.cursor(kind) as cursor:
            try:
                cursor.execute(statement, parameters)
            except (pymysql.err.Error, OSError) as error:
                code, said = _said(error)
                raise StatementRefused("the database refused a query", detail=f"{said}.", code=code) from error
            return list(cursor.fetchall())

    def execute(self, statement: str) -> None:
        """A statement that changes something. Error: StatementRefused with the server's code and nothing else."""
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(statement)
            except (pymysql.err.Error, OSError) as error:
                code, _ = _said(error)
                # Without the cause: MySQL quotes the statement in its words.
                raise StatementRefused(
                    "the database refused a change", detail=f"The server's error code is {code}.", code=code
                ) from None

    def literal(self, text: str) -> str:
        """A string literal in this session's SQL mode: with or without backslash escapes, as the server told."""
        return str(self._connection.escape(text))

    def close(self) -> None:
        """Log out."""
        self._connection.close()


def connect(login: Login, context: ssl.SSLContext) -> MysqlDatabase:
    """A session of this login. Errors: Unreachable, LoginRefused."""
    return MysqlDatabase(open_raw(login, context))


def open_raw(login: Login, context: ssl.SSLContext) -> Any:  # Any: as above
    """The driver's own connection. Errors: Unreachable, LoginRefused.

    A server without TLS is refused by the driver before the password is sent (PyMySQL 1.2).
    """
    try:
        return pymysql.connect(
            host=login.host,
            port=login.port,
            user=login.username,
            password=login.password.encode(),  # PyMySQL would take text as Latin-1
            database=login.database or None,
            ssl=context,
            connect_timeout=CONNECT_S,
            read_timeout=ANSWER_S,
            write_timeout=CONNECT_S,
            charset="utf8mb4",
            autocommit=True,
            program_name="mainstay",
        )
    # ValueError and IndexError: PyMySQL reading half an answer of a server that hangs up.
    except (pymysql.err.Error, OSError, ValueError, IndexError) as error:
        code, said = _said(error)
        failed = login_refused if code in _LOGIN_CODES else unreachable
        raise failed(str(login), said) from error


def _said(error: BaseException) -> tuple[str, str]:
    """The server's code and message."""
    if isinstance(error, pymysql.err.Error) and len(error.args) >= 2:
        return str(error.args[0]), str(error.args[1])
    return "", str(error) or type(error).__name__
