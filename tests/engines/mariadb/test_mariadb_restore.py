"""Archive, base backup and restore: the point that was asked for, or an error that says what is missing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from mainstay.core.errors import AnswerIsNo, InputRefused, MainstayError, TargetRefused
from mainstay.engines.mariadb.archive import (
    Archive,
    Heartbeat,
    Position,
    drop_slot,
    epochs,
    fence,
    heartbeat,
    latest_restorable,
    pulse,
    start_archiver,
    wait_archived,
)
from mainstay.engines.mariadb.backup import Snapshot, take_backup
from mainstay.engines.mariadb.binlog import transactions
from mainstay.engines.mariadb.cluster import Cluster
from mainstay.engines.mariadb.gtid import Gtid
from mainstay.engines.mariadb.replication import base_copy, promote, standby_settings, wait_streaming
from mainstay.engines.mariadb.restore import restore
from mainstay.engines.mariadb.session import ask, rows, tell
from mainstay.engines.mariadb.timeline import read_log
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.process import terminate
from mainstay.engines.snapshots import verify_sums

pytestmark = pytest.mark.xdist_group("mariadb-restore")  # they share one story, which takes seconds to write
Make = Callable[[str], Cluster]
# A server in Tokyo, which must not matter: times are compared as moments.
TOKYO = {"innodb_buffer_pool_size": "16M", "max_connections": "40", "default_time_zone": "+09:00"}


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


def write(server: Cluster, value: int) -> None:
    with server.session("shop") as opened:
        tell(opened, "INSERT INTO marker VALUES (%s)", (value,))


def markers(server: Cluster) -> list[int]:
    with server.session("shop") as opened:
        return [row[0] for row in rows(opened, "SELECT n FROM marker ORDER BY n")]


def next_file(server: Cluster) -> None:
    with server.session("shop") as opened:
        tell(opened, "FLUSH BINARY LOGS")


@pytest.fixture(scope="module")
def story(shared_server: Make, shared_place: Path) -> Story:
    """first, second, a new log file, an archiver that dies and goes on, third; a standby takes over: fourth, fifth."""
    source, standby = shared_server("source"), shared_server("standby")
    source.initialise("owner", "pw", database="shop")
    source.configure(TOKYO)
    proof = source.start()
    archive = Archive(shared_place / "arch'ive %f $(x)", "shop-1.g1")
    archiver = start_archiver(archive, source)
    with source.session("shop") as opened:
        tell(opened, "CREATE TABLE marker (n int PRIMARY KEY)")
    snapshot = take_backup(source, shared_place / "snapshot")
    write(source, 1)
    after_first = fence(archive, source)
    write(source, 2)
    after_second = fence(archive, source)
    next_file(source)
    terminate(archiver, "kill")
    archiver = start_archiver(archive, source)
    write(source, 3)
    base_copy(source, standby)
    standby.configure(TOKYO | standby_settings(source, standby, "standby"))
    standby.start()
    wait_streaming(source, "standby")
    next_file(source)
    last = fence(archive, source)
    with standby.session(timeout_s=20) as opened:
        assert ask(opened, "SELECT MASTER_GTID_WAIT(%s, 15)", (str(last.gtid),))[0] == 0
    source.stop(proof, "kill")
    terminate(archiver, "kill")
    promote(standby)
    archiver = start_archiver(archive, standby)
    write(standby, 4)
    after_switch = fence(archive, standby)
    write(standby, 5)
    end = fence(archive, standby)
    return Story(standby, archive, snapshot, after_first, after_second, after_switch, end)


@pytest.fixture
def target(new_server: Make) -> Cluster:
    return new_server("target")


def copy_of(archive: Archive, place: Path) -> Archive:
    """An archive of a test's own."""
    shutil.copytree(archive.directory, place / "archive")
    return Archive(place / "archive", archive.name)


@pytest.mark.parametrize(
    ("moment", "expected"), [("after_first", [1]), ("after_second", [1, 2]), ("after_switch", [1, 2, 3, 4])]
)
def test_a_mariadb_restore_has_what_was_before_and_nothing_after(
    story: Story, target: Cluster, moment: str, expected: list[int]
) -> None:
    beat: Heartbeat = getattr(story, moment)
    when = beat.at.astimezone(timezone(timedelta(hours=-5)))
    info = restore(story.snapshot, target, archive=story.archive, target_time=when, settings=TOKYO)
    assert markers(target) == expected
    assert (info.reached_time, info.reached) == (beat.at, beat.gtid)
    assert not target.is_in_recovery()
    write(target, 99)
    assert target.settings() == TOKYO
    assert info.copied_bytes >= story.snapshot.size_bytes
    with target.session() as opened:
        state = ask(opened, "SELECT @@read_only, @@sync_binlog, @@gtid_binlog_pos")
    assert state[:2] == (0, 1)
    assert Gtid.parse(state[2]) == Gtid(0, target.server_id, beat.gtid.sequence + 1)
    assert not (target.home / "feeder").exists()


