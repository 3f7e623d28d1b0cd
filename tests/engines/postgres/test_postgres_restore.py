"""Archive, base backup and restore: the point that was asked for, or an error that says what is missing."""

from __future__ import annotations

import os
import resource
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from mainstay.core.errors import AnswerIsNo, EnvironmentLacking, InputRefused, MainstayError, TargetRefused
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.postgres import archive as archives
from mainstay.engines.postgres.archive import (
    Archive,
    Heartbeat,
    drop_slot,
    fence,
    first_missing_segment,
    heartbeat,
    latest_restorable,
    parse_history,
    pulse,
    start_archiver,
    wait_archived,
)
from mainstay.engines.postgres.backup import Snapshot, take_backup, verify_backup
from mainstay.engines.postgres.cluster import Cluster
from mainstay.engines.postgres.lsn import SEGMENT_BYTES, Lsn, segment_name
from mainstay.engines.postgres.replication import base_copy, promote, standby_settings, wait_streaming
from mainstay.engines.postgres.restore import recovery_time, restore, restore_command
from mainstay.engines.process import terminate

Make = Callable[[str], Cluster]
LEAN = {"shared_buffers": "16MB", "max_connections": "40", "min_wal_size": "32MB"}
# A server in Tokyo: a time without offset would be read nine hours off.
TOKYO = LEAN | {"timezone": "Asia/Tokyo"}


@dataclass(frozen=True)
class Story:
    """One source, its archive, a snapshot of it, and what was written when."""

    source: Cluster
    archive: Archive
    snapshot: Snapshot
    after_first: Heartbeat
    after_second: Heartbeat
    after_switch: Heartbeat
    end: Heartbeat


def write(cluster: Cluster, value: int) -> None:
    with cluster.session("shop") as opened:
        opened.execute("INSERT INTO marker VALUES (%s)", (value,))


def markers(cluster: Cluster) -> list[int]:
    with cluster.session("shop") as opened:
        return [row[0] for row in opened.execute("SELECT n FROM marker ORDER BY n").fetchall()]


def fill_segments(cluster: Cluster, count: int) -> None:
    for _ in range(count):
        with cluster.session("shop") as opened:
            opened.execute("SELECT pg_logical_emit_message(true, 'filler', 'x')")
            opened.execute("SELECT pg_switch_wal()")


@pytest.fixture(scope="module")
def story(shared_cluster: Make, shared_place: Path) -> Story:
    """first, second, four segments, third; then a standby takes over and writes a fourth and a fifth."""
    source, standby = shared_cluster("source"), shared_cluster("standby")
    source.initialise("owner", "pw", database="shop")
    source.configure(TOKYO)
    source_proof = source.start()
    archive = Archive(shared_place / "arch'ive %f $(x)", "shop-1.g1")
    archiver = start_archiver(archive, source)
    with source.session("shop") as opened:
        opened.execute("CREATE TABLE marker (n int)")
    snapshot = take_backup(source, shared_place / "snapshot")
    write(source, 1)
    after_first = fence(archive, source)
    write(source, 2)
    after_second = fence(archive, source)
    fill_segments(source, 4)
    write(source, 3)
    base_copy(source, standby)
    standby.configure(TOKYO | standby_settings(source, standby, "standby"))
    standby.start()
    wait_streaming(source, "standby")
    fence(archive, source)
    source.stop(source_proof, "fast")
    terminate(archiver, "fast")
    promote(standby)
    archiver = start_archiver(archive, standby)
    write(standby, 4)
    after_switch = fence(archive, standby)
    write(standby, 5)
    end = fence(archive, standby)
    return Story(standby, archive, snapshot, after_first, after_second, after_switch, end)


@pytest.fixture
def target(new_cluster: Make) -> Cluster:
    return new_cluster("target")


def copy_of(archive: Archive, place: Path) -> Archive:
    """An archive of a test's own; its files are links, so they are replaced and never changed."""
    (place / "archive").mkdir()
    (place / "archive").chmod(0o755)
    for path in archive.directory.iterdir():
        os.link(path, place / "archive" / path.name)
    return Archive(place / "archive", archive.name)


