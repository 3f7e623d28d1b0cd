"""Progress: a spinner for a terminal, a line now and then for a log; texts are never taken for markup."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from mainstay.cli.progress import ConsoleProgress


def console(*, is_terminal: bool = False) -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, force_terminal=is_terminal, width=80, no_color=True, soft_wrap=True), text


def test_steps_and_notes_are_lines_with_their_brackets() -> None:
    screen, text = console()
    with ConsoleProgress(screen) as progress:
        progress.step(2, 7, "compile [it]")
        progress.note("wrote [bold]x")
    assert "[2/7] compile [it]" in text.getvalue()
    assert "· wrote [bold]x" in text.getvalue()


def test_a_log_hears_of_a_wait_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, text = console()
    now = [100.0]
    monkeypatch.setattr("mainstay.cli.progress.time.monotonic", lambda: now[0])
    progress = ConsoleProgress(screen)
    for second in range(11):
        now[0] = 100.0 + second
        progress.tick(f"waited {second}")
    assert [line.split()[-1] for line in text.getvalue().splitlines()] == ["0", "5", "10"]


def test_a_terminal_has_a_spinner_that_goes() -> None:
    screen, text = console(is_terminal=True)
    with ConsoleProgress(screen) as progress:
        progress.tick("waiting")
        progress.tick("waiting [b]")
        progress.note("done")
    assert "waiting [b]" in text.getvalue()
    assert "\x1b[?25h" in text.getvalue(), "the cursor is shown again"
