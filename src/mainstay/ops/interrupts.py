"""Ctrl-C and SIGTERM: held back while a call is under way, so that its answer still reaches the journal.

The first signal stops an operation after the current call; a second one stops it at once, and the journal then
holds a call that was begun and not answered, which the next run looks up.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class _Gate:
    """How many shields are up in the main thread, and whether a signal waits behind them."""

    def __init__(self) -> None:
        self.shields = 0
        self.is_waiting = False

    def arrive(self, _number: int, _frame: FrameType | None) -> None:
        """A signal: through at once, unless it is the first one behind a shield."""
        if self.shields and not self.is_waiting:
            self.is_waiting = True
            return
        self.is_waiting = False
        raise KeyboardInterrupt

    def stop_if_due(self) -> None:
        """Let a signal through that waited, once no shield is up."""
        if self.is_waiting and not self.shields:
            self.is_waiting = False
            raise KeyboardInterrupt


_gate: Final = _Gate()


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextmanager
def catching_signals() -> Iterator[None]:
    """SIGINT and SIGTERM as KeyboardInterrupt while it lasts. Off the main thread signals are not ours to catch."""
    if not _is_main_thread():
        yield
        return
    before = [(number, signal.signal(number, _gate.arrive)) for number in _SIGNALS]
    try:
        yield
    finally:
        _gate.is_waiting = False
        for number, handler in before:
            signal.signal(number, handler)


@contextmanager
def shield() -> Iterator[None]:
    """Hold the first signal back until the end of the block, which is where KeyboardInterrupt then comes from.

    A block that fails tells its own error; the signal then stops whatever would be shielded next.
    """
    if not _is_main_thread():
        yield
        return
    _gate.stop_if_due()
    _gate.shields += 1
    try:
        yield
    finally:
        _gate.shields -= 1
    _gate.stop_if_due()