@pytest.mark.parametrize(
    ("moment", "expected"), [("after_first", [1]), ("after_second", [1, 2]), ("after_switch", [1, 2, 3, 4])]
)
def test_a_restore_has_what_was_before_and_nothing_after(
    story: Story, target: Cluster, moment: str, expected: list[int]
) -> None:
    when = getattr(story, moment).at.astimezone(timezone(timedelta(hours=-5)))
    info = restore(story.snapshot, target, archive=story.archive, target_time=when, settings=TOKYO)
    assert markers(target) == expected
    assert info.reached_time is not None
    assert info.reached_time <= when
    assert info.reached_lsn < getattr(story, moment).lsn
    assert info.timeline == 3
    assert not target.is_in_recovery()
    write(target, 99)
    assert target.settings() == TOKYO
    assert info.copied_bytes >= story.snapshot.size_bytes


def test_all_that_is_archived_can_be_restored(story: Story, target: Cluster) -> None:
    told: list[int] = []
    info = restore(
        story.snapshot, target, archive=story.archive, must_reach=story.end.lsn, durable=False, progress=told.append
    )
    assert markers(target) == [1, 2, 3, 4, 5]
    assert info.reached_lsn >= story.end.lsn
    assert info.replay_s <= info.ready_s
    assert sum(told) == info.copied_bytes
    with target.session() as opened:
        row = opened.execute("SELECT current_setting('restore_command'), current_setting('fsync')").fetchone()
    assert row in {("", "on"), ("", "off")}  # the reload may be a moment away


def test_a_snapshot_alone_gives_its_own_end(story: Story, target: Cluster) -> None:
    info = restore(story.snapshot, target)
    assert markers(target) == []
    assert info.reached_lsn >= story.snapshot.end_lsn
    assert info.timeline == 2
    with pytest.raises(InputRefused, match="never overwritten"):
        restore(story.snapshot, target)


def test_the_old_timeline_can_be_named(story: Story, target: Cluster) -> None:
    restore(story.snapshot, target, archive=story.archive, timeline=1)
    assert markers(target) == [1, 2, 3]


def refused(kind: type[MainstayError], target: Cluster, **options: object) -> MainstayError:
    """The error of a restore, which has left nothing behind."""
    with pytest.raises(kind) as caught:
        restore(**{"into": target, **options})  # type: ignore[arg-type]  # as the test gives them
    assert not target.data_directory.exists()
    assert not (target.home / "data.partial").exists()
    assert find_by_directory(target.home, target.identity) == []
    return caught.value


def test_a_time_within_or_before_the_backup_is_refused(story: Story, target: Cluster) -> None:
    for when in (story.snapshot.ended_at, story.snapshot.ended_at - timedelta(days=1)):
        error = refused(InputRefused, target, snapshot=story.snapshot, archive=story.archive, target_time=when)
        assert "before the end of the backup" in str(error)
    error = refused(InputRefused, target, snapshot=story.snapshot, target_time=story.end.at)
    assert "no archive" in str(error)


def test_a_time_without_an_offset_is_refused(story: Story, target: Cluster) -> None:
    naive = datetime(2026, 11, 20, 14, 5)
    error = refused(InputRefused, target, snapshot=story.snapshot, archive=story.archive, target_time=naive)
    assert "without an offset" in str(error)


def test_a_time_after_the_last_commit_is_refused_with_the_point_reached(story: Story, target: Cluster) -> None:
    late = story.end.at + timedelta(hours=1)
    error = refused(TargetRefused, target, snapshot=story.snapshot, archive=story.archive, target_time=late)
    assert error.summary == "target cannot be reached"
    assert "holds no commit after the target" in error.detail
    assert recovery_time(late) in error.detail


def test_a_missing_segment_is_named(story: Story, target: Cluster, place: Path) -> None:
    holed = copy_of(story.archive, place)
    lost = story.after_second.lsn.segment + 2
    name = segment_name(1, lost)
    (holed.directory / name).unlink()
    by_time = refused(TargetRefused, target, snapshot=story.snapshot, archive=holed, target_time=story.after_switch.at)
    assert f"First missing segment: {name}." in by_time.detail
    to_the_end = refused(TargetRefused, target, snapshot=story.snapshot, archive=holed)
    assert name in to_the_end.detail
    assert first_missing_segment(holed, story.snapshot.start_lsn, story.end.lsn, 2) == name
    restore(story.snapshot, target, archive=holed, target_time=story.after_first.at)
    assert markers(target) == [1]


