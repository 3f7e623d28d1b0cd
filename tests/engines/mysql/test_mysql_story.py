"""One MySQL instance's life: TLS, a synchronous standby, archive, CLONE, a failover, and restores to moments of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pymysql
import pytest

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.engines.certificates import create_authority, issue_server_certificate
from mainstay.engines.mariadb.archive import Archive, wait_archived
from mainstay.engines.mariadb.session import ask, rows, tell
from mainstay.engines.mysql.archive import fence, heartbeat, latest_restorable, pulse, start_archiver
from mainstay.engines.mysql.backup import Snapshot, take_backup
from mainstay.engines.mysql.cluster import Cluster
from mainstay.engines.mysql.replication import (
    base_copy,
    copy_stopped,
    drop_synchronous,
    follow,
    promote,
    replica_status,
    require_synchronous,
    standby_settings,
    wait_streaming,
)
from mainstay.engines.mysql.restore import restore
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.process import terminate
from mainstay.engines.replica_ahead import ReplicaAhead

pytestmark = pytest.mark.xdist_group("mysql-story")
Make = Callable[[str], Cluster]
LEAN = {"innodb_buffer_pool_size": "16M", "max_connections": "40", "no_such_variable": "1"}


@dataclass(frozen=True)
class Story:
    """What was written when, and where it can be restored from."""

    primary: Cluster
    old: Cluster
    archive: Archive
    snapshot: Snapshot
    after_first: datetime
    after_switch: datetime


def write(server: Cluster, value: int) -> None:
    with server.session("shop") as opened:
        tell(opened, "INSERT INTO marker VALUES (%s)", (value,))


def markers(server: Cluster) -> list[int]:
    with server.session("shop") as opened:
        return [row[0] for row in rows(opened, "SELECT n FROM marker ORDER BY n")]


@pytest.fixture(scope="module")
def story(shared_server: Make, shared_place: Path) -> Story:
    """first; second with a synchronous standby; the primary is killed, the standby takes over: third."""
    source, standby = shared_server("source"), shared_server("standby")
    source.initialise("owner", "o'wner \\pw", database="shop")
    with pytest.raises(InputRefused, match="data directory exists"):
        source.initialise("owner", "pw")
    authority = create_authority(shared_place / "authority", name="tests")
    tls = issue_server_certificate(
        authority, source.side / "tls", name="db", addresses=[source.host], identity=source.identity
    )
    source.configure(LEAN, tls=tls)
    copy_stopped(source, standby)
    proof = source.start()
    assert [each.pid for each in find_by_directory(source.home, source.identity)] == [proof.pid]
    with pytest.raises(TargetRefused, match="changes while it would be copied"):
        copy_stopped(source, shared_server("late"))
    archive = Archive(shared_place / "arch'ive %f $(x)", "shop-1.g1")
    start_archiver(archive, source)
    with source.session("shop") as opened:
        tell(opened, "CREATE TABLE marker (n int PRIMARY KEY)")
    snapshot = take_backup(source, shared_place / "snapshot")
    write(source, 1)
    after_first = heartbeat(source)
    standby.configure({**LEAN, **standby_settings(source, standby, "standby")}, tls=tls)
    standby.start()
    wait_streaming(source, "standby")
    require_synchronous(source, ["standby"])
    assert wait_streaming(source, "standby", synchronous=True).sync_state == "sync"
    write(source, 2)
    fence(archive, source)
    assert latest_restorable([after_first], pulse(archive, source)[1]) == after_first.at
    source.stop(proof, "kill")
    promote(standby)
    with pytest.raises(TargetRefused, match="server is no standby"):
        promote(standby)
    write(standby, 3)
    archiver = start_archiver(archive, standby)
    after_switch = fence(archive, standby)
    terminate(archiver, "kill")
    start_archiver(archive, standby)  # writes the same file again, elsewhere
    write(standby, 4)
    fence(archive, standby)
    return Story(standby, source, archive, snapshot, after_first.at, after_switch.at)


def test_the_master_comes_in_over_tls_only_and_is_no_superuser(story: Story, shared_place: Path) -> None:
    login = {"host": story.primary.host, "port": story.primary.port, "user": "owner", "password": "o'wner \\pw"}
    with pytest.raises(pymysql.err.OperationalError, match="insecure transport"):
        pymysql.connect(**login, ssl_disabled=True)
    with pymysql.connect(**login, ssl_ca=str(shared_place / "authority" / "ca.crt")) as opened:
        opened.query("CREATE DATABASE theirs")
        with pytest.raises(pymysql.err.OperationalError, match="SYSTEM_VARIABLES_ADMIN"):
            opened.query("SET GLOBAL max_connections = 7")
    story.primary.set_password("owner", "another-pw-1")
    login["password"] = "another-pw-1"
    pymysql.connect(**login, ssl_ca=str(shared_place / "authority" / "ca.crt")).close()
    assert story.primary.version().startswith(story.primary.binaries.version)
    assert not story.primary.is_in_recovery()


def test_settings_are_taken_while_it_runs(story: Story) -> None:
    story.primary.change_settings({"max_connections": "41", "long_query_time": "3", "innodb_buffer_pool_size": "16M"})
    story.primary.reload()
    with story.primary.session() as opened:
        assert ask(opened, "SELECT @@max_connections, @@long_query_time") == (41, 3.0)
    story.primary.change_settings({"max_connections": None})
    story.primary.reload()
    with story.primary.session() as opened:
        assert ask(opened, "SELECT @@max_connections") == (151,)


@pytest.mark.parametrize(("moment", "there"), [("after_first", [1]), ("after_switch", [1, 2, 3]), (None, [1, 2, 3, 4])])
def test_a_restore_ends_exactly_where_it_was_asked_to(
    story: Story, shared_server: Make, moment: str | None, there: list[int]
) -> None:
    server = shared_server(f"restored-{moment}")
    target = getattr(story, moment) if moment else None
    info = restore(story.snapshot, server, archive=story.archive, target_time=target, settings=LEAN)
    assert markers(server) == there
    assert info.unsure == 0
    assert info.reached_time is not None
    assert target is None or target - timedelta(seconds=5) < info.reached_time <= target
    write(server, 99)
    server.discard()
    assert not server.home.exists()


def test_a_snapshot_alone_gives_its_own_end(story: Story, shared_server: Make) -> None:
    server = shared_server("alone")
    info = restore(story.snapshot, server, settings=LEAN)
    assert (markers(server), info.reached_time) == ([], None)
    server.discard()


def test_what_cannot_be_reached_is_refused_and_leaves_nothing(
    story: Story, shared_server: Make, tmp_path: Path
) -> None:
    server = shared_server("never")
    for target, words in (
        (story.snapshot.ended_at, "before the end of the backup"),
        (datetime(2026, 1, 1), "time without an offset"),
    ):
        with pytest.raises(InputRefused, match=words):
            restore(story.snapshot, server, archive=story.archive, target_time=target)
    with pytest.raises(TargetRefused, match="target cannot be reached"):
        restore(story.snapshot, server, archive=story.archive, target_time=story.after_switch + timedelta(hours=1))
    with pytest.raises(InputRefused, match="of another version"):
        restore(replace(story.snapshot, version="8.0.1"), server)
    with pytest.raises(InputRefused, match="no snapshot there"):
        Snapshot.load(tmp_path)
    with pytest.raises(InputRefused, match="snapshot exists"):
        take_backup(story.primary, story.snapshot.directory)
    assert not server.home.exists()


def test_the_old_primary_comes_back_as_a_replica_unless_it_is_ahead(story: Story) -> None:
    role = standby_settings(story.primary, story.old, "old", acknowledges=False)
    story.old.change_settings({**role, "rpl_semi_sync_source_enabled": None})
    story.old.start()
    wait_streaming(story.primary, "old")
    assert story.old.is_in_recovery()
    follow(story.old, story.primary, "old")
    position = heartbeat(story.primary)
    wait_archived(story.archive, story.primary, position.position)
    with story.old.session() as opened:
        assert replica_status(opened) is not None
        tell(opened, "STOP REPLICA")
        tell(opened, "CREATE DATABASE ahead")
    with pytest.raises(ReplicaAhead, match="ahead of its new primary"):
        follow(story.old, story.primary, "old")


def test_writes_wait_for_the_standby_and_go_on_without_it(story: Story, shared_server: Make) -> None:
    """Last: a new standby is killed, and commits stand still until it is given up."""
    standby = shared_server("second")
    base_copy(story.primary, standby)
    wanted = story.primary.wish.load(story.primary.settings_file)
    standby.configure({**LEAN, **standby_settings(story.primary, standby, "second")}, tls=wanted.tls)
    proof = standby.start()
    require_synchronous(story.primary, ["second"])
    wait_streaming(story.primary, "second", synchronous=True)
    standby.stop(proof, "kill")
    done = threading.Event()

    def commit() -> None:
        with story.primary.session("shop", timeout_s=30.0) as opened:
            tell(opened, "INSERT INTO marker VALUES (5)")
        done.set()

    writer = threading.Thread(target=commit)
    writer.start()
    assert not done.wait(0.3)
    drop_synchronous(story.primary)
    writer.join(20)
    assert done.is_set()
    with pytest.raises(InputRefused, match="no standby named"):
        require_synchronous(story.primary, [])
    with pytest.raises(TargetRefused, match="does not stream"):
        wait_streaming(story.primary, "nobody", timeout_s=0.1)
