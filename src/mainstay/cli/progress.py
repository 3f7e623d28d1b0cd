"""Progress on standard error: numbered steps, lines worth keeping, and what is being waited for."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.status import Status

# Where nobody watches a spinner (a log file, CI), a wait still shows that it is alive, this often.
_QUIET_PACE_S = 5.0


class ConsoleProgress:
    """A listener for a person at a terminal, or for a log file. Use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None
        self._started = time.monotonic()
        self._last_tick = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    def step(self, number: int, total: int, name: str) -> None:
        """`[2/7] name`, with the seconds since the command began."""
        self._clear()
        at = f"{time.monotonic() - self._started:6.1f} s"
        self._console.print(
            f"[dim]{at}[/dim]  [bold cyan]\\[{number}/{total}][/bold cyan] {escape(name)}", highlight=False
        )

    def note(self, text: str) -> None:
        """A line under the current step."""
        self._clear()
        self._console.print(f"          [dim]·[/dim] {escape(text)}", highlight=False, soft_wrap=True)

    def tick(self, text: str) -> None:
        """A spinner with a sentence; without a terminal a line now and then."""
        if self._console.is_terminal:
            if self._status is None:
                self._status = self._console.status("", spinner="dots")
                self._status.start()
            self._status.update(escape(text))
        elif time.monotonic() - self._last_tick >= _QUIET_PACE_S:
            self._last_tick = time.monotonic()
            self._console.print(f"          … {escape(text)}", highlight=False, soft_wrap=True)

    def _clear(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None