def test_all_that_is_archived_of_mariadb_can_be_restored(story: Story, target: Cluster) -> None:
    told: list[int] = []
    info = restore(story.snapshot, target, archive=story.archive, must_reach=story.end.gtid, progress=told.append)
    assert markers(target) == [1, 2, 3, 4, 5]
    assert info.reached is not None
    assert info.reached.sequence >= story.end.gtid.sequence
    assert info.replay_s <= info.ready_s
    assert sum(told) == info.copied_bytes


def test_a_mariadb_snapshot_alone_gives_its_own_end(story: Story, target: Cluster) -> None:
    info = restore(story.snapshot, target)
    assert markers(target) == []
    assert info.reached == story.snapshot.gtid
    assert info.reached_time is None
    with pytest.raises(InputRefused, match="never overwritten"):
        restore(story.snapshot, target)


def refused(kind: type[MainstayError], target: Cluster, **options: object) -> MainstayError:
    """The error of a restore, which has left nothing behind."""
    with pytest.raises(kind) as caught:
        restore(**{"into": target, **options})  # type: ignore[arg-type]  # as the test gives them
    assert not target.data_directory.exists()
    assert not (target.home / "data.partial").exists()
    assert find_by_directory(target.home, target.identity) == []
    return caught.value


def test_a_time_that_mariadb_cannot_reach_is_refused(story: Story, target: Cluster) -> None:
    for when in (story.snapshot.ended_at, story.snapshot.ended_at - timedelta(days=1)):
        error = refused(InputRefused, target, snapshot=story.snapshot, archive=story.archive, target_time=when)
        assert "before the end of the backup" in str(error)
    assert "no archive" in str(refused(InputRefused, target, snapshot=story.snapshot, target_time=story.end.at))
    naive = datetime(2026, 11, 20, 14, 5)
    error = refused(InputRefused, target, snapshot=story.snapshot, archive=story.archive, target_time=naive)
    assert "without an offset" in str(error)
    late = story.end.at + timedelta(hours=1)
    error = refused(TargetRefused, target, snapshot=story.snapshot, archive=story.archive, target_time=late)
    assert error.summary == "target cannot be reached"
    assert f"The last transaction is {story.end.gtid}" in error.detail
    nowhere = Archive(target.home / "nowhere", "nowhere")
    error = refused(TargetRefused, target, snapshot=story.snapshot, archive=nowhere, target_time=story.end.at)
    assert "Nothing is archived after" in error.detail
    far = replace(story.end.gtid, sequence=story.end.gtid.sequence + 1000)
    error = refused(TargetRefused, target, snapshot=story.snapshot, archive=story.archive, must_reach=far)
    assert error.summary == "restore ended too early"


def test_a_missing_log_file_is_named(story: Story, target: Cluster, place: Path) -> None:
    holed = copy_of(story.archive, place)
    for stretch in holed.stretches()[:2]:
        (stretch.directory / "binlog.000002").unlink(missing_ok=True)
    by_time = refused(TargetRefused, target, snapshot=story.snapshot, archive=holed, target_time=story.after_switch.at)
    assert "lacks binlog.000002" in by_time.detail
    to_the_end = refused(TargetRefused, target, snapshot=story.snapshot, archive=holed)
    assert (to_the_end.summary, "lacks binlog.000002" in to_the_end.detail) == ("archive has a gap", True)
    restore(story.snapshot, target, archive=holed, target_time=story.after_first.at)
    assert markers(target) == [1]


def test_a_damaged_log_file_is_not_taken_for_the_end(story: Story, target: Cluster, place: Path) -> None:
    damaged = copy_of(story.archive, place)
    for stretch in damaged.stretches()[2:]:
        for path in stretch.files().values():
            content = bytearray(path.read_bytes())
            content[-6] ^= 1
            path.write_bytes(content)
    at = story.end.at
    by_time = refused(TargetRefused, target, snapshot=story.snapshot, archive=damaged, target_time=at)
    assert "is damaged at byte" in by_time.detail
    assert refused(TargetRefused, target, snapshot=story.snapshot, archive=damaged).summary == "archive is damaged"


