"""A server is killed: clients wait a moment, and nothing that they were told of is lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import psutil
import psycopg
import pytest

from mainstay import sandbox
from mainstay.core.errors import InputRefused, NotFound, TargetRefused
from mainstay.engines import process
from mainstay.engines.identity import engine_identity
from mainstay.engines.orphans import find_by_directory
from mainstay.engines.process import proof_of, suspend
from mainstay.sandbox.injection import has_redundancy, inject
from mainstay.sandbox.state import State
from mainstay.sandbox.supervisor.layout import Layout
from mainstay.sandbox.supervisor.runtime import Runtime, load_runtime

if TYPE_CHECKING:
    from tests.sandbox_supervisor.conftest import Box

CLIENTS = 3
PATIENCE_S = 2


@pytest.fixture(scope="module", autouse=True)
def impatient() -> Iterator[None]:
    """A server is given up sooner here than by default, so that a test of a hang takes seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAINSTAY_SANDBOX_PATIENCE_S", str(PATIENCE_S))
        yield


class Load:
    """Clients that insert numbers and remember which were acknowledged."""

    def __init__(self, box: Box, db: dict[str, Any]) -> None:
        self.box, self.db = box, db
        self.acknowledged: list[tuple[int, int]] = []
        self.longest_gap_s = 0.0
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._insert, args=(number,)) for number in range(CLIENTS)]

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)

    def _insert(self, client: int) -> None:
        number, last = 0, time.monotonic()
        while not self.stopping.is_set():
            try:
                with self.box.connect(self.db) as connection:
                    while not self.stopping.is_set():
                        connection.execute("INSERT INTO acks VALUES (%s, %s)", (client, number))
                        self.acknowledged.append((client, number))
                        self.longest_gap_s = max(self.longest_gap_s, time.monotonic() - last)
                        last = time.monotonic()
                        number += 1
            except psycopg.Error:
                number += 1  # in doubt: neither acknowledged nor repeated
                time.sleep(0.01)


def primary_pid(box: Box, identifier: str) -> int:
    pid: int = box.status(identifier).servers[0].pid
    return pid


@pytest.fixture(scope="module")
def pair(box: Box) -> dict[str, Any]:
    db = box.create("pair", MultiAZ=True)
    box.rds.create_db_instance_read_replica(DBInstanceIdentifier="pair-r1", SourceDBInstanceIdentifier="pair")
    box.settle("pair-r1")
    with box.connect(db) as connection:
        connection.execute("CREATE TABLE acks (client int, number int)")
    return db


def test_failover_loses_no_acknowledged_commit(box: Box, pair: dict[str, Any]) -> None:
    with Load(box, pair) as load:
        for _ in range(2):
            box.await_pair("pair")
            time.sleep(0.3)
            pid = primary_pid(box, "pair")
            os.kill(pid, signal.SIGKILL)
            deadline = time.monotonic() + 60
            while primary_pid(box, "pair") in (pid, None) and time.monotonic() < deadline:
                time.sleep(0.01)
            count = len(load.acknowledged)
            while len(load.acknowledged) < count + 50 and time.monotonic() < deadline:
                time.sleep(0.01)
            assert len(load.acknowledged) >= count + 50
            assert primary_pid(box, "pair") not in (pid, None)
    assert load.longest_gap_s < 30  # it takes tenths of a second; who is not let go on is held for 60 s
    box.await_pair("pair")
    with box.connect(box.find("pair")) as connection:
        present = set(connection.execute("SELECT client, number FROM acks").fetchall())
    assert len(load.acknowledged) > 100
    assert set(load.acknowledged) <= present
    print(f"{len(load.acknowledged)} acknowledged, longest gap {load.longest_gap_s:.3f} s")  # noqa: T201 - measured


def test_failover_is_told_and_swaps_zones(box: Box, pair: dict[str, Any]) -> None:
    messages = [
        event["Message"]
        for event in box.rds.describe_events(SourceIdentifier="pair", SourceType="db-instance")["Events"]
        if "failover" in event["EventCategories"]
    ]
    assert [message.split(" that")[0] for message in messages[:3]] == [
        "A Multi-AZ failover",
        "Multi-AZ instance failover completed",
        "A Multi-AZ failover",
    ]
    found = box.find("pair")
    assert found["DBInstanceStatus"] == "available"
    assert {found["AvailabilityZone"], found["SecondaryAvailabilityZone"]} == {"us-east-1a", "us-east-1b"}


def test_replica_follows_the_new_primary(box: Box, pair: dict[str, Any]) -> None:
    box.await_pair("pair")
    with box.connect(pair) as connection:
        connection.execute("INSERT INTO acks VALUES (99, 99)")
    with box.connect(box.find("pair-r1")) as replica:
        deadline = time.monotonic() + 60
        while not replica.execute("SELECT 1 FROM acks WHERE client = 99").fetchone():
            assert time.monotonic() < deadline, "the replica does not receive from the new primary"
            time.sleep(0.02)


