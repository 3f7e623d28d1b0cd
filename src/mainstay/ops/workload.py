"""A small shop that writes through the endpoint as an application does, and knows what was acknowledged.

It is the demo's application and the drill tests' history: every write is acknowledged, failed, or in doubt (its
commit was sent and not answered), markers are written beside it, and the disaster happens at a time that is known.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from mainstay.core.errors import InputRefused, MainstayError
from mainstay.ops.drill.baseline import Baseline, Opener, read
from mainstay.ops.shop import SHOPS, Shop
from mainstay.probe.dialect import DIALECTS
from mainstay.probe.fence import set_fence
from mainstay.probe.markers import Marker
from mainstay.probe.session import Connection, DriverError, said

_MARKER_EVERY_S: Final = 0.1
_RECONNECT_S: Final = 0.05


@dataclass(slots=True)
class Traffic:
    """What became of the writes of one stretch of time.

    `longest_gap_s` is the longest time without an acknowledged write. `markers` are those whose commit was
    acknowledged; `errors` counts failures by their first words.
    """

    acknowledged: int = 0
    failed: int = 0
    in_doubt: int = 0
    seconds: float = 0.0
    longest_gap_s: float = 0.0
    markers: list[Marker] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """As a `--json` document shows it."""
        return {
            "acknowledged": self.acknowledged,
            "failed": self.failed,
            "in_doubt": self.in_doubt,
            "seconds": round(self.seconds, 3),
            "longest_gap_s": round(self.longest_gap_s, 4),
            "markers": len(self.markers),
            "errors": dict(self.errors),
        }


@dataclass(frozen=True, slots=True)
class Disaster:
    """A table that was dropped, and all that is needed to judge a restore to just before it.

    `target` is a whole second by the database's clock, with acknowledged markers on both sides; `baseline` was
    read with the application at rest, on both sides of `target` and before the drop at `at`. `database` is where
    the table was and the markers are.
    """

    table: str
    database: str
    target: datetime
    at: datetime
    markers: tuple[Marker, ...]
    baseline: Baseline


class Application:
    """A shop. `open_database` gives a connection in autocommit mode to a database; '' means the shop's own.

    `engine` is RDS's name for it.
    """

    def __init__(self, open_database: Opener, *, run_id: str, connections: int = 4, engine: str = "postgres") -> None:
        self._open = open_database
        self._dialect = DIALECTS[engine]
        self._shop = SHOPS[engine]
        self._run_id = run_id
        self._connections = connections
        self._markers: list[Marker] = []

    def seed(self, orders: int = 1000) -> int:
        """Make the shop's tables with customers, products and some orders; the number of rows. Safe to repeat."""
        with self._open("") as connection:
            rows = self._shop.seed(connection, orders)
            self._dialect.create_canary(connection)
        return rows

    def run_for(
        self, seconds: float, *, limit: int = 1_000_000, keep_going: Callable[[], bool] = lambda: True
    ) -> Traffic:
        """Write orders on all connections, and markers beside them, for so long or until `limit` orders are in."""
        traffic, lock = Traffic(), threading.Lock()
        start = time.monotonic()
        acknowledged_at = [start]

        def goes_on() -> bool:
            return time.monotonic() - start < seconds and traffic.acknowledged < limit and keep_going()

        def tell(outcome: str, error: Exception | None) -> None:
            with lock:
                setattr(traffic, outcome, getattr(traffic, outcome) + 1)
                if error is None:
                    now = time.monotonic()
                    traffic.longest_gap_s = max(traffic.longest_gap_s, now - acknowledged_at[0])
                    acknowledged_at[0] = now
                else:
                    words = _first_words(error)
                    traffic.errors[words] = traffic.errors.get(words, 0) + 1

        with ThreadPoolExecutor(self._connections + 1, "workload") as threads:
            jobs = [threads.submit(self._write_orders, goes_on, tell) for _ in range(self._connections)]
            jobs.append(threads.submit(self._write_markers, goes_on, traffic.markers))
            for job in jobs:
                job.result()
        traffic.seconds = time.monotonic() - start
        traffic.longest_gap_s = max(traffic.longest_gap_s, time.monotonic() - acknowledged_at[0])
        self._markers += traffic.markers
        return traffic

    def _write_orders(self, goes_on: Callable[[], bool], tell: Callable[[str, Exception | None], None]) -> None:
        connection: Connection | None = None
        while goes_on():
            try:
                if connection is None or connection.closed:
                    connection = self._open("")
                    is_in_doubt = self._shop.doubts(connection)
            except (*DriverError, MainstayError) as error:
                tell("failed", error)
                time.sleep(_RECONNECT_S)
                continue
            tell(*_place_order(self._shop, connection, is_in_doubt))
        if connection is not None:
            connection.close()

    def _write_markers(self, goes_on: Callable[[], bool], into: list[Marker]) -> None:
        connection: Connection | None = None
        while goes_on():
            try:
                connection = connection if connection and not connection.closed else self._open("")
                into.append(self._dialect.write_marker(connection, self._run_id))
            except (*DriverError, MainstayError):
                pass  # in doubt, so no check may rest on it; the orders count the outage
            time.sleep(_MARKER_EVERY_S)
        if connection is not None:
            connection.close()

    def drop_table(self, table: str = "order_item", *, timeout_s: float = 600) -> Disaster:
        """The disaster: somebody drops a table. Call it while no `run_for` is under way.

        Errors: InputRefused when there is no such table; DriverError, TargetRefused.
        """
        before = read(self._dialect, self._open, timeout_s=timeout_s)
        with self._open("") as connection:
            if not self._dialect.has_table(connection, table):
                raise InputRefused("no such table", detail=f"'{table}' is not in the database.", hint="seed it first")
            fence = set_fence(self._dialect, connection, self._run_id, time.sleep)
            after = read(self._dialect, self._open, timeout_s=timeout_s)
            self._shop.drop(connection, table)
            at = self._dialect.database_clock(connection)
            database = self._dialect.database_of(connection)
            last = self._dialect.write_marker(connection, self._run_id)
        known = (*self._markers, fence.first, fence.last, last)
        return Disaster(table, database, fence.target, at, known, Baseline(before, after))


def _place_order(shop: Shop, connection: Connection, is_in_doubt: Callable[[], bool]) -> tuple[str, Exception | None]:
    """One order in a transaction of its own: what became of it, and the error if there was one."""
    is_sent = False
    try:
        connection.execute("BEGIN")
        shop.order(connection)
        is_sent = True
        connection.execute("COMMIT")
    except DriverError as error:
        is_answered = not connection.closed
        connection.close()
        return ("in_doubt" if is_sent and not is_answered else "failed"), error
    if is_in_doubt():
        return "in_doubt", MainstayError("the wait for the standby was cut short")
    return "acknowledged", None


def _first_words(error: Exception) -> str:
    return said(error)[:80]
