from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mainstay.core.errors import AnswerIsNo, EnvironmentLacking
from mainstay.engines import snapshots
from mainstay.engines.identity import engine_identity
from mainstay.engines.snapshots import Snapshot, copy_checked, sums, verify_sums, write_marker

WAIT_S = 60


def test_a_copy_runs_beside_its_check() -> None:
    both = threading.Barrier(2)

    def copy() -> int:
        both.wait(WAIT_S)  # one after the other would never meet
        return 7

    def check() -> None:
        both.wait(WAIT_S)

    assert copy_checked(copy, check) == 7


def damaged() -> None:
    raise AnswerIsNo("snapshot is damaged")


def full() -> int:
    raise EnvironmentLacking("no space left")


def test_nothing_is_copied_for_use_when_the_check_says_no() -> None:
    with pytest.raises(AnswerIsNo, match="damaged"):
        copy_checked(lambda: 7, damaged)
    with pytest.raises(EnvironmentLacking, match="no space"):
        copy_checked(full, lambda: None)
    with pytest.raises(AnswerIsNo, match="damaged"):
        copy_checked(full, damaged)


def test_each_file_has_to_be_what_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "CHUNK_BYTES", 4)
    data = tmp_path / "data"
    (data / "below").mkdir(parents=True)
    for name in ("first", "below/second"):
        (data / name).write_bytes(b"longer than a chunk")
    assert sums(data)["first"] == sums(data)["below/second"]
    write_marker(tmp_path, {"files": sums(data)}, engine_identity())
    snapshot = Snapshot(tmp_path, datetime(2026, 1, 1, tzinfo=UTC), 38, "10.11.19")
    verify_sums(snapshot)
    (data / "first").write_bytes(b"longer than a chumk")
    (data / "below/second").unlink()
    (data / "third").touch()
    with pytest.raises(AnswerIsNo) as told:
        verify_sums(snapshot)
    assert told.value.detail.splitlines() == [f"{tmp_path}:", "below/second", "first", "third"]
