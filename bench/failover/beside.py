"""Writers beside the measured clients, in a process of their own, that commit as fast as they can.

They are the product's own clients without a pause: each write is acknowledged, failed or in doubt, and is asked for by
its name in the end.
"""

from __future__ import annotations

import multiprocessing
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from mainstay.ops.takeover.clients import Clients, Route
from mainstay.probe.dialect import DIALECTS

RUN: Final = "bench"
WRITERS: Final = 4
LOOK_S: Final = 0.5
CONNECT_S: Final = 5
END_S: Final = 120.0


@dataclass(frozen=True)
class Way:
    """Where the database is, and who writes there. Picklable; the password goes through a pipe, never an argument."""

    engine: str
    host: str
    port: int
    user: str
    password: str
    database: str
    ca_bundle: Path | None

    def open(self) -> Any:  # Any: a connection of the engine's own driver
        """A new connection."""
        return DIALECTS[self.engine].connect(
            host=self.host, port=self.port, user=self.user, password=self.password, database=self.database,
            ca_bundle=self.ca_bundle, timeout_s=CONNECT_S,
        )  # fmt: skip


@dataclass(frozen=True)
class Written:
    """What became of the writes: how many were acknowledged, of which so many are not there, and those in doubt."""

    acknowledged: int
    lost: int
    in_doubt: int


class Beside:
    """Writers for the length of a `with` block; `end` stops them and says what became of their writes."""

    def __init__(self, way: Way) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._count = context.Value("q", 0)
        self._child = context.Process(target=_write, args=(way, theirs, self._count), daemon=True)
        self._theirs = theirs

    def __enter__(self) -> Self:
        self._child.start()
        self._theirs.close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipe.close()
        self._child.kill()
        self._child.join()

    @property
    def acknowledged(self) -> int:
        """How many of their writes were acknowledged by now."""
        return int(self._count.value)

    def end(self) -> Written:
        """Stop writing, and look for every write. Error: TimeoutError."""
        self._pipe.send("end")
        if not self._pipe.poll(END_S):
            raise TimeoutError(f"the writers did not end in {END_S:g} s")
        written: Written = self._pipe.recv()
        return written


def _write(way: Way, pipe: Pipe, count: Any) -> None:  # Any: a Value, whose type multiprocessing does not publish
    """Until the other end says so, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; our parent ends us
    ledger = DIALECTS[way.engine].ledger
    opened = way.open()
    ledger.create(opened)
    opened.close()
    with Clients([Route("direct", way.host, way.open)], way.engine, run=RUN, writers=WRITERS, pause_s=0.0) as clients:
        [tally] = clients.tallies
        while not pipe.poll(LOOK_S):
            clients.cut_stuck()
            count.value = len(tally.acknowledged_at)
    try:
        pipe.recv()
    except EOFError:
        return
    opened = way.open()
    there = ledger.entries(opened, RUN)
    opened.close()
    pipe.send(Written(len(tally.acknowledged), len(tally.acknowledged - there), len(tally.in_doubt)))
