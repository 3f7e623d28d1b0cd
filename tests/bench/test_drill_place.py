"""The place of the drill's bench: it leaves nothing behind, and does not begin what the disk cannot hold."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from bench.drill.place import MIB, place, show_ratio

from mainstay.engines.binaries import find_postgres
from mainstay.engines.identity import engine_identity
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.ports import reserve_internal
from mainstay.engines.postgres.cluster import Cluster


def test_an_interrupted_run_leaves_no_server_and_no_file() -> None:
    seen: list[Path] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted(seen)
    (root,) = seen
    assert not root.exists()
    assert find_by_directory(root, engine_identity()) == []


def interrupted(seen: list[Path]) -> None:
    with place(1) as (root, identity):
        seen.append(root)
        with reserve_internal() as reserved:
            binaries = find_postgres(17, identity=identity)
            server = Cluster(root / "c", reserved.host, reserved.port, binaries, identity)
        server.initialise("owner", "pw")
        server.configure({"shared_buffers": "16MB"})
        server.start()
        assert find_by_directory(root, identity)
        raise KeyboardInterrupt


def test_a_disk_without_room_is_said_before_anything_begins() -> None:
    free = shutil.disk_usage("/").total // MIB
    with pytest.raises(SystemExit, match="ask for less with `--mib`"), place(free):
        pass


def test_ratios_are_of_pairs(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_ratio("of it", [1.0, 9.0, 2.0], [2.0, 3.0, 4.0], "0.5") == 0.5
    assert "goal 0.5" in capsys.readouterr().out
