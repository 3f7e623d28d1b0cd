"""What services do by themselves: functions are called for waiting events and rotations, schedules come round.

One thread looks; each call has a thread of its own, a few at once, because it lasts as long as the function does.
What a call is about stays in the state until it has ended, so a supervisor that was killed makes it again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from mainstay.core.errors import MainstayError
from mainstay.sandbox.lambda_launch import Invocation
from mainstay.sandbox.services import alarm_states, events, rotation
from mainstay.sandbox.services.backup import restore_tests
from mainstay.sandbox.services.functions import queue
from mainstay.sandbox.services.functions.calls import Call, run, tell
from mainstay.sandbox.state import State, Transaction
from mainstay.sandbox.supervisor.house import House, log

MOST_AT_ONCE: Final = 4
PAUSE_S: Final = 0.02
IDLE_S: Final = 0.5
CHORES_S: Final = 1.0

Chore = Callable[[Transaction], None]
CHORES: Final[tuple[Chore, ...]] = (
    events.fire_scheduled,
    rotation.begin_scheduled,
    restore_tests.begin_due,
    restore_tests.follow,
    # After everything that may have written a metric.
    alarm_states.judge_all,
)
"""Short work in every region, once a second."""


@dataclass(frozen=True, slots=True)
class Calls:
    """One kind of call: which are due, how one begins (None: not to be made), and what its end means."""

    due: Callable[[Transaction], list[str]]
    begin: Callable[[Transaction, str], Call | None]
    end: Callable[[Transaction, str, Call, Invocation], None]


KINDS: Final[Mapping[str, Calls]] = {
    "event": Calls(queue.due, queue.begin, queue.end),
    "rotation": Calls(rotation.due, rotation.begin_step, rotation.end_step),
}

Errand = tuple[str, str, str]
"""Kind, region, and what the kind calls it."""


def due(state: State) -> list[Errand]:
    """Every call that is to be made now, in every region."""
    found: list[Errand] = []
    for region in state.regions():
        with state.reading(region) as tx:
            found += [(kind, region, each) for kind, calls in KINDS.items() for each in calls.due(tx)]
    return found


def do_chores(state: State) -> None:
    """Whatever comes round by itself."""
    for region in state.regions():
        with state.transaction(region) as tx:
            for chore in CHORES:
                chore(tx)


def carry_out(state: State, errand: Errand) -> None:
    """Make one call, and write down how it ended. The function runs in no transaction."""
    kind, region, identifier = errand
    with state.transaction(region) as tx:
        call = KINDS[kind].begin(tx, identifier)
    if call is None:
        return
    done = run(call, state.directory, region)
    with state.transaction(region) as tx:
        tell(tx, call, done)
        KINDS[kind].end(tx, identifier, call, done)


class Errands:
    """The thread that looks, and those that call."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="errands", daemon=True)
        self._under_way: dict[Errand, threading.Thread] = {}
        self._chores_at = 0.0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Something was written: look again."""
        self._wake.set()

    def join(self, timeout_s: float) -> None:
        """Wait until the present calls are done; those that are not by then are made again next time."""
        deadline = time.monotonic() + timeout_s
        self._wake.set()
        for thread in (self._thread, *self._under_way.values()):
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        while not self._house.stopping.is_set():
            try:
                self._look()
            except MainstayError as error:
                log.warning("errands: %s", error)
            except Exception:  # noqa: BLE001  a defect in one errand must not stop the others; it is logged whole
                log.exception("errands")
            self._house.stopping.wait(PAUSE_S)
            self._wake.wait(IDLE_S)
            self._wake.clear()

    def _look(self) -> None:
        if time.monotonic() - self._chores_at >= CHORES_S:
            self._chores_at = time.monotonic()
            do_chores(self._house.state)
        self._under_way = {errand: thread for errand, thread in self._under_way.items() if thread.is_alive()}
        for errand in due(self._house.state):
            if errand not in self._under_way and len(self._under_way) < MOST_AT_ONCE:
                thread = threading.Thread(target=self._call, args=(errand,), name=f"call-{errand[0]}", daemon=True)
                self._under_way[errand] = thread
                thread.start()

    def _call(self, errand: Errand) -> None:
        try:
            carry_out(self._house.state, errand)
        except MainstayError as error:
            log.warning("call %s: %s", errand, error)
            self._house.stopping.wait(CHORES_S)
        except Exception:  # noqa: BLE001  see _run; the call stays due, and is made again after a pause
            log.exception("call %s", errand)
            self._house.stopping.wait(CHORES_S)
        self._wake.set()
