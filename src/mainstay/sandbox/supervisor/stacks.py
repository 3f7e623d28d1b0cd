"""The thread that drives CloudFormation stacks whose operation is under way."""

from __future__ import annotations

import threading
from typing import Final

from mainstay.core.errors import MainstayError
from mainstay.sandbox.supervisor.house import House, log

STACK: Final = "cfn:stack"
PAUSE_S: Final = 0.01
IDLE_S: Final = 0.5


class Stacks:
    """Advances every stack in progress, one step at a time, in turn."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stacks", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Something was written: look again."""
        self._wake.set()

    def join(self, timeout_s: float) -> None:
        """Wait until the present step is done."""
        self._wake.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._house.stopping.is_set():
            found = self._in_progress()
            for stack_id, region in found:
                self._advance(stack_id, region)
            self._wake.wait(PAUSE_S if found else IDLE_S)
            self._wake.clear()

    def _in_progress(self) -> list[tuple[str, str]]:
        try:
            with self._house.state.reading("") as tx:
                stacks = tx.all(STACK, every_region=True)
        except MainstayError as error:
            log.warning("stacks: %s", error)
            return []
        return [(stack["StackId"], stack["StackId"].split(":")[3]) for stack in stacks if stack.get("_operation")]

    def _advance(self, stack_id: str, region: str) -> None:
        # Imported when the first stack comes: it pulls in the whole of the formats.
        from mainstay.sandbox.cloudformation import engine  # noqa: PLC0415  lazy, see above

        try:
            engine.advance(self._house.state, stack_id, region)
        except Exception:  # noqa: BLE001  a defect in one stack must not stop the others; it is logged whole
            log.exception("stack %s", stack_id)
            self._house.stopping.wait(IDLE_S)
