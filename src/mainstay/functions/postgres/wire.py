"""pg8000 with the few words that the probe uses of psycopg, so that one and the same code asks from a function.

Rows are kept as the server wrote them, as text, and become Python's types when they are fetched.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import pg8000.exceptions

from mainstay.functions.database import ANSWER_S
from mainstay.functions.login import Login
from mainstay.functions.postgres.connection import DEFAULT_DATABASE, open_raw
from mainstay.probe.patience import GRACE_S
from mainstay.probe.postgres.errors import WireError
from mainstay.probe.transcript import Listener

_HOLDERS: Final = re.compile(r"%s|%%")
_FINAL_SEVERITIES: Final = frozenset({"FATAL", "PANIC"})

Row = tuple[Any, ...]  # Any: a row holds what the statement selects


@dataclass(frozen=True, slots=True)
class Info:
    """What is known of a connection: the database that it is in, and the server's version as a number (170011)."""

    dbname: str
    server_version: int


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as the server wrote it."""

    rows: Sequence[Sequence[str | None]]
    nfields: int

    def get_value(self, row: int, column: int) -> bytes | None:
        """One value, in the connection's encoding (UTF-8)."""
        text = self.rows[row][column]
        return None if text is None else text.encode()


class WireCursor:
    """One statement at a time, and its answer."""

    def __init__(self, connection: WireConnection) -> None:
        self.connection = connection
        self.patience_s = ANSWER_S
        self.rowcount = -1
        self.description: Sequence[Any] | None = None
        self.pgresult = Written((), 0)
        self._types: list[Callable[[str], Any]] = []
        self._next = 0

    def execute(self, statement: str | bytes, parameters: Sequence[Any] | None = None, /, **_: object) -> Self:
        """Run one statement, always a single one; `%s` stands for a parameter where there are any. Error: WireError."""
        text, listener = statement.decode() if isinstance(statement, bytes) else statement, self.connection.listener
        if listener is None:
            return self._run(text, parameters)
        with listener.asking(text, parameters) as answered:
            self._run(text, parameters)
            columns = range(self.pgresult.nfields)
            if columns:
                count = len(self.pgresult.rows)
                answered.rows = [[self.pgresult.get_value(row, one) for one in columns] for row in range(count)]
        return self

    def _run(self, text: str, parameters: Sequence[Any] | None) -> Self:
        told = self.connection.ask(_numbered(text) if parameters is not None else text, parameters, self.patience_s)
        self.rowcount, self.description = told.row_count, told.columns or None
        self.pgresult = Written(told.rows or (), len(told.columns or ()))
        self._types = [self.connection.reads(column["type_oid"]) for column in told.columns or ()]
        self._next = 0
        return self

    def fetchone(self) -> Row | None:
        """The next row."""
        if self._next >= len(self.pgresult.rows):
            return None
        self._next += 1
        return self._read(self.pgresult.rows[self._next - 1])

    def fetchall(self) -> list[Row]:
        """The rows that are left."""
        rest = self.pgresult.rows[self._next :]
        self._next = len(self.pgresult.rows)
        return [self._read(row) for row in rest]

    def _read(self, row: Sequence[str | None]) -> Row:
        return tuple(None if text is None else read(text) for text, read in zip(row, self._types, strict=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held at the server."""


class _AsWritten(dict[int, Callable[[str], str]]):
    """The driver's table of types, in which every type is text."""

    def __missing__(self, oid: int) -> Callable[[str], str]:
        return str


class WireConnection:
    """One session in autocommit mode, over TLS."""

    autocommit = True
    listener: Listener | None

    def __init__(self, raw: Any, database: str) -> None:  # Any: pg8000 publishes no types
        self._raw = raw
        self._types, raw.pg_types = raw.pg_types, _AsWritten()
        self.closed, self.listener = False, None
        row = self.execute("SELECT current_setting('server_version_num')").fetchone()
        self.info = Info(database, int(row[0]) if row else 0)

    def cursor(self) -> WireCursor:
        """What statements are run with."""
        return WireCursor(self)

    def execute(self, statement: str, parameters: Sequence[Any] | None = None, /) -> WireCursor:
        """Run one statement. Error: WireError."""
        return self.cursor().execute(statement, parameters)

    def listen(self, listener: Listener) -> None:
        """Write every statement down from now on."""
        self.listener = listener

    def reads(self, oid: int) -> Callable[[str], Any]:
        """How a type's text becomes a value; an unknown type stays text."""
        known: Callable[[str], Any] = self._types[oid]
        return known

    def ask(self, statement: str, parameters: Sequence[Any] | None, patience_s: float) -> Any:  # Any: as above
        """The driver's own answer. Error: WireError, after which a lost connection is closed."""
        self._raw._usock.settimeout(patience_s + GRACE_S)  # private: the driver has one timeout for everything
        try:
            return self._raw.execute_unnamed(statement, vals=tuple(parameters or ()))
        except pg8000.exceptions.DatabaseError as error:
            told = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
            self.closed = self.closed or told.get("V", told.get("S")) in _FINAL_SEVERITIES
            raise WireError(str(told.get("M") or error), told.get("C")) from error
        except (pg8000.exceptions.Error, OSError) as error:
            self.close()
            raise WireError(f"the connection is lost: {error or type(error).__name__}") from error

    def close(self) -> None:
        """Log out; a connection that is closed stays so."""
        if not self.closed:
            self.closed = True
            try:
                self._raw.close()
            except (pg8000.exceptions.Error, OSError):
                return  # the server has ended it

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(login: Login, context: ssl.SSLContext) -> WireConnection:
    """A session of this login for the probe. Errors: Unreachable, LoginRefused."""
    return WireConnection(open_raw(login, context), login.database or DEFAULT_DATABASE)


def _numbered(statement: str) -> str:
    """`%s` as the server numbers parameters, and `%%` as one sign."""
    count = 0

    def number(found: re.Match[str]) -> str:
        nonlocal count
        if found[0] == "%%":
            return "%"
        count += 1
        return f"${count}"

    return _HOLDERS.sub(number, statement)
