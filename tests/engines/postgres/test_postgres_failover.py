"""A standby takes over from a killed primary, under load, behind the endpoint."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.engines.certificates import create_authority, issue_server_certificate
from mainstay.engines.endpoint import Endpoint
from mainstay.engines.ports import reserve_address
from mainstay.engines.postgres.cluster import Cluster
from mainstay.engines.postgres.replication import (
    base_copy,
    copy_stopped,
    drop_synchronous,
    follow,
    promote,
    require_synchronous,
    standby_settings,
    streaming_state,
    wait_streaming,
)
from mainstay.engines.replica_ahead import ReplicaAhead

Make = Callable[[str], Cluster]
LEAN = {"shared_buffers": "16MB", "max_connections": "40", "min_wal_size": "32MB"}


@contextmanager
def held_recovery(standby: Cluster) -> Iterator[None]:
    """The standby's process that replays, and that would end the recovery, stands still meanwhile."""
    proof = standby.find_proof()
    assert proof is not None
    (startup,) = [one for one in psutil.Process(proof.pid).children() if _is_startup(one)]
    startup.suspend()
    try:
        yield
    finally:
        startup.resume()


def _is_startup(process: psutil.Process) -> bool:
    try:
        return "startup" in " ".join(process.cmdline())
    except psutil.Error:  # a child that has just ended
        return False


