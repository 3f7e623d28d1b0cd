"""A MariaDB standby takes over from a killed primary, under load, behind the endpoint."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pymysql
import pytest

from mainstay.core.errors import InputRefused, TargetRefused
from mainstay.engines.certificates import create_authority, issue_server_certificate
from mainstay.engines.endpoint import Endpoint
from mainstay.engines.mariadb.cluster import Cluster
from mainstay.engines.mariadb.followers import ReplicaState
from mainstay.engines.mariadb.replication import (
    base_copy,
    copied_until,
    copy_stopped,
    drop_synchronous,
    follow,
    promote,
    require_synchronous,
    slave_status,
    standby_settings,
    streaming_state,
    wait_streaming,
)
from mainstay.engines.mariadb.session import ask, rows, tell
from mainstay.engines.mariadb.wire import MARIADB_WIRE

Make = Callable[[str], Cluster]
LEAN = {"innodb_buffer_pool_size": "16M"}


class Router:
    """An endpoint in a loop of its own thread, as a supervisor has it."""

    def __init__(self, **options: object) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.endpoint = asyncio.run_coroutine_threadsafe(self._open(options), self.loop).result(10)

    async def _open(self, options: dict[str, object]) -> Endpoint:
        endpoint = Endpoint("127.0.0.1", 0, wire=MARIADB_WIRE, **options)  # type: ignore[arg-type]  # as tests give them
        await endpoint.start()
        return endpoint

    def point(self, server: Cluster | None) -> None:
        backend = (server.host, server.port) if server is not None else None
        self.loop.call_soon_threadsafe(self.endpoint.set_backend, backend)

    def __enter__(self) -> Router:
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self.endpoint.close(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


class Writer(threading.Thread):
    """Writes numbers through the endpoint until it is told to stop, and remembers which were acknowledged."""

    def __init__(self, number: int, port: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.number, self.port, self.stop = number, port, stop
        self.acknowledged: list[int] = []
        self.reconnects = 0

    def run(self) -> None:
        value = self.number
        while not self.stop.is_set():
            try:
                self._write(value)
            except (pymysql.err.MySQLError, OSError):
                self.reconnects += 1
                value = max([value, *self.acknowledged]) + 1000

    def _write(self, value: int) -> None:
        with (
            pymysql.connect(
                host="127.0.0.1", port=self.port, user="owner", password="pw", database="shop", autocommit=True,
                ssl_disabled=True, connect_timeout=20, read_timeout=20,
            ) as opened,
            opened.cursor() as cursor,
        ):  # fmt: skip
            while not self.stop.is_set():
                value += 10
                cursor.execute("INSERT INTO written VALUES (%s)", (value,))
                self.acknowledged.append(value)


def await_more(writers: list[Writer], count: int) -> None:
    deadline = time.monotonic() + 60
    while sum(len(writer.acknowledged) for writer in writers) < count:
        if time.monotonic() > deadline:
            pytest.fail("the writers came to a stand")
        time.sleep(0.01)


def pair(make: Make) -> tuple[Cluster, Cluster]:
    primary, standby = make("primary"), make("standby")
    primary.initialise("owner", "pw", database="shop")
    copy_stopped(primary, standby)
    primary.configure(LEAN)
    standby.configure(LEAN | standby_settings(primary, standby, "standby"))
    primary.start()
    standby.start()
    wait_streaming(primary, "standby")
    return primary, standby


def care(server: Cluster) -> tuple[int, ...]:
    query = "SELECT @@global.slave_parallel_threads, @@global.innodb_flush_log_at_trx_commit, @@global.sync_binlog"
    with server.session() as opened:
        return ask(opened, query)


def move(replica: Cluster, primary: Cluster) -> None:
    """Let the replica follow; one that was sent a commit which the standby had not yet received is made anew."""
    try:
        follow(replica, primary, "replica")
    except TargetRefused as error:
        if error.summary != "replica is ahead of its new primary":
            raise
        remake(replica, primary)


def remake(replica: Cluster, primary: Cluster) -> None:
    proof = replica.find_proof()
    if proof is not None:
        replica.stop(proof, "kill")
    replica.erase()
    base_copy(primary, replica)
    replica.configure(LEAN | standby_settings(primary, replica, "replica", acknowledges=False))
    replica.start()


def test_a_replica_that_is_ahead_does_not_follow(new_server: Make) -> None:
    primary, standby = pair(new_server)
    with standby.session("shop") as opened:
        tell(opened, "CREATE TABLE never_acknowledged (n int)")
    with pytest.raises(TargetRefused, match="ahead of its new primary"):
        follow(standby, primary, "standby")


def test_no_acknowledged_commit_is_lost_and_a_replica_follows(new_server: Make) -> None:
    primary, standby = pair(new_server)
    require_synchronous(primary, ["standby"])
    wait_streaming(primary, "standby", synchronous=True)
    with primary.session("shop") as opened:
        tell(opened, "CREATE TABLE written (n int PRIMARY KEY)")
    replica = new_server("replica")
    base_copy(primary, replica)
    replica.configure(LEAN | standby_settings(primary, replica, "replica", acknowledges=False))
    replica.start()
    wait_streaming(primary, "replica")
    assert streaming_state(primary) == [
        ReplicaState("replica", "streaming", "async"), ReplicaState("standby", "streaming", "sync")
    ]  # fmt: skip
    proof = primary.find_proof()
    assert proof is not None
    with Router() as router:
        router.point(primary)
        stop = threading.Event()
        writers = [Writer(n, router.endpoint.port, stop) for n in range(4)]
        for writer in writers:
            writer.start()
        await_more(writers, 100)
        standby.reload()
        assert care(standby) == (4, 2, 0)  # it keeps up with a primary that commits in groups
        primary.stop(proof, "kill")
        router.point(None)
        promotion = promote(standby)
        before = sum(len(writer.acknowledged) for writer in writers)
        router.point(standby)
        await_more(writers, before + 100)
        stop.set()
        for writer in writers:
            writer.join(20)
    with standby.session("shop") as opened:
        present = {row[0] for row in rows(opened, "SELECT n FROM written")}
        at = str(ask(opened, "SELECT @@global.gtid_binlog_pos")[0])
    assert all(writer.reconnects >= 1 for writer in writers)
    assert {n for writer in writers for n in writer.acknowledged} - present == set()
    assert promotion.gtid is not None
    assert not standby.is_in_recovery()
    assert care(standby) == (0, 1, 1)
    assert {"init_file", "read_only"} & set(standby.settings()) == set()

    move(replica, standby)
    wait_streaming(standby, "replica")
    with replica.session("shop", timeout_s=20) as opened:
        assert ask(opened, "SELECT MASTER_GTID_WAIT(%s, 15)", (at,))[0] == 0
        assert {row[0] for row in rows(opened, "SELECT n FROM written")} == present
        status = slave_status(opened)
    assert status is not None
    assert (status["Slave_IO_Running"], status["Slave_SQL_Running"]) == ("Yes", "Yes")
    with pytest.raises(InputRefused, match="never overwritten"):
        base_copy(standby, replica)
    with pytest.raises(TargetRefused):
        base_copy(standby, new_server("late"), timeout_s=0.01)
    assert not (new_server("late").home / "data.partial").exists()


def test_replication_over_tls_and_writes_go_on_without_a_dead_standby(new_server: Make) -> None:
    primary, standby = new_server("primary"), new_server("standby")
    authority = create_authority(primary.home.parent / "ca", name="Test authority")
    primary.initialise("owner", "pw", database="shop")
    copy_stopped(primary, standby)
    for server in (primary, standby):
        tls = issue_server_certificate(
            authority, server.side / "tls", name="shop", addresses=[server.host], identity=server.identity
        )
        server.configure(LEAN, tls=tls)
    primary.start()
    with pytest.raises(TargetRefused, match="running"):
        copy_stopped(primary, new_server("late"))
    with pytest.raises(TargetRefused, match=r"'nobody' did not follow .* within 0 s"):
        wait_streaming(primary, "nobody", timeout_s=0)
    with pytest.raises(InputRefused, match="no standby"):
        require_synchronous(primary, [])
    with pytest.raises(TargetRefused, match="follows no primary"):
        promote(primary)
    standby.change_settings(standby_settings(primary, standby, "standby"))
    proof = standby.start()
    require_synchronous(primary, ["standby"])
    wait_streaming(primary, "standby", synchronous=True)
    assert standby.is_in_recovery()
    with standby.session() as opened:
        status = slave_status(opened)
    assert status is not None
    assert status["Master_SSL_Allowed"] == "Yes"
    standby.stop(proof, "kill")
    done = threading.Event()

    def write() -> None:
        with primary.session("shop", timeout_s=30) as opened:
            tell(opened, "CREATE TABLE waits (x int)")
        done.set()

    writing = threading.Thread(target=write)
    writing.start()
    assert not done.wait(0.3)
    drop_synchronous(primary)
    assert done.wait(20)
    writing.join(20)


def test_a_copy_that_names_no_position_is_refused(new_server: Make) -> None:
    server = new_server("empty")
    server.prepare()
    with pytest.raises(TargetRefused, match="copy has no position"):
        copied_until(server.home)


def test_a_client_reads_why_it_is_not_let_in() -> None:
    with Router(admit=lambda peer: f"{peer} is in no security group") as router:
        with pytest.raises(pymysql.err.OperationalError, match=r"127\.0\.0\.1 is in no security group") as caught:
            pymysql.connect(host="127.0.0.1", port=router.endpoint.port, user="u", connect_timeout=5)
        assert caught.value.args[0] == 1130
    with Router(hold_s=0.05) as router:
        with pytest.raises(pymysql.err.OperationalError, match="no server took the connection") as caught:
            pymysql.connect(host="127.0.0.1", port=router.endpoint.port, user="u", connect_timeout=5)
        assert caught.value.args[0] == 1040
        assert router.endpoint.counters.expired == 1
