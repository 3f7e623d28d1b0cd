"""How long a server may be silent is a setting with bounds; what the vigil does is in test_failover."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay import sandbox
from mainstay.core.errors import InputRefused
from mainstay.sandbox.supervisor.vigil import patience_s

VARIABLE = "MAINSTAY_SANDBOX_PATIENCE_S"


@pytest.mark.parametrize(("asked", "seconds"), [("", 3), ("1", 1), ("2.5", 2.5), ("600", 600)])
def test_patience_is_three_seconds_or_what_is_asked(
    monkeypatch: pytest.MonkeyPatch, asked: str, seconds: float
) -> None:
    monkeypatch.setenv(VARIABLE, asked)
    assert patience_s() == seconds


@pytest.mark.parametrize("asked", ["0.99", "600.1", "-3", "soon", "nan", "inf"])
def test_other_patience_is_refused_before_a_supervisor_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, asked: str
) -> None:
    monkeypatch.setenv(VARIABLE, asked)
    with pytest.raises(InputRefused, match="no such patience") as stop:
        sandbox.up(tmp_path / "box")
    assert stop.value.detail == f"{VARIABLE} is '{asked}'."
    assert "use 1 to 600 seconds" in str(stop.value.hint)
    assert not (tmp_path / "box" / "supervisor.json").exists()
