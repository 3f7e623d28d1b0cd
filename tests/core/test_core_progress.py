"""A listener that keeps nothing."""

from __future__ import annotations

import pytest

from mainstay.core.progress import Progress, Silent


def test_silence_is_a_progress_that_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    listener: Progress = Silent()
    listener.step(1, 2, "create")
    listener.note("created")
    listener.tick("waiting 3 s")
    assert capsys.readouterr() == ("", "")
