"""Clients that write without an end, as an application does, on each way to the database at the same time.

Each write is a row of the ledger that its client has named beforehand, in a transaction of its own. It is acknowledged,
failed (it was never sent, or the server said that it did not do it), or in doubt: sent, and not answered by either.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

from mainstay.core.errors import MainstayError
from mainstay.ops.shop import SHOPS
from mainstay.probe.dialect import DIALECTS
from mainstay.probe.ledger import Entry
from mainstay.probe.session import Connection, DriverError, said

# A client writes at most a hundred times a second: enough to see a gap of 10 ms, and little for a living database.
_PAUSE_S: Final = 0.01
# A client with no patience for a connection on which nothing comes back any more.
_STUCK_S: Final = 15.0
_JOIN_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Route:
    """A way to the database: `direct`, or a proxy's name; where that is, and how a connection is opened there."""

    name: str
    address: str
    open: Callable[[], Connection]


@dataclass(slots=True)
class Tally:
    """What became of the writes on one route. Times are readings of the monotonic clock; `errors` by first words."""

    route: Route
    acknowledged: set[Entry] = field(default_factory=set)
    failed: set[Entry] = field(default_factory=set)
    in_doubt: set[Entry] = field(default_factory=set)
    acknowledged_at: array[float] = field(default_factory=lambda: array("d"))
    errors_at: array[float] = field(default_factory=lambda: array("d"))
    errors: dict[str, int] = field(default_factory=dict)
    ended_at: float = 0.0


class Clients:
    """So many writers on each route, for the length of a `with` block.

    `first` numbers the first client; each waits for `pause_s` before every write.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        engine: str,
        *,
        run: str,
        writers: int,
        first: int = 0,
        pause_s: float = _PAUSE_S,
    ) -> None:
        self._ledger, self._doubts, self._run = DIALECTS[engine].ledger, SHOPS[engine].doubts, run
        self._pause_s = pause_s
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._pending: dict[int, tuple[Connection, float]] = {}
        self.tallies = tuple(Tally(route) for route in routes)
        self._threads = [
            threading.Thread(target=self._write, args=(first + at * writers + one, tally), daemon=True)
            for at, tally in enumerate(self.tallies)
            for one in range(writers)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        deadline = time.monotonic() + _JOIN_S
        while any(thread.is_alive() for thread in self._threads) and time.monotonic() < deadline:
            self.cut_stuck(1.0)
            for thread in self._threads:
                thread.join(0.05)
        for tally in self.tallies:
            tally.ended_at = time.monotonic()

    def cut_stuck(self, after_s: float = _STUCK_S) -> None:
        """End connections on which a write has waited for longer, as an application's own time limit would."""
        with self._lock:
            stuck = [opened for opened, since in self._pending.values() if time.monotonic() - since > after_s]
        for opened in stuck:
            with contextlib.suppress(OSError, *DriverError):
                descriptor = os.dup(self._ledger.descriptor(opened))
                with socket.socket(fileno=descriptor) as copy:
                    copy.shutdown(socket.SHUT_RDWR)

    def are_served(self, since: float) -> bool:
        """Whether a write was acknowledged on every route after that reading of the clock."""
        return all(len(tally.acknowledged_at) and tally.acknowledged_at[-1] > since for tally in self.tallies)

    def _write(self, client: int, tally: Tally) -> None:
        connection: Connection | None = None
        was_cut_short: Callable[[], bool] = bool
        number = 0
        while not self._stopping.wait(self._pause_s):
            number += 1
            try:
                if connection is None:
                    connection = tally.route.open()
                    was_cut_short = self._doubts(connection)
            except (*DriverError, MainstayError) as error:
                self._note(tally, tally.failed, (client, number), error)
                continue
            try:
                self._enter(connection, client, number)
            except (*DriverError, OSError) as error:
                is_refused = self._ledger.is_refusal(error)
                self._note(tally, tally.failed if is_refused else tally.in_doubt, (client, number), error)
                _close(connection)
                connection = None
            else:
                is_doubtful = was_cut_short()
                self._note(tally, tally.in_doubt if is_doubtful else tally.acknowledged, (client, number))
        _close(connection)

    def _enter(self, connection: Connection, client: int, number: int) -> None:
        with self._lock:
            self._pending[client] = (connection, time.monotonic())
        try:
            self._ledger.enter(connection, self._run, (client, number))
        finally:
            with self._lock:
                del self._pending[client]

    def _note(self, tally: Tally, into: set[Entry], entry: Entry, error: Exception | None = None) -> None:
        now = time.monotonic()
        with self._lock:
            into.add(entry)
            if into is tally.acknowledged:
                tally.acknowledged_at.append(now)
                return
            tally.errors_at.append(now)
            words = said(error)[:80] if error else "the wait for the standby was cut short"
            tally.errors[words] = tally.errors.get(words, 0) + 1


def _close(connection: Any) -> None:  # Any: a connection of any driver, or None
    if connection is not None:
        with contextlib.suppress(OSError, *DriverError):
            connection.close()