def test_a_damaged_segment_is_not_taken_for_the_end(story: Story, target: Cluster, place: Path) -> None:
    damaged = copy_of(story.archive, place)
    path = damaged.directory / segment_name(1, story.after_second.lsn.segment + 1)
    content = bytearray(path.read_bytes())
    content[0:64] = bytes(64)
    path.unlink()
    path.write_bytes(content)
    path.chmod(0o644)
    by_time = refused(
        TargetRefused, target, snapshot=story.snapshot, archive=damaged, target_time=story.after_switch.at
    )
    assert "the log is damaged after" in by_time.detail
    to_the_end = refused(
        TargetRefused, target, snapshot=story.snapshot, archive=damaged, timeline=1, must_reach=story.end.lsn
    )
    assert to_the_end.summary == "restore ended too early"


def test_a_snapshot_of_another_major_is_refused(story: Story, target: Cluster) -> None:
    older = replace(story.snapshot, version="16.4")
    assert "taken by PostgreSQL 16.4" in refused(InputRefused, target, snapshot=older).detail


def test_an_archive_that_is_not_there_is_no_way_to_a_time(story: Story, target: Cluster, place: Path) -> None:
    nowhere = Archive(place / "nowhere", "nowhere")
    error = refused(TargetRefused, target, snapshot=story.snapshot, archive=nowhere, target_time=story.after_first.at)
    assert error.summary == "target cannot be reached"


def test_a_full_disk_leaves_nothing_behind(story: Story, target: Cluster) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        refused(EnvironmentLacking, target, snapshot=story.snapshot)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_server_that_refuses_its_settings_leaves_nothing_behind(story: Story, target: Cluster) -> None:
    error = refused(TargetRefused, target, snapshot=story.snapshot, settings={"work_mem": "much"})
    assert "work_mem" in error.detail


def test_a_snapshot_is_whole_or_not_there(story: Story, place: Path) -> None:
    assert Snapshot.load(story.snapshot.directory) == story.snapshot
    assert story.snapshot.timeline == 1
    assert story.snapshot.start_lsn < story.snapshot.end_lsn
    assert story.snapshot.password_file.stat().st_mode & 0o077 == 0
    with pytest.raises(InputRefused, match="snapshot exists"):
        take_backup(story.source, story.snapshot.directory)
    with pytest.raises(TargetRefused):
        take_backup(story.source, place / "late", timeout_s=0.01)
    assert list(place.iterdir()) == []
    with pytest.raises(InputRefused, match=r"snapshot\.json"):
        Snapshot.load(place)


def test_one_flipped_byte_is_found_before_anything_is_started(story: Story, target: Cluster, place: Path) -> None:
    identity, binaries = story.source.identity, story.source.binaries
    verify_backup(story.snapshot, binaries, identity)
    damaged = Snapshot(place / "damaged", *_rest(story.snapshot))
    shutil.copytree(story.snapshot.directory, damaged.directory)
    for path in (damaged.directory, *damaged.directory.rglob("*")):
        identity.own(path)
    control = damaged.data / "global" / "pg_control"
    content = bytearray(control.read_bytes())
    content[100] ^= 1
    control.write_bytes(content)
    with pytest.raises(AnswerIsNo, match="global/pg_control"):
        verify_backup(damaged, binaries, identity)
    error = refused(AnswerIsNo, target, snapshot=damaged, archive=story.archive)
    assert "global/pg_control" in error.detail
    assert not target.log_path.exists()


def _rest(s: Snapshot) -> tuple[Lsn, Lsn, datetime, int, int, str]:
    return s.start_lsn, s.end_lsn, s.ended_at, s.timeline, s.size_bytes, s.version


def test_a_time_is_restorable_once_a_later_commit_is_archived(story: Story) -> None:
    beats = [story.after_first, story.after_second, story.end]
    assert latest_restorable(beats, story.end.lsn) == story.end.at
    assert latest_restorable(beats, Lsn(story.end.lsn - 1)) == story.after_second.at
    assert latest_restorable(beats, Lsn(0)) is None
    assert latest_restorable(beats, None) is None
    beat = heartbeat(story.source)
    wait_archived(story.archive, story.source, beat.lsn)
    later, reached = pulse(story.archive, story.source)
    assert reached is not None
    assert reached >= beat.lsn
    assert (later.at > beat.at, later.lsn > beat.lsn) == (True, True)
    assert beat.at.utcoffset() == timedelta(0)


