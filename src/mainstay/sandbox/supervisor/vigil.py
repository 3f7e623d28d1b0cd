"""The vigil over servers that live and say nothing: a death is seen by a pidfd, a hang only by asking.

Each server is asked for a login every two seconds. Whatever it answers, a refusal too, is life; two logins in a row
that got no answer at all within their time are a hang. A silent server is fenced: it is killed with all its children,
and seen to be gone, before anything else happens. Its death is then repaired as any other: a primary's standby takes
over, a standby is dropped from what commits wait for and brought back. So no two primaries ever take writes.

Time without an answer is all that counts, and a loaded machine is slow without being dead: with sixteen busy processes
beside it on two cores a login took 49 ms in the median and 0.33 s at most of 418 (2026-11-21). Ten seconds are waited.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from mainstay.core.errors import MainstayError
from mainstay.engines.process import ProcessProof, terminate
from mainstay.sandbox.supervisor.house import House, log
from mainstay.sandbox.supervisor.runtime import Runtime

PACE_S: Final = 2.0
ANSWER_S: Final = 5  # whole seconds, and at least 2: libpq takes no other
ANSWER_VARIABLE: Final = "MAINSTAY_SANDBOX_ANSWER_S"
SILENCES: Final = 2
_WORKERS: Final = 8
_NEARLY: Final = 0.9  # drivers round their deadlines


@dataclass(slots=True)
class _Watched:
    """One server: the look under way, when the next is due, and how often its process was silent in a row."""

    looking: Future[None] | None = None
    due_at: float = 0.0
    proof: ProcessProof | None = None
    silences: int = 0


class Vigil:
    """Every server of a sandbox, by the DbiResourceId and letter."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._watched: dict[tuple[str, str], _Watched] = {}
        self._threads = ThreadPoolExecutor(_WORKERS, "vigil")
        self._answer_s = max(2, int(os.environ.get(ANSWER_VARIABLE) or ANSWER_S))

    def tick(self, runtime: Runtime) -> None:
        """Ask each server of a running instance when it is time and the last look has ended."""
        now = time.monotonic()
        for letter in runtime.servers:
            watched = self._watched.setdefault((runtime.resource, letter), _Watched())
            if now >= watched.due_at and (watched.looking is None or watched.looking.done()):
                watched.due_at = now + min(PACE_S, self._answer_s)
                watched.looking = self._threads.submit(self._look, runtime, letter, watched)

    def close(self) -> None:
        """Ask no more; a look under way ends by its own deadline."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _look(self, runtime: Runtime, letter: str, watched: _Watched) -> None:
        try:
            proof = self._house.cluster(runtime, letter).find_proof()
            if proof is None or not self._is_silent(runtime, letter):
                watched.silences = 0
                return
            watched.silences = watched.silences + 1 if watched.proof == proof else 1
            watched.proof = proof
            if watched.silences >= SILENCES:
                self._fence(runtime, letter, proof)
        except MainstayError as error:
            log.error("vigil over %s: %s", runtime.identifier, error)

    def _is_silent(self, runtime: Runtime, letter: str) -> bool:
        """Whether a login got no answer in time; one that was refused sooner was answered."""
        began = time.monotonic()
        try:
            with self._house.cluster(runtime, letter).session(timeout_s=self._answer_s):
                return False
        except MainstayError:
            return time.monotonic() - began >= self._answer_s * _NEARLY

    def _fence(self, runtime: Runtime, letter: str, proof: ProcessProof) -> None:
        """Kill a silent server, unless somebody is about to stop or has replaced it."""
        fresh = self._house.load(runtime.region, runtime.resource)
        if fresh is None or not fresh.is_up or letter not in fresh.servers:
            return
        if self._house.cluster(fresh, letter).find_proof() != proof:
            return
        role = "primary" if letter == fresh.primary else "standby"
        silent_s = SILENCES * self._answer_s
        log.warning("%s: its %s has not answered for %g s and is killed", fresh.identifier, role, silent_s)
        terminate(proof, "kill")
