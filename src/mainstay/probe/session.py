"""What all dialects share: a connection as the operations see it, and the drivers' errors."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Protocol, Self

import psycopg
import pymysql

DriverError: Final = (psycopg.Error, pymysql.err.MySQLError)
"""What the drivers raise: a refused statement, a timeout, a lost connection."""


class Answer(Protocol):
    """What a statement answered. Any: a row holds what the statement selects."""

    @property
    def rowcount(self) -> int:
        """How many rows were touched or found."""
        ...

    @property
    def description(self) -> Sequence[Any] | None:
        """The columns; None for a statement that answers no rows."""
        ...

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        ...

    def fetchall(self) -> Sequence[tuple[Any, ...]]:
        """The rows that are left."""
        ...


class Connection(Protocol):
    """A connection in autocommit mode, whatever its driver; it ends with a `with` block."""

    @property
    def closed(self) -> bool:
        """Whether it is over, by us or by the server."""
        ...

    def execute(self, statement: str, parameters: Sequence[Any] | None = None, /) -> Answer:
        """Run one statement. Errors: DriverError."""
        ...

    def close(self) -> None:
        """End it."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def said(error: Exception) -> str:
    """The first line of a driver's error: the server's words, without the number that PyMySQL puts before them."""
    words = error.args[1] if isinstance(error, pymysql.err.MySQLError) and len(error.args) > 1 else error
    return (str(words).strip() or type(error).__name__).splitlines()[0]