def test_archive_follows_the_new_primary(box: Box, pair: dict[str, Any]) -> None:
    before = box.find("pair")["LatestRestorableTime"]
    assert box.restorable_after("pair", before)["LatestRestorableTime"] > before


def test_a_replica_whose_copy_was_cut_short_is_copied_anew(box: Box, pair: dict[str, Any]) -> None:
    """What a supervisor leaves that is killed after it has taken away what is to be replaced."""
    box.await_pair("pair")
    replica = box.status("pair-r1").servers[0]
    box.kill_supervisor()
    os.kill(replica.pid, signal.SIGKILL)
    home = Layout.load(box.directory).instance(box.find("pair-r1")["DbiResourceId"]) / "a"
    shutil.rmtree(home / "data")
    (home / "data.partial").mkdir()
    sandbox.up(box.directory)
    with box.connect(pair) as connection:
        connection.execute("INSERT INTO acks VALUES (98, 98)")
    deadline = time.monotonic() + 60
    while box.ask(box.find("pair-r1"), "SELECT count(*) FROM acks WHERE client = 98") != (1,):
        assert time.monotonic() < deadline, "the replica does not receive what its source has"
        time.sleep(0.05)
    assert box.find("pair-r1")["DBInstanceStatus"] == "available"


def test_forced_failover(box: Box, pair: dict[str, Any]) -> None:
    box.await_pair("pair")
    pid = primary_pid(box, "pair")
    box.rds.reboot_db_instance(DBInstanceIdentifier="pair", ForceFailover=True)
    box.settle("pair")
    box.await_pair("pair")
    assert primary_pid(box, "pair") != pid
    with box.connect(pair) as connection:
        assert connection.execute("SELECT count(*) FROM acks WHERE client = 99").fetchone() == (1,)


def test_dead_standby_does_not_stop_writes(box: Box, pair: dict[str, Any]) -> None:
    box.await_pair("pair")
    standby = box.status("pair").servers[1].pid
    with box.connect(pair) as connection:
        os.kill(standby, signal.SIGKILL)
        # Without the supervisor it would wait for the standby for ever.
        connection.execute("INSERT INTO acks VALUES (100, 1)")
    box.await_pair("pair")
    assert box.status("pair").servers[1].pid != standby


def survive(box: Box, pair: dict[str, Any], harm: Callable[[], object]) -> float:
    """Do harm under load, until both servers are there again; the longest gap, with no acknowledged write lost."""
    box.await_pair("pair")
    pids = [server.pid for server in box.status("pair").servers]
    with Load(box, pair) as load:
        time.sleep(0.3)
        assert load.acknowledged
        harm()
        deadline = time.monotonic() + 90
        while not has_redundancy(box.directory, "us-east-1", "pair") or pids == [
            server.pid for server in box.status("pair").servers
        ]:
            assert time.monotonic() < deadline, log_of(box)[-3000:]
            time.sleep(0.05)
        count = len(load.acknowledged)
        while len(load.acknowledged) < count + 50:
            assert time.monotonic() < deadline, "nothing is written any more"
            time.sleep(0.01)
    with box.connect(box.find("pair")) as connection:
        present = set(connection.execute("SELECT client, number FROM acks").fetchall())
    assert set(load.acknowledged) <= present
    return load.longest_gap_s


def test_a_hanging_primary_is_killed_before_its_standby_takes_over(box: Box, pair: dict[str, Any]) -> None:
    with box.connect(pair) as connection:
        connection.execute("TRUNCATE acks")
    box.await_pair("pair")
    old, standby = (server.pid for server in box.status("pair").servers)
    gap_s = survive(box, pair, lambda: inject(box.directory, "us-east-1", "pair", "hang"))
    assert gap_s > PATIENCE_S  # patience: nobody is given up for being slow
    primary = box.status("pair").servers[0].pid
    assert primary == standby
    assert not psutil.pid_exists(old) or psutil.Process(old).status() == psutil.STATUS_ZOMBIE
    log = log_of(box)
    killed = log.index(f"its primary has not answered for {PATIENCE_S} s and is killed")
    assert "standby took over" in log[killed:]


def test_a_standby_that_nothing_comes_back_from_is_given_up(box: Box, pair: dict[str, Any]) -> None:
    with box.connect(pair) as connection:
        connection.execute("TRUNCATE acks")
    box.await_pair("pair")
    primary, old = (server.pid for server in box.status("pair").servers)
    assert (
        survive(box, pair, lambda: inject(box.directory, "us-east-1", "pair", "partition")) > PATIENCE_S
    )  # commits wait for it until then
    servers = box.status("pair").servers
    assert servers[0].pid == primary
    assert servers[1].pid != old


