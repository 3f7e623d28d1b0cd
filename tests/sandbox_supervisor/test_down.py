"""Down takes everything away, whatever happened before, and touches nothing else."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mainstay import sandbox
from mainstay.core.errors import InputRefused
from mainstay.engines.identity import engine_identity
from mainstay.engines.orphans import find_by_directory
from mainstay.sandbox.lifecycle import supervisors
from mainstay.sandbox.supervisor.layout import Layout

if TYPE_CHECKING:
    from tests.sandbox_supervisor.conftest import Box


def nothing_left(layout: Layout) -> bool:
    is_gone = not layout.directory.exists() and not layout.data.exists()
    return is_gone and not supervisors(layout) and not find_by_directory(layout.data, engine_identity())


def test_down_after_everything_was_killed(fresh_box: Box) -> None:
    fresh_box.create("gone", MultiAZ=True)
    layout = Layout.load(fresh_box.directory)
    servers = fresh_box.status("gone").servers
    fresh_box.kill_supervisor()
    os.kill(servers[0].pid, signal.SIGKILL)
    inventory = sandbox.down(fresh_box.directory)
    assert nothing_left(layout)
    assert any(str(servers[1].pid) in each for each in inventory.stopped)
    assert layout.data in inventory.removed
    assert inventory.kept == ()


def test_down_in_the_middle_of_creating(fresh_box: Box) -> None:
    fresh_box.rds.create_db_instance(
        DBInstanceIdentifier="early", Engine="postgres", DBInstanceClass="db.t4g.micro", AllocatedStorage=20,
        MasterUsername="master", MasterUserPassword="correct-horse-battery",
    )  # fmt: skip
    layout = Layout.load(fresh_box.directory)
    sandbox.down(fresh_box.directory)
    assert nothing_left(layout)


def test_down_with_a_damaged_state(fresh_box: Box) -> None:
    fresh_box.create("lost", BackupRetentionPeriod=0)
    layout = Layout.load(fresh_box.directory)
    fresh_box.kill_supervisor()
    (fresh_box.directory / "state.db").write_bytes(b"half a page of rubbish" * 100)
    sandbox.down(fresh_box.directory)
    assert nothing_left(layout)


def test_down_leaves_what_is_not_its_own(fresh_box: Box) -> None:
    notes = fresh_box.directory / "notes.txt"
    notes.write_text("mine")
    inventory = sandbox.down(fresh_box.directory)
    assert inventory.kept == (notes.resolve(),)
    assert notes.read_text() == "mine"
    shutil.rmtree(fresh_box.directory)


@pytest.mark.parametrize("marker", [None, "{}", '{"sandbox": "/somewhere/else", "data": "/", "version": 1}'])
def test_down_refuses_what_is_no_sandbox(tmp_path: Path, marker: str | None) -> None:
    directory = tmp_path / "precious"
    directory.mkdir()
    (directory / "thesis.txt").write_text("years of work")
    if marker is not None:
        (directory / "sandbox.json").write_text(marker)
    with pytest.raises(InputRefused, match="not a sandbox"):
        sandbox.down(directory)
    assert (directory / "thesis.txt").read_text() == "years of work"


def test_down_does_not_remove_foreign_data(tmp_path: Path) -> None:
    directory, precious = tmp_path / "box", tmp_path / "precious"
    directory.mkdir()
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work")
    marker = {"sandbox": str(directory.resolve()), "data": str(precious), "version": 1}
    (directory / "sandbox.json").write_text(json.dumps(marker))
    with pytest.raises(Exception, match="not gone"):
        sandbox.down(directory)
    assert (precious / "thesis.txt").exists()


def test_down_that_was_cut_short_is_finished(fresh_box: Box) -> None:
    layout = Layout.load(fresh_box.directory)
    fresh_box.kill_supervisor()
    for each in (*layout.data.iterdir(), *layout.directory.iterdir()):
        if each.name != "sandbox.json" or each.parent == layout.data:
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    sandbox.down(fresh_box.directory)
    assert nothing_left(layout)


def test_down_twice_is_harmless(tmp_path: Path) -> None:
    assert sandbox.down(tmp_path / "never").removed == ()


def test_supervisor_ends_with_its_directory(fresh_box: Box) -> None:
    fresh_box.create("orphan", BackupRetentionPeriod=0)
    layout = Layout.load(fresh_box.directory)
    shutil.rmtree(fresh_box.directory)
    deadline = time.monotonic() + 60
    while not nothing_left(layout) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert nothing_left(layout)