class RunningEndpoint:
    """An endpoint in a loop of its own thread, as a supervisor has it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.wait_for(endpoint.start())

    def wait_for(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    def call(self, change: Callable[..., None], *arguments: object) -> None:
        self.loop.call_soon_threadsafe(change, *arguments)

    def close(self) -> None:
        self.wait_for(self.endpoint.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


@contextmanager
def running(endpoint: Endpoint) -> Iterator[RunningEndpoint]:
    runner = RunningEndpoint(endpoint)
    try:
        yield runner
    finally:
        runner.close()


class Writer(threading.Thread):
    """Writes numbers through the endpoint until it is told to stop, and remembers which were acknowledged."""

    def __init__(self, number: int, conninfo: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.number, self.conninfo, self.stop = number, conninfo, stop
        self.acknowledged: list[int] = []
        self.reconnects = 0

    def run(self) -> None:
        value = self.number
        while not self.stop.is_set():
            try:
                with psycopg.connect(self.conninfo, autocommit=True) as opened:
                    while not self.stop.is_set():
                        value += 10
                        opened.execute("INSERT INTO written VALUES (%s)", (value,))
                        self.acknowledged.append(value)
            except psycopg.OperationalError:
                self.reconnects += 1


def pair(make: Make) -> tuple[Cluster, Cluster]:
    primary, standby = make("primary"), make("standby")
    primary.initialise("owner", "pw", database="shop")
    copy_stopped(primary, standby)
    return primary, standby


def test_no_acknowledged_commit_is_lost_when_the_primary_is_killed(new_cluster: Make, place: Path) -> None:
    primary, standby = pair(new_cluster)
    with reserve_address(str(place), 5432) as reserved:
        authority = create_authority(place / "ca", name="Test authority")
        for cluster in (primary, standby):
            tls = issue_server_certificate(
                authority, cluster.side / "tls", name="shop", addresses=[reserved.host], identity=cluster.identity
            )
            streaming = standby_settings(primary, standby, "standby") if cluster is standby else {}
            cluster.configure(LEAN | streaming, tls=tls)
        proofs = [primary.start(must_accept=False), standby.start(must_accept=False)]
        for cluster, proof in zip((primary, standby), proofs, strict=True):
            cluster.await_ready(proof, 30)
        require_synchronous(primary, ["standby"])
        wait_streaming(primary, "standby", synchronous=True)
        with primary.session("shop") as opened:
            opened.execute("CREATE TABLE written (n int PRIMARY KEY)")
            opened.execute('ALTER TABLE written OWNER TO "owner"')
        conninfo = psycopg.conninfo.make_conninfo(
            host=reserved.host, port=reserved.port, user="owner", password="pw", dbname="shop",
            sslmode="verify-full", sslrootcert=str(authority.certificate), connect_timeout=20,
        )  # fmt: skip
        with running(Endpoint(reserved.host, reserved.port)) as runner:
            runner.call(runner.endpoint.set_backend, (primary.host, primary.port))
            stop = threading.Event()
            writers = [Writer(n, conninfo, stop) for n in range(4)]
            for writer in writers:
                writer.start()
            await_more(writers, 200)
            primary.stop(proofs[0], "kill")
            runner.call(runner.endpoint.hold)
            promotion = promote(standby)
            before = sum(len(w.acknowledged) for w in writers)
            runner.call(runner.endpoint.set_backend, (standby.host, standby.port))
            await_more(writers, before + 200)
            stop.set()
            for writer in writers:
                writer.join(20)
        with standby.session("shop") as opened:
            present = {row[0] for row in opened.execute("SELECT n FROM written").fetchall()}
    assert promotion.timeline == standby.timeline() == 2
    assert all(writer.reconnects >= 1 for writer in writers)
    assert {n for writer in writers for n in writer.acknowledged} - present == set()


def await_more(writers: list[Writer], count: int) -> None:
    deadline = time.monotonic() + 60
    while sum(len(writer.acknowledged) for writer in writers) < count:
        if time.monotonic() > deadline:
            pytest.fail("the writers came to a stand")
        time.sleep(0.01)


def test_a_replica_streams_and_follows_the_new_primary(new_cluster: Make) -> None:
    primary, standby = pair(new_cluster)
    primary.configure(LEAN)
    primary_proof = primary.start()
    standby.configure(LEAN | standby_settings(primary, standby, "standby"))
    standby.start()
    replica = new_cluster("replica")
    base_copy(primary, replica)
    replica.configure(LEAN | standby_settings(primary, replica, "replica 'one'"))
    replica.start()
    state = wait_streaming(primary, "replica 'one'")
    wait_streaming(primary, "standby")
    assert (state.sync_state, replica.is_in_recovery()) == ("async", True)
    assert [s.name for s in streaming_state(primary)] == ["replica 'one'", "standby"]
    with pytest.raises(InputRefused, match="never overwritten"):
        base_copy(primary, replica)

    late = new_cluster("late")
    with pytest.raises(TargetRefused, match=r"after 0\.01 s"):
        base_copy(primary, late, timeout_s=0.01)
    assert not (late.home / "data.partial").exists()

    primary.stop(primary_proof)
    promote(standby)
    follow(replica, standby, "replica 'one'")
    wait_streaming(standby, "replica 'one'")
    with standby.session() as opened:
        opened.execute("CREATE TABLE after_the_switch (x int)")
        opened.execute("INSERT INTO after_the_switch VALUES (1)")
        row = opened.execute("SELECT pg_current_wal_lsn()").fetchone()
    assert row is not None
    await_replay(replica, str(row[0]))
    with replica.session() as opened:
        assert opened.execute("SELECT x FROM after_the_switch").fetchall() == [(1,)]
    assert replica.timeline() == 2


def test_a_replica_that_heard_more_than_the_new_primary_has_to_be_made_anew(new_cluster: Make) -> None:
    primary, standby = pair(new_cluster)
    primary.configure(LEAN)
    primary_proof = primary.start()
    standby.configure(LEAN | standby_settings(primary, standby, "standby"))
    standby_proof = standby.start()
    replica = new_cluster("replica")
    base_copy(primary, replica)
    replica.configure(LEAN | standby_settings(primary, replica, "replica"))
    replica.start()
    wait_streaming(primary, "replica")
    standby.stop(standby_proof)
    with primary.session() as opened:
        opened.execute("CREATE TABLE only_the_replica_heard_of (x int)")
        row = opened.execute("SELECT pg_current_wal_lsn()").fetchone()
    assert row is not None
    await_replay(replica, str(row[0]))
    primary.stop(primary_proof, "kill")
    standby.start()
    promote(standby)
    with pytest.raises(ReplicaAhead, match="ahead of its new primary") as ahead:
        follow(replica, standby, "replica")
    assert "took over at" in ahead.value.detail


def await_replay(replica: Cluster, lsn: str) -> None:
    for _ in range(1000):
        with replica.session() as opened:
            if opened.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", (lsn,)).fetchone() == (True,):
                return
        time.sleep(0.005)
    pytest.fail("the replica does not follow")


def test_writes_go_on_once_a_dead_standby_is_dropped(new_cluster: Make) -> None:
    primary, standby = pair(new_cluster)
    primary.configure(LEAN)
    primary.start()
    with pytest.raises(TargetRefused, match="running"):
        copy_stopped(primary, new_cluster("late"))
    with pytest.raises(TargetRefused, match=r"'nobody' did not stream .* within 0 s"):
        wait_streaming(primary, "nobody", timeout_s=0)
    with pytest.raises(InputRefused):
        require_synchronous(primary, [])
    standby.configure(LEAN | standby_settings(primary, standby, "standby"))
    proof = standby.start()
    require_synchronous(primary, ["standby"])
    wait_streaming(primary, "standby", synchronous=True)
    standby.stop(proof, "kill")

    done = threading.Event()

    def write() -> None:
        with primary.session() as opened:
            opened.execute("CREATE TABLE waits (x int)")
        done.set()

    writing = threading.Thread(target=write)
    writing.start()
    assert not done.wait(0.3)
    drop_synchronous(primary)
    assert done.wait(20)
    writing.join(20)


def test_a_primary_cannot_be_promoted_and_a_slow_standby_is_given_up(new_cluster: Make) -> None:
    primary, standby = pair(new_cluster)
    primary.configure(LEAN)
    primary.start()
    with pytest.raises(TargetRefused, match="server is no standby"):
        promote(primary)
    standby.configure(LEAN | standby_settings(primary, standby, "standby"))
    standby.start()
    with held_recovery(standby), pytest.raises(TargetRefused, match="did not take over"):
        promote(standby, timeout_s=0.1)