def test_when_both_hang_the_primary_is_brought_back_with_all_that_it_had(box: Box, pair: dict[str, Any]) -> None:
    box.await_pair("pair")
    with box.connect(pair) as connection:
        connection.execute("TRUNCATE acks")
        connection.execute("INSERT INTO acks VALUES (1, 1)")
    old = {server.pid for server in box.status("pair").servers}
    inject(box.directory, "us-east-1", "pair", "partition")
    inject(box.directory, "us-east-1", "pair", "hang")
    assert not has_redundancy(box.directory, "us-east-1", "pair")
    assert box.ask(pair, "SELECT count(*) FROM acks") == (1,)
    box.await_pair("pair")
    assert old.isdisjoint(server.pid for server in box.status("pair").servers)
    assert box.find("pair")["DBInstanceStatus"] == "available"


def test_a_standby_that_answers_and_receives_nothing_is_given_up(box: Box, pair: dict[str, Any]) -> None:
    box.await_pair("pair")
    with box.connect(pair) as connection:
        connection.execute("TRUNCATE acks")
    primary, old = (server.pid for server in box.status("pair").servers)
    [receiver] = [one for one in psutil.Process(old).children() if "walreceiver" in " ".join(one.cmdline())]
    assert survive(box, pair, receiver.suspend) > PATIENCE_S
    servers = box.status("pair").servers
    assert servers[0].pid == primary
    assert servers[1].pid != old
    assert "its standby has acknowledged nothing for 2 s while commits wait" in log_of(box)


def log_of(box: Box) -> str:
    return (box.directory / "supervisor.log").read_text()


def runtime_of(box: Box, identifier: str) -> Runtime:
    with State(box.directory).reading(box.region) as tx:
        runtime = load_runtime(tx, box.find(identifier)["DbiResourceId"])
    assert runtime is not None
    return runtime


class HeldDown:
    """A standby that hangs, and hangs again before it is ready, however often it is started."""

    def __init__(self, box: Box, runtime: Runtime) -> None:
        self.home = Layout.load(box.directory).instance(runtime.resource) / str(runtime.standby)
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._hold)

    def __enter__(self) -> HeldDown:
        for proof in find_by_directory(self.home, engine_identity()):
            suspend(proof)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.thread.join(30)

    def _hold(self) -> None:
        data, held = self.home / "data", None
        while not self.stopping.wait(0.005):
            with contextlib.suppress(OSError, ValueError, IndexError):  # there is none just now
                pid = int((data / "postmaster.pid").read_text().splitlines()[0])
                proof = proof_of(pid, str(data)) if pid != held else None
                if proof is not None and process.signal(proof, signal.SIGSTOP):
                    held = pid


def test_a_standby_that_lacks_commits_never_takes_over(box: Box, pair: dict[str, Any]) -> None:
    box.await_pair("pair")
    with box.connect(pair) as connection:
        connection.execute("TRUNCATE acks")
    before, deadline = runtime_of(box, "pair"), time.monotonic() + 90
    told = len(log_of(box))
    with Load(box, pair) as load:
        with HeldDown(box, before):
            while not runtime_of(box, "pair").lacks_standby:
                assert time.monotonic() < deadline, "the standby is never given up"
                time.sleep(0.05)
            alone = len(load.acknowledged)
            while len(load.acknowledged) < alone + 20:
                assert time.monotonic() < deadline, "writes stand still without the standby"
                time.sleep(0.01)
            assert not has_redundancy(box.directory, box.region, "pair")
            assert box.find("pair")["DBInstanceStatus"] == "available"
            pid = primary_pid(box, "pair")
            os.kill(pid, signal.SIGKILL)
            while primary_pid(box, "pair") in (pid, None):
                assert time.monotonic() < deadline, log_of(box)[told:]
                time.sleep(0.05)
        alone = len(load.acknowledged)
        while len(load.acknowledged) < alone + 20:
            assert time.monotonic() < deadline, log_of(box)[told:]
            time.sleep(0.01)
    assert runtime_of(box, "pair").primary == before.primary
    assert "its standby may lack commits that clients were told of: no takeover" in log_of(box)[told:]
    assert "took over" not in log_of(box)[told:]
    box.await_pair("pair")
    with box.connect(pair) as connection:
        present = set(connection.execute("SELECT client, number FROM acks").fetchall())
    assert set(load.acknowledged) <= present


def test_faults_are_done_to_what_there_is(box: Box, pair: dict[str, Any]) -> None:
    with pytest.raises(InputRefused, match="no such fault"):
        inject(box.directory, "us-east-1", "pair", "flood")
    with pytest.raises(NotFound, match="no such instance"):
        inject(box.directory, "us-east-1", "nobody", "kill")
    with pytest.raises(TargetRefused, match="nothing to harm"):
        inject(box.directory, "us-east-1", "pair-r1", "partition")
    assert not has_redundancy(box.directory, "us-east-1", "pair-r1")


def test_single_server_is_brought_back_in_place(box: Box) -> None:
    db = box.create("alone", BackupRetentionPeriod=0)
    with box.connect(db) as connection:
        connection.execute("CREATE TABLE kept (i int); INSERT INTO kept VALUES (7)")
    os.kill(primary_pid(box, "alone"), signal.SIGKILL)
    assert box.ask(db, "SELECT i FROM kept") == (7,)
    box.delete("alone")
