"""A disk as slow as RDS's for the bench: what is limited is named, and nothing of the limit stays."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.drill import storage
from bench.drill.storage import device_of, reading_at

from mainstay.core.errors import EnvironmentLacking


@pytest.fixture
def sleeper() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.kill()


def groups_of(process: int) -> str:
    return Path(f"/proc/{process}/cgroup").read_text()


def test_a_process_is_limited_and_let_go_again(tmp_path: Path, sleeper: int) -> None:
    before = groups_of(sleeper)
    try:
        with reading_at(125, tmp_path) as slow:
            slow(sleeper)
            assert "mainstay-bench-" in groups_of(sleeper)
    except EnvironmentLacking as lacking:
        pytest.skip(f"{lacking.summary}: {lacking.detail}")
    assert groups_of(sleeper) == before


def test_where_no_limit_can_be_set_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_FIRST", tmp_path / "none")
    monkeypatch.setattr(storage, "_SECOND", tmp_path / "none" / "either")
    with pytest.raises(EnvironmentLacking, match="no limit on reads here"), reading_at(125, tmp_path):
        pass


def test_a_device_is_a_whole_disk_by_its_numbers() -> None:
    major, minor = device_of(Path("/")).split(":")
    block = Path("/sys/dev/block", f"{major}:{minor}")
    assert not (block / "partition").exists()
    assert minor.isdecimal()