def test_a_snapshot_of_another_series_is_refused(story: Story, target: Cluster) -> None:
    older = replace(story.snapshot, version="10.6.4")
    assert "taken by MariaDB 10.6.4" in refused(InputRefused, target, snapshot=older).detail


def test_a_server_that_refuses_its_settings_leaves_no_restored_data(story: Story, target: Cluster) -> None:
    error = refused(TargetRefused, target, snapshot=story.snapshot, settings={"no_such_thing": "much"})
    assert "no_such_thing" in error.detail.replace("-", "_")


def test_a_mariadb_snapshot_is_whole_or_not_there(story: Story, place: Path) -> None:
    assert Snapshot.load(story.snapshot.directory) == story.snapshot
    assert story.snapshot.password_file.stat().st_mode & 0o077 == 0
    with pytest.raises(InputRefused, match="snapshot exists"):
        take_backup(story.source, story.snapshot.directory)
    with pytest.raises(TargetRefused):
        take_backup(story.source, place / "late", timeout_s=0.01)
    assert list(place.iterdir()) == []
    with pytest.raises(InputRefused, match=r"snapshot\.json"):
        Snapshot.load(place)


def test_one_flipped_byte_of_a_mariadb_snapshot_is_found_before_anything_is_started(
    story: Story, target: Cluster, place: Path
) -> None:
    verify_sums(story.snapshot)
    damaged = replace(story.snapshot, directory=place / "damaged")
    shutil.copytree(story.snapshot.directory, damaged.directory)
    path = damaged.data / "ibdata1"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    error = refused(AnswerIsNo, target, snapshot=damaged, archive=story.archive)
    assert error.detail == f"{damaged.directory}:\nibdata1"
    assert not target.log_path.exists()


def test_a_time_is_restorable_once_its_heartbeat_is_archived(story: Story) -> None:
    beats = [story.after_first, story.after_switch, story.end]
    at = story.end.position
    assert latest_restorable(beats, at) == story.end.at
    assert latest_restorable(beats, replace(at, offset=at.offset - 1)) == story.after_switch.at
    assert latest_restorable(beats, Position(at.server, 0, 0)) is None
    assert latest_restorable(beats, None) is None
    beat = heartbeat(story.source)
    wait_archived(story.archive, story.source, beat.position)
    later, reached = pulse(story.archive, story.source)
    assert reached is not None
    assert reached >= beat.position
    assert (later.at > beat.at, later.position > beat.position) == (True, True)
    assert abs(beat.at - datetime.now(UTC)) < timedelta(seconds=10)


def test_an_archive_without_archiver_stands_still(story: Story, shared_place: Path) -> None:
    idle = Archive(shared_place / "idle", "idle")
    assert pulse(idle, story.source)[1] is None
    with pytest.raises(TargetRefused, match="reached nothing of"):
        wait_archived(idle, story.source, story.end.position, timeout_s=0)


def test_what_is_archived_is_never_written_over(story: Story, shared_place: Path) -> None:
    archive = Archive(shared_place / "second", "second.1")
    proof = start_archiver(archive, story.source)
    first = fence(archive, story.source)
    terminate(proof, "kill")
    sizes = {path: path.stat().st_size for path in archive.stretches()[0].files().values()}
    next_file(story.source)
    proof = start_archiver(archive, story.source)
    last = fence(archive, story.source)
    terminate(proof, "kill")
    drop_slot(archive, story.source)
    assert sizes == {path: path.stat().st_size for path in sizes}
    assert [stretch.number for stretch in archive.stretches()] == [1, 2]
    [epoch] = epochs(archive)
    found = [each.gtid.sequence for path in epoch.files.values() for each in transactions(path)]
    assert found[-1] == last.gtid.sequence
    assert set(range(first.gtid.sequence, last.gtid.sequence + 1)) <= set(found)


def test_each_transaction_is_read_once_over_a_failover(story: Story) -> None:
    log = read_log(story.archive, story.snapshot.gtid)
    assert log.trouble is None
    assert story.snapshot.gtid is not None
    sequences = [each.gtid.sequence for _, each in log.entries]
    assert sequences == list(range(story.snapshot.gtid.sequence + 1, sequences[-1] + 1))
    assert {epoch for epoch, _ in log.entries} == {0, 1}
