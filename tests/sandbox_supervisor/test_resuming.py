"""The supervisor is killed at any step of an operation: the next one goes on where it stood."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from mainstay import sandbox

PRIMARY = {
    "Engine": "postgres",
    "DBInstanceClass": "db.t4g.micro",
    "AllocatedStorage": 20,
    "MasterUsername": "master",
    "MasterUserPassword": "correct-horse-battery",
    "DBName": "tap",
}

if TYPE_CHECKING:
    from tests.sandbox_supervisor.conftest import Box


def kill_supervisor_at(box: Box, line: str, timeout_s: float = 60) -> None:
    """SIGKILL the supervisor as soon as its log says this."""
    log, deadline = box.directory / "supervisor.log", time.monotonic() + timeout_s
    while line not in log.read_text():
        assert time.monotonic() < deadline, f"'{line}' never came:\n{log.read_text()[-2000:]}"
        time.sleep(0.002)
    box.kill_supervisor()


@pytest.mark.parametrize(
    ("name", "line", "is_multi_az"),
    [
        ("half1", "create half1: lay out took", False),
        ("half2", "create half2: initialise took", True),
        ("half3", "create half3: start took", False),
    ],
)
def test_creating_goes_on(box: Box, name: str, line: str, is_multi_az: bool) -> None:
    # A supervisor that the test before had killed is started again by the call itself.
    box.rds.create_db_instance(DBInstanceIdentifier=name, **PRIMARY, MultiAZ=is_multi_az)
    kill_supervisor_at(box, line)
    db = box.settle(name)
    with box.connect(db) as connection:
        connection.execute("CREATE TABLE works (i int)")
    status = box.status(name)
    assert len(status.servers) == 1 + is_multi_az
    assert all(server.pid for server in status.servers)
    box.delete(name)


@pytest.fixture(scope="module")
def origin(box: Box) -> dict[str, Any]:
    db = box.create("origin", MultiAZ=True)
    with box.connect(db) as connection:
        connection.execute("CREATE TABLE rows (i int); INSERT INTO rows SELECT generate_series(1, 1000)")
    return box.restorable_after("origin", datetime.now(UTC))


@pytest.mark.parametrize(
    ("target", "line"), [("into1", "restore into1 begins"), ("into2", "restore into2: restore took")]
)
def test_restoring_goes_on(box: Box, origin: dict[str, Any], target: str, line: str) -> None:
    box.rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier="origin", TargetDBInstanceIdentifier=target, UseLatestRestorableTime=True
    )
    kill_supervisor_at(box, line)
    with box.connect(box.settle(target)) as connection:
        assert connection.execute("SELECT count(*) FROM rows").fetchone() == (1000,)
    box.delete(target)


def test_servers_outlive_the_supervisor_and_are_adopted(box: Box, origin: dict[str, Any]) -> None:
    before = box.status("origin").servers
    box.kill_supervisor()
    assert box.status("origin").servers == before
    assert sandbox.status(box.directory).supervisor_pid is None
    sandbox.up(box.directory)
    assert box.ask(origin, "SELECT count(*) FROM rows") == (1000,)
    assert box.status("origin").servers == before
    box.restorable_after("origin", datetime.now(UTC))


def test_primary_that_died_with_the_supervisor_fails_over(box: Box, origin: dict[str, Any]) -> None:
    primary, standby = box.status("origin").servers
    box.kill_supervisor()
    os.kill(primary.pid, signal.SIGKILL)
    sandbox.up(box.directory)
    assert box.ask(origin, "SELECT count(*) FROM rows") == (1000,)
    assert box.status("origin").servers[0].pid == standby.pid


def test_only_one_supervisor_ever_runs(box: Box) -> None:
    pid = sandbox.up(box.directory).supervisor_pid
    command = [sys.executable, "-m", "mainstay.sandbox.supervisor", str(box.directory)]
    second = subprocess.run(command, timeout=60, check=False, capture_output=True)
    assert second.returncode == 0
    assert sandbox.status(box.directory).supervisor_pid == pid
