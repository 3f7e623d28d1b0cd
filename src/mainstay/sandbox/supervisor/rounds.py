"""The thread for what goes on by itself and is in no hurry: replicated backups, and jobs of AWS Backup that end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from mainstay.sandbox.services.backup import settling
from mainstay.sandbox.supervisor.house import House, log
from mainstay.sandbox.supervisor.replications import replicate

PACE_S: Final = 0.5


def end_jobs(house: House) -> None:
    """End the jobs of AWS Backup whose snapshot or instance is ready, so that whoever waits for the event is told."""
    with house.state.reading("") as tx:
        regions = settling.regions_at_work(tx)
    for region in regions:
        with house.state.transaction(region) as tx:
            settling.settle(tx)


ROUNDS: Final[tuple[Callable[[House], None], ...]] = (replicate, end_jobs)


class Rounds:
    """Goes round at a steady pace until the supervisor ends; a round that fails is tried again in the next."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._thread = threading.Thread(target=self._run, name="rounds", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait until the present round is done."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._house.stopping.wait(PACE_S):
            for go in ROUNDS:
                try:
                    go(self._house)
                except Exception:  # noqa: BLE001  a defect in one round must not stop the others; it is logged whole
                    log.exception("round %s", go.__name__)
