from __future__ import annotations

import json
import os
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mainstay.core.errors import EnvironmentLacking, NotFound, TargetRefused
from mainstay.ops.journal import Journal

Fixture = Any  # fixtures of conftest


def test_a_line_is_on_disk_before_the_call_and_another_one_after(tmp_path: Path, clock: Fixture) -> None:
    run = Journal(tmp_path / "journal", clock).begin("restore", "shop-restored", source="shop")
    path = tmp_path / "journal" / f"{run.id}.jsonl"
    with run.acting("rds:RestoreDBInstanceToPointInTime", target="shop-restored"):
        during = [json.loads(line) for line in path.read_text().splitlines()]
    after = [json.loads(line) for line in path.read_text().splitlines()]
    assert [entry["event"] for entry in during] == ["begun", "about to"]
    assert during[-1]["target"] == "shop-restored"
    assert [entry["event"] for entry in after] == ["begun", "about to", "done"]
    assert after[0]["at"] == "2026-11-20T14:00:00.000000Z"


def test_only_its_owner_reads_it(tmp_path: Path, clock: Fixture) -> None:
    run = Journal(tmp_path / "journal", clock).begin("deploy", "shop")
    assert stat.S_IMODE((tmp_path / "journal").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "journal" / f"{run.id}.jsonl").stat().st_mode) == 0o600


def test_a_failed_call_is_written_with_its_reason_and_goes_on_up(tmp_path: Path, clock: Fixture) -> None:
    run = Journal(tmp_path, clock).begin("deploy", "shop")
    with pytest.raises(TargetRefused), run.acting("cloudformation:CreateChangeSet"):
        raise TargetRefused("refused", detail="no such parameter")
    assert run.entries[-1]["event"] == "failed"
    assert run.fact("reason") == "refused"


def test_a_line_cut_off_by_a_crash_is_dropped_and_the_next_one_stands_alone(tmp_path: Path, clock: Fixture) -> None:
    journal = Journal(tmp_path, clock)
    run = journal.begin("deploy", "shop")
    path = tmp_path / f"{run.id}.jsonl"
    with path.open("a") as file:
        file.write('{"at": "2026-11-20T14:00:01Z", "event": "about t')
    again = journal.run(run.id)
    assert [entry["event"] for entry in again.entries] == ["begun"]
    again.write("step", number=1)
    assert [entry["event"] for entry in journal.run(run.id).entries] == ["begun", "step"]


def test_what_was_not_finished_is_resumed_and_what_was_is_not(tmp_path: Path, clock: Fixture) -> None:
    journal = Journal(tmp_path, clock)
    first = journal.begin("restore", "target", point="latest")
    journal.begin("restore", "another", point="latest")
    assert journal.resume_or_begin("restore", "target", point="latest").id == first.id
    assert journal.resume_or_begin("restore", "target", point="2026-11-20T13:00:00Z").id != first.id
    first.finish("restored")
    assert journal.run(first.id).is_finished
    assert journal.resume_or_begin("restore", "target", point="latest").id != first.id


def test_an_unknown_run_and_a_path_are_not_found(tmp_path: Path, clock: Fixture) -> None:
    journal = Journal(tmp_path, clock)
    (tmp_path / "empty.jsonl").touch()
    for name in ("20261120t140000z-abcdef", "../etc/passwd", ""):
        with pytest.raises(NotFound):
            journal.run(name)
    assert journal.runs() == []


def test_a_disk_that_takes_nothing_stops_before_the_call(tmp_path: Path, clock: Fixture) -> None:
    run = Journal(tmp_path, clock).begin("deploy", "shop")
    path = tmp_path / f"{run.id}.jsonl"
    path.unlink()
    path.mkdir()  # nothing can be appended to a directory, not even by root
    called = False
    with pytest.raises(EnvironmentLacking) as stop, run.acting("cloudformation:DeleteStack"):
        called = True
    assert not called
    assert str(path) in stop.value.detail


def test_what_is_no_entry_is_not_read(tmp_path: Path, clock: Fixture) -> None:
    (tmp_path / "x.jsonl").write_text("[1]\n17\n")
    assert Journal(tmp_path, clock).runs() == []


def test_what_lies_beside_the_lines_is_read_whole_or_not_at_all_and_goes_with_the_run(
    tmp_path: Path, clock: Fixture
) -> None:
    run = Journal(tmp_path, clock).begin("drill", "shop")
    assert run.kept("found") is None
    run.keep("found", "early")
    run.keep("found", "zwölf\nlines")
    path = tmp_path / f"{run.id}.found.kept"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (run.kept("found"), run.kept("other")) == ("zwölf\nlines", None)
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole + b" ", whole[20:], b"\xff" + whole):
        path.write_bytes(damaged)
        assert run.kept("found") is None
    (tmp_path / f"{run.id}.found.kept.partial").mkdir()
    with pytest.raises(EnvironmentLacking, match="cannot be kept"):
        run.keep("found", "late")
    (tmp_path / f"{run.id}.found.kept.partial").rmdir()
    run.finish("PROVEN")
    assert [one.name for one in tmp_path.iterdir()] == [f"{run.id}.jsonl"]


def test_calls_are_known_by_how_their_names_begin(tmp_path: Path, clock: Fixture) -> None:
    run = Journal(tmp_path, clock).begin("drill", "shop")
    with run.acting("rds:RestoreDBInstanceToPointInTime", target="a"):
        pass
    assert [one["target"] for one in run.calls("rds:RestoreDB")] == ["a"]
    assert run.calls("rds:DeleteDB") == []


def test_a_run_shows_life_between_two_lines_and_not_in_the_future(tmp_path: Path, clock: Fixture) -> None:
    run = Journal(tmp_path, clock).begin("drill", "shop")
    begun, path = clock.now(), tmp_path / f"{run.id}.jsonl"
    assert run.heard_at() == begun  # the file is of today, and the clock of long ago
    clock.sleep(60)
    for seen, heard in ((begun + timedelta(seconds=40), 40), (begun - timedelta(seconds=9), 0)):
        os.utime(path, (seen.timestamp(), seen.timestamp()))
        assert run.heard_at() == begun + timedelta(seconds=heard)
    run.show_life()
    assert path.stat().st_mtime > (begun + timedelta(seconds=60)).timestamp()
    path.unlink()
    run.show_life()
    assert run.heard_at() == begun
