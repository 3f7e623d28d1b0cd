"""What the source held around the target: the side of the comparison that a restore must reproduce.

Read from the writer, never from a replica or a reader endpoint: Multi-AZ clusters show readers states that never
were (Jepsen, "Amazon RDS for PostgreSQL 17.4", 2025-04-29).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from mainstay.ops.distant import Distant
from mainstay.probe.dialect import Dialect
from mainstay.probe.reading import DatabaseReading, read_one
from mainstay.probe.session import Connection
from mainstay.probe.together import Company, Helper, Limit, share_out

CAREFUL: Final = 2
"""Processes that read a source at once, at most: it goes on serving."""
FULL: Final = 8
"""Processes that read a copy at once, at most: nobody else asks it, and on a small class they take turns."""

Opener = Callable[[str], Connection]


Reading = Mapping[str, DatabaseReading]


@dataclass(frozen=True, slots=True)
class Baseline:
    """Every database of a source before the target, and after it; `after` None when nothing wrote in between.

    Sequences are compared with `before` only, since they never go back.
    """

    before: Reading
    after: Reading | None = None


def read(
    dialect: Dialect, open_database: Opener, *, timeout_s: float, most: int = CAREFUL, is_still: bool = False
) -> dict[str, DatabaseReading]:
    """Read every database that the login may connect to, each in a snapshot of its own, by up to `most` processes at
    once: one database after the other by all of them, or several when there are more databases than that.

    `is_still` says that nobody writes, so that any two connections see the same. `timeout_s` is the longest that one
    statement may take. `open_database` is called by several threads. Errors: DriverError; TargetRefused from
    `open_database`. No connection is left, also after Ctrl-C.
    """
    with open_database("") as connection:
        if isinstance(connection, Distant):
            return connection.read_all(timeout_s, most)
        names = dialect.databases(connection)
    limit = Limit(most)
    readers = [
        _Reader(dialect, open_database, limit, timeout_s=timeout_s, is_still=is_still)
        for _ in range(most if len(names) > most else 1)
    ]
    helpers = [Helper(reader.read, reader.stop, reader.cut) for reader in readers[1:]]
    return dict(zip(names, share_out(names, readers[0].read, helpers), strict=True))


class _Reader:
    """Reads one database after the other."""

    def __init__(
        self, dialect: Dialect, open_database: Opener, limit: Limit, *, timeout_s: float, is_still: bool
    ) -> None:
        self._dialect, self._open, self._limit = dialect, open_database, limit
        self._timeout_s, self._is_still = timeout_s, is_still
        self._connection: Connection | None = None

    def read(self, name: str) -> DatabaseReading:
        """Read one database, with the processes that nobody else uses meanwhile."""
        may_share = self._is_still or self._dialect.shares_snapshots
        another = partial(self._open, name) if may_share else None
        with self._limit.one(), self._open(name) as self._connection:
            company = Company(self._limit, another)
            return read_one(self._dialect, self._connection, timeout_s=self._timeout_s, company=company)

    def stop(self) -> None:
        """Ask the server to end the statement that is waited for."""
        if self._connection is not None:
            self._dialect.stop(self._connection)

    def cut(self) -> None:
        """End the connection that waits."""
        if self._connection is not None:
            self._dialect.cut(self._connection)
