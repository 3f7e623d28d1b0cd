"""The execution environments of this process: each runs one function as it was configured, one call at a time.

As Lambda keeps them (developer guide, "Lambda execution environment lifecycle", not re-read): after a call an
environment waits for the next one, and what the handler's modules hold is still there. Another code, another
configuration, a timeout, a crash or idleness ends it; so does the end of this process, whatever ends it.
"""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from mainstay.engines.bound import Bound

# Lambda does not tell for how long it keeps one. This is longer than a minute, the rate of a heartbeat.
IDLE_S: Final = 120.0
# An environment has some 60 MB (2026-11-21).
MOST_IDLE: Final = 4
END_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Key:
    """What has to be the same for an environment to take a call: whose it is, and all that is configured (JSON)."""

    sandbox: Path
    region: str
    function: str
    configured: str = field(repr=False)  # may hold secrets

    def replaces(self, other: Key) -> bool:
        """Whether the other is the same function as it was configured before."""
        ours, theirs = ((each.sandbox, each.region, each.function) for each in (self, other))
        return ours == theirs and self.configured != other.configured


@dataclass(slots=True, eq=False)
class Environment:
    """One process, and the file that its output goes to."""

    key: Key
    process: Bound
    log: BinaryIO
    idle_since: float = field(default_factory=time.monotonic)

    def read_log(self) -> str:
        """What was written since the last look. What a handler's thread writes later comes with the next call's."""
        descriptor = self.log.fileno()
        written = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        os.ftruncate(descriptor, 0)
        return written.decode(errors="replace")

    def end(self, *, number: signal.Signals | None = None, patience_s: float = 0.0) -> tuple[int, str]:
        """End the process, as `Bound.end` does; its exit code, and what it wrote."""
        with self.log:
            return self.process.end(number=number, patience_s=patience_s), self.read_log()


class Pool:
    """The idle environments. Its methods may be called by several threads."""

    def __init__(self, *, idle_s: float = IDLE_S, most: int = MOST_IDLE) -> None:
        self._idle_s = idle_s
        self._most = most
        self._reset()

    def _reset(self) -> None:
        self._changed = threading.Condition()
        self._idle: list[Environment] = []
        self._watch: threading.Thread | None = None

    def take(self, key: Key) -> Environment | None:
        """The environment that was idle for the shortest time and can take such a call; those of an older form end."""
        with self._changed:
            over = [each for each in self._idle if key.replaces(each.key) or not each.process.is_alive]
            fitting = [each for each in self._idle if each.key == key and each not in over]
            taken = fitting[-1] if fitting else None
            self._idle = [each for each in self._idle if each is not taken and each not in over]
        _end(over)
        return taken

    def give(self, environment: Environment) -> None:
        """Let one wait for the next call; those that are too many, and have waited longest, end."""
        environment.idle_since = time.monotonic()
        with self._changed:
            self._idle.append(environment)
            over, self._idle = self._idle[: -self._most], self._idle[-self._most :]
            if self._watch is None:
                self._watch = threading.Thread(target=self._end_idle, name="environments", daemon=True)
                self._watch.start()
        _end(over)

    def close(self, sandbox: Path | None = None) -> None:
        """End all that are idle, or those of one sandbox."""
        self._drop(lambda each: sandbox is None or each.key.sandbox == sandbox.resolve())

    def forget(self) -> None:
        """In a process that was forked: these environments are somebody else's."""
        mine = self._idle
        self._reset()
        for each in mine:
            each.process.let_go()

    def _drop(self, is_over: Callable[[Environment], bool]) -> None:
        with self._changed:
            over = [each for each in self._idle if is_over(each)]
            self._idle = [each for each in self._idle if each not in over]
        _end(over)

    def _end_idle(self) -> None:
        """End each when its time has come, as long as there is any."""
        while True:
            with self._changed:
                if not self._idle:
                    self._watch = None
                    return
                left_s = self._idle[0].idle_since + self._idle_s - time.monotonic()
                self._changed.wait(max(left_s, 0))
            self._drop(lambda each: time.monotonic() - each.idle_since >= self._idle_s)


def _end(over: Sequence[Environment]) -> None:
    for each in over:
        each.end(number=signal.SIGTERM, patience_s=END_S)


POOL: Final = Pool()
atexit.register(POOL.close)
os.register_at_fork(after_in_child=POOL.forget)
