"""The bench of failovers: one real kill under load, with nothing left behind, and the tables that it prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bench.failover.beside import Written
from bench.failover.running import run
from bench.failover.table import Measured, goals

from mainstay.engines.identity import DATA_ROOT_VARIABLE, data_home, engine_identity
from mainstay.engines.orphans import find_by_directory


def test_a_kill_under_load_loses_nothing_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = data_home(tmp_path / "root", engine_identity())
    monkeypatch.setenv(DATA_ROOT_VARIABLE, str(root))
    monkeypatch.setattr("bench.failover.running.WARM_S", 0.3)
    run(kills=1, commits=1, others=0, engines=("PostgreSQL",))
    told = capsys.readouterr().out
    [row] = [line for line in told.splitlines() if line.startswith("| PostgreSQL: kill -9 |")]
    _, _, runs, direct, through, acknowledged, lost, _, _ = (cell.strip() for cell in row.split("|"))
    assert (runs, lost) == ("1", "0")
    assert direct != "-" != through
    assert int(acknowledged.replace(",", "")) > 100
    assert "| none of 500,000 acknowledged commits lost | 0 of" in told
    assert find_by_directory(root, engine_identity()) == []
    assert [path for path in root.iterdir() if path.name.startswith("tmp")] == []


def way(name: str, outage_s: float, lost: int = 0) -> dict[str, Any]:
    return {"name": name, "outage_s": outage_s, "acknowledged": 100, "lost": lost, "in_doubt": 2}


@pytest.mark.parametrize(
    ("outages", "lost", "beside", "held"),
    [
        ((0.1, 0.1, 0.5), 0, 499_400, ["yes", "yes", "yes"]),
        ((0.1, 0.101, 0.5), 0, 499_400, ["**no**", "yes", "yes"]),
        ((0.1, 0.1, 0.501), 0, 499_400, ["yes", "**no**", "yes"]),
        ((0.1, 0.1, 0.5), 0, 499_399, ["yes", "yes", "**no**"]),
        ((0.1, 0.1, 0.5), 1, 499_400, ["yes", "yes", "**no**"]),
    ],
)
def test_goals_are_held_up_to_their_bounds(outages: tuple[float, ...], lost: int, beside: int, held: list[str]) -> None:
    rounds = [{"routes": [way("direct", seconds), way("front", 9.0, lost)]} for seconds in outages]
    measured = Measured("kill", rounds, Written(beside, 0, 5))
    assert [line.split(" | ")[-1].removesuffix(" |") for line in goals(measured)] == held
    assert measured.in_doubt == 17


def test_a_fault_without_a_proxy_has_no_figure_there() -> None:
    assert "| - |" in Measured("kill", [{"routes": [way("direct", 0.1)]}]).row()