def test_an_archive_without_archiver_says_that_it_stands_still(story: Story, shared_place: Path) -> None:
    idle = Archive(shared_place / "idle", "idle")
    assert pulse(idle, story.source)[1] is None
    with pytest.raises(TargetRefused, match="reached nothing of"):
        wait_archived(idle, story.source, story.end.lsn, timeout_s=0)


def test_an_archiver_goes_on_where_it_was_killed_and_its_slot_can_go(story: Story, shared_place: Path) -> None:
    archive = Archive(shared_place / "second", "Second-Archive.1")
    proof = start_archiver(archive, story.source)
    first = fence(archive, story.source)
    terminate(proof, "kill")
    fill_segments(story.source, 2)
    proof = start_archiver(archive, story.source)
    last = fence(archive, story.source)
    assert first_missing_segment(archive, first.lsn, last.lsn, 2) is None
    assert archive.timeline() == 2
    terminate(proof, "fast")
    drop_slot(archive, story.source)
    with story.source.session() as opened:
        names = {row[0] for row in opened.execute("SELECT slot_name FROM pg_replication_slots").fetchall()}
    assert archive.slot not in names
    assert story.archive.slot in names


def test_an_archive_that_was_ahead_of_the_new_primary_goes_back(
    shared_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Archive(shared_place / "ahead", "ahead")
    archive.directory.mkdir()
    switch = Lsn(5 * SEGMENT_BYTES + 4096)
    for name in (segment_name(1, 4), segment_name(1, 5), segment_name(1, 6) + ".partial", "00000002.history", "notes"):
        (archive.directory / name).touch()
    monkeypatch.setattr(archives, "_history_of", lambda opened, timeline: f"1\t{switch}\tno recovery target\n")
    archives._set_aside_diverged(archive, None, 2)  # type: ignore[arg-type]  # the history is given above
    left = {path.name for path in archive.directory.iterdir() if path.is_file()}
    assert left == {segment_name(1, 4), segment_name(1, 5) + ".partial", "00000002.history", "notes"}
    assert [p.name for p in (archive.directory / "diverged").iterdir()] == [segment_name(1, 6) + ".partial"]


def test_a_replay_reads_each_segment_on_its_timeline(place: Path) -> None:
    archive = Archive(place, "a")
    (place / "00000003.history").write_text(
        f"# comment\n1\t{Lsn(2 * SEGMENT_BYTES + 8)}\tfirst\n\n2\t{Lsn(4 * SEGMENT_BYTES)}\tsecond\n"
    )
    assert archive.history(3) == parse_history((place / "00000003.history").read_text())
    needed = [(1, 0), (1, 1), (2, 2), (2, 3), (3, 4), (3, 5)]
    span = Lsn(0), Lsn(6 * SEGMENT_BYTES - 1)
    for timeline, number in needed:
        assert first_missing_segment(archive, *span, 3) == segment_name(timeline, number)
        (place / f"{segment_name(timeline, number)}{'.partial' if number == 5 else ''}").touch()
    assert first_missing_segment(archive, *span, 3) is None
    assert archive.timeline() == 3


def test_the_restore_command_survives_any_path(tmp_path: Path) -> None:
    directory = tmp_path / 'a\'b "c" $(touch x) %f %%'
    directory.mkdir()
    (directory / "whole").write_text("w")
    (directory / "part.partial").write_text("p")
    for name, expected in (("whole", "w"), ("part", "p"), ("none", None)):
        into = tmp_path / "into"
        into.unlink(missing_ok=True)
        command = expand(restore_command(Archive(directory, "a")), name, str(into))
        status = os.system(f"cd '{tmp_path}' && {command}")
        assert (status == 0) == (expected is not None)
        assert (into.read_text() if into.exists() else None) == expected
    assert not (tmp_path / "x").exists()


def expand(command: str, name: str, path: str) -> str:
    """As the server does: %f, %p and %%."""
    return "%".join(part.replace("%f", name).replace("%p", path) for part in command.split("%%"))
