"""What all dialects share: a connection as the operations see it, and the drivers' errors."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Protocol, Self

import pymysql

from mainstay.probe.postgres.errors import PostgresError, sqlstate

DriverError: Final = (*PostgresError, pymysql.err.MySQLError)
"""What the drivers raise: a refused statement, a timeout, a lost connection."""

# PostgreSQL: data_corrupted, index_corrupted (manual, appendix A). MySQL: ER_NOT_KEYFILE, ER_CRASHED_ON_USAGE,
# ER_CRASHED_ON_REPAIR, ER_INDEX_CORRUPT (8.4 error reference); 2026-11-21.
_DAMAGE: Final = frozenset({"XX001", "XX002", 1034, 1194, 1195, 1712})


def tells_damage(error: Exception) -> bool:
    """Whether a server says with this error that what it keeps on disk is damaged."""
    is_mysql = isinstance(error, pymysql.err.MySQLError)
    code = (error.args[0] if error.args else None) if is_mysql else sqlstate(error)
    return code in _DAMAGE


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
