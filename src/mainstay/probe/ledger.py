"""The ledger: rows that a client names before it writes them, so that each is known when its commit's answer is not.

A write is acknowledged, refused (the server said that it did not do it), or in doubt: sent, and not answered by either.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from mainstay.probe.canary import LEDGER

Entry = tuple[int, int]
"""A client's number, and that of its write."""
_RUN: Final = re.compile(r"[A-Za-z0-9-]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """How one engine's ledger is made, written, read and emptied. Any: a connection of the dialect's own driver.

    `under_way` counts the writes of a run that sessions are at: one whose client is gone may still wait for a standby.
    `is_refusal` tells of an error whether the server has surely not done the write. `descriptor` is the connection's
    socket, by which another thread can end a wait.
    """

    create: Callable[[Any], None]
    entries: Callable[[Any, str], frozenset[Entry]]
    under_way: Callable[[Any, str], int]
    is_refusal: Callable[[Exception], bool]
    descriptor: Callable[[Any], int]

    def enter(self, connection: Any, run: str, entry: Entry) -> None:  # Any: as above
        """Write one row in a transaction of its own. Without parameters: a pool may know of no prepared statement."""
        connection.execute(f"{writing(run)}, {entry[0]:d}, {entry[1]:d})")

    def forget(self, connection: Any, run: str) -> None:  # Any: as above
        """Delete a run's rows."""
        connection.execute(f"DELETE FROM {LEDGER} WHERE run = '{_safe(run)}'")


def writing(run: str) -> str:
    """How the statement begins that writes a row of a run."""
    return f"INSERT INTO {LEDGER} VALUES ('{_safe(run)}'"


def query(run: str) -> str:
    """The rows of a run."""
    return f"SELECT client, number FROM {LEDGER} WHERE run = '{_safe(run)}'"


def _safe(run: str) -> str:
    if not _RUN.fullmatch(run):
        raise ValueError(f"{run!r} is no name of a run")
    return run
