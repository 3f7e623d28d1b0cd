"""The vigil over servers that live and say nothing: a death is seen by a pidfd, a hang only by asking.

Each server is asked for a login every second. Whatever it answers, a refusal too, is life; no answer at all for as long
as the patience lasts is a hang. A silent server is fenced: it is killed with all its children, and seen to be gone,
before anything else happens. Its death is then repaired as any other: a primary's standby takes over, a standby is
dropped from what commits wait for and brought back. So no two primaries ever take writes.

A standby that answers may still not follow: its receiver hangs, and commits wait for ever. So the primary is asked how
far the standby has come while commits wait for more; when that stays the same for as long, the standby is killed.

Only time in which this process was given the processor counts: a machine that stands still, or has no time for
anybody, makes every server silent, and none of them dead.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from mainstay.core.errors import InputRefused, MainstayError
from mainstay.engines.process import ProcessProof, terminate
from mainstay.sandbox.supervisor import servers
from mainstay.sandbox.supervisor.house import House, log
from mainstay.sandbox.supervisor.runtime import Runtime

PACE_S: Final = 1.0
PATIENCE_S: Final = 3.0
PATIENCE_VARIABLE: Final = "MAINSTAY_SANDBOX_PATIENCE_S"
LEAST_S: Final = 1.0
# The loop comes round every 20 ms; what a longer pause has more than this did not happen to us alone.
BEAT_S: Final = 0.1
GRACE_S: Final = 2.0  # a look lasts longer than the patience, which is counted apart
STREAM: Final = "stream"
SILENT: Final = "has not answered for"
UNFOLLOWING: Final = "has acknowledged nothing for"
_WORKERS: Final = 64  # threads are made as they are needed; looks at servers that hang must not keep others waiting
LONGEST_S: Final = 600.0


@dataclass(slots=True)
class _Watched:
    """One server, or the stream between the two: the look under way, when the next is due, and what was seen last.

    `began_at` and `marked_at` are readings of the vigil's own clock.
    """

    look: Future[None] | None = None
    due_at: float = 0.0
    began_at: float = math.inf
    proof: ProcessProof | None = None
    mark: str | None = None
    marked_at: float = 0.0


def patience_s() -> float:
    """How long a server may be silent, in seconds: 3, or what MAINSTAY_SANDBOX_PATIENCE_S says. Error: InputRefused."""
    asked = os.environ.get(PATIENCE_VARIABLE) or str(PATIENCE_S)
    try:
        seconds = float(asked)
    except ValueError:
        seconds = math.nan
    if LEAST_S <= seconds <= LONGEST_S:
        return seconds
    raise InputRefused(
        "no such patience",
        detail=f"{PATIENCE_VARIABLE} is '{asked}'.",
        hint=f"use {LEAST_S:g} to {LONGEST_S:g} seconds, or leave it out for {PATIENCE_S:g}",
    )


class Vigil:
    """Every server of a sandbox, by the DbiResourceId and letter, and every stream."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._watched: dict[tuple[str, str], _Watched] = {}
        self._threads = ThreadPoolExecutor(_WORKERS, "vigil")
        self._patience_s = patience_s()
        self._awake_s = 0.0
        self._ticked_at = time.monotonic()

    def tick(self, runtime: Runtime) -> None:
        """Begin the looks of a running instance that are due, and give up on servers that were silent for too long."""
        now = time.monotonic()
        self._awake_s += min(now - self._ticked_at, BEAT_S)
        self._ticked_at = now
        for letter in runtime.servers:
            watched = self._attend(runtime, letter, self._log_in, letter, now)
            if self._awake_s - watched.began_at >= self._patience_s:
                watched.began_at = math.inf  # once
                why = f"{SILENT} {self._patience_s:g} s"
                self._threads.submit(self._fence, runtime, letter, watched.proof, why)
        if runtime.standby is not None and not runtime.lacks_standby:
            self._attend(runtime, STREAM, self._follow_stream, runtime.standby, now)

    def close(self) -> None:
        """Ask no more; a look under way ends by its own deadline."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _attend(
        self, runtime: Runtime, what: str, look: Callable[[Runtime, str, _Watched], None], letter: str, now: float
    ) -> _Watched:
        watched = self._watched.setdefault((runtime.resource, what), _Watched())
        if now >= watched.due_at and (watched.look is None or watched.look.done()):
            watched.due_at = now + PACE_S
            watched.look = self._threads.submit(self._look, look, runtime, letter, watched)
        return watched

    def _look(
        self, look: Callable[[Runtime, str, _Watched], None], runtime: Runtime, letter: str, watched: _Watched
    ) -> None:
        """Ask, in a thread, a server that runs; of another process than last time nothing is known."""
        try:
            proof = self._house.cluster(runtime, letter).find_proof()
            if proof is None or proof != watched.proof:
                watched.proof, watched.began_at, watched.mark = proof, math.inf, None
            if proof is not None:
                look(runtime, letter, watched)
            elif letter == runtime.primary:
                self._clear_the_way(runtime)
        except MainstayError as error:
            watched.mark = None
            log.debug("vigil over %s: %s", runtime.identifier, error)

    def _log_in(self, runtime: Runtime, letter: str, watched: _Watched) -> None:
        """Ask for a login; an error is an answer, unless it only says that none came."""
        watched.began_at, began = min(watched.began_at, self._awake_s), time.monotonic()
        try:
            with self._house.cluster(runtime, letter).session(timeout_s=self._patience_s + GRACE_S):
                pass
        except MainstayError:
            if time.monotonic() - began >= self._patience_s:
                return
        watched.began_at = math.inf

    def _follow_stream(self, runtime: Runtime, letter: str, watched: _Watched) -> None:
        """Give the standby up when commits wait for it and it has come no further, by the primary's own word."""
        house, primary, standby = self._house, self._house.cluster(runtime), self._house.cluster(runtime, letter)
        mark = house.engine(runtime).unacknowledged(primary, standby, servers.STANDBY_NAME)
        if mark is None or mark != watched.mark:
            watched.mark, watched.marked_at = mark, self._awake_s
        elif self._awake_s - watched.marked_at >= self._patience_s:
            watched.mark = None
            self._fence(runtime, letter, watched.proof, f"{UNFOLLOWING} {self._patience_s:g} s while commits wait")

    def _clear_the_way(self, runtime: Runtime) -> None:
        """End a standby whose start is waited for while its primary is dead: it could not take over anyway."""
        fresh = self._house.load(runtime.region, runtime.resource)
        if fresh is None or fresh.standby not in fresh.servers or not fresh.lacks_standby:
            return
        if self._house.cluster(fresh).find_proof() is None:
            proof = self._house.cluster(fresh, fresh.standby).find_proof()
            self._fence(fresh, fresh.standby, proof, "is in the way of its dead primary")

    def _fence(self, runtime: Runtime, letter: str, proof: ProcessProof | None, why: str) -> None:
        """Kill a silent server, unless somebody is about to stop or has replaced it."""
        fresh = self._house.load(runtime.region, runtime.resource)
        if proof is None or fresh is None or not fresh.is_up or letter not in fresh.servers:
            return
        if fresh.primary != runtime.primary:
            return
        if self._house.cluster(fresh, letter).find_proof() != proof:
            return
        role = "primary" if letter == fresh.primary else "standby"
        log.warning("%s: its %s %s and is killed", fresh.identifier, role, why)
        try:
            terminate(proof, "kill")
        except MainstayError as error:
            log.error("vigil over %s: %s", runtime.identifier, error)
