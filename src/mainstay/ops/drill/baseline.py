"""What the source held around the target: the side of the comparison that a restore must reproduce.

Read from the writer, never from a replica or a reader endpoint: Multi-AZ clusters show readers states that never
were (Jepsen, "Amazon RDS for PostgreSQL 17.4", 2025-04-29).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from mainstay.probe.catalog import Catalog
from mainstay.probe.dialect import Dialect
from mainstay.probe.fingerprint import Fingerprints
from mainstay.probe.sequences import Sequence
from mainstay.probe.session import Connection

# A source goes on serving while it is read, and one table may use several of its processors by itself.
TOGETHER: Final = 2

Opener = Callable[[str], Connection]


@dataclass(frozen=True, slots=True)
class DatabaseReading:
    """One database as it was seen."""

    fingerprints: Fingerprints
    sequences: tuple[Sequence, ...]
    catalog: Catalog


Reading = Mapping[str, DatabaseReading]


@dataclass(frozen=True, slots=True)
class Baseline:
    """Every database of a source before the target, and after it; `after` None when nothing wrote in between.

    Sequences are compared with `before` only, since they never go back.
    """

    before: Reading
    after: Reading | None = None


def read(dialect: Dialect, open_database: Opener, *, timeout_s: float) -> dict[str, DatabaseReading]:
    """Read every database that the login may connect to, two at a time, each in a snapshot of its own.

    `timeout_s` is the longest that one statement may take. `open_database` is called by several threads.
    Errors: DriverError; TargetRefused from `open_database`.
    """
    with open_database("") as connection:
        names = dialect.databases(connection)

    def reading_of(name: str) -> DatabaseReading:
        return read_one(dialect, open_database, name, timeout_s=timeout_s)

    with ThreadPoolExecutor(TOGETHER) as threads:
        return dict(zip(names, threads.map(reading_of, names), strict=True))


def read_one(dialect: Dialect, open_database: Opener, name: str, *, timeout_s: float) -> DatabaseReading:
    """Read one database."""
    with open_database(name) as connection:
        return DatabaseReading(
            dialect.fingerprints(connection, timeout_s=timeout_s),
            dialect.sequences(connection, timeout_s=timeout_s),
            dialect.catalog(connection, timeout_s=timeout_s),
        )
