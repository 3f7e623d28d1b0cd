"""The supervisor is killed at any step of an operation: the next one goes on where it stood."""

from __future__ import annotations

import json
import os
import signal
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from mainstay import sandbox

if TYPE_CHECKING:
    from tests.sandbox_supervisor.conftest import Box


def kill_supervisor_at(box: Box, line: str, timeout_s: float = 20) -> None:
    """SIGKILL the supervisor as soon as its log says this."""
    log, deadline = box.directory / "supervisor.log", time.monotonic() + timeout_s
    while line not in log.read_text():
        assert time.monotonic() < deadline, f"'{line}' never came:\n{log.read_text()[-2000:]}"
        time.sleep(0.002)
    os.kill(json.loads((box.directory / "supervisor.json").read_text())["pid"], signal.SIGKILL)


@pytest.mark.parametrize(
    "line",
    ["create {0} begins", "create {0}: lay out took", "create {0}: initialise took", "create {0}: start took"],
)
def test_creating_goes_on(box: Box, line: str, request: pytest.FixtureRequest) -> None:
    identifier = f"half{request.node.callspec.indices['line']}"
    members: dict[str, Any] = {"MultiAZ": "initialise" in line}
    # The first call of a test module has a supervisor; later ones start it again by themselves.
    box.rds.create_db_instance(
        DBInstanceIdentifier=identifier, Engine="postgres", DBInstanceClass="db.t4g.micro", AllocatedStorage=20,
        MasterUsername="master", MasterUserPassword="correct-horse-battery", DBName="tap", **members,
    )  # fmt: skip
    kill_supervisor_at(box, line.format(identifier))
    db = box.settle(identifier)
    with box.connect(db) as connection:
        connection.execute("CREATE TABLE works (i int)")
    status = box.status(identifier)
    assert all(server.pid for server in status.servers)
    assert len(status.servers) == 1 + members["MultiAZ"]
    box.delete(identifier)


@pytest.mark.parametrize("line", ["restore {0} begins", "restore {0}: restore took"])
def test_restoring_goes_on(box: Box, line: str, request: pytest.FixtureRequest) -> None:
    source, target = (f"{name}{request.node.callspec.indices['line']}" for name in ("from", "into"))
    db = box.create(source)
    with box.connect(db) as connection:
        connection.execute("CREATE TABLE rows (i int); INSERT INTO rows SELECT generate_series(1, 1000)")
    box.restorable_after(source, datetime.now(UTC))
    box.rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=source, TargetDBInstanceIdentifier=target, UseLatestRestorableTime=True
    )
    kill_supervisor_at(box, line.format(target))
    with box.connect(box.settle(target)) as connection:
        assert connection.execute("SELECT count(*) FROM rows").fetchone() == (1000,)
    box.delete(target)
    box.delete(source)


def test_servers_outlive_the_supervisor_and_are_adopted(box: Box) -> None:
    db = box.create("adopted", MultiAZ=True)
    before = box.status("adopted").servers
    os.kill(sandbox.status(box.directory).supervisor_pid or 0, signal.SIGKILL)
    assert box.status("adopted").servers == before
    assert sandbox.status(box.directory).supervisor_pid is None
    sandbox.up(box.directory)
    with box.connect(db) as connection:
        connection.execute("SELECT 1")
    assert box.status("adopted").servers == before
    box.restorable_after("adopted", datetime.now(UTC))
    box.delete("adopted")


def test_primary_that_died_with_the_supervisor_fails_over(box: Box) -> None:
    db = box.create("both", MultiAZ=True)
    with box.connect(db) as connection:
        connection.execute("CREATE TABLE kept (i int); INSERT INTO kept VALUES (3)")
    primary, standby = box.status("both").servers
    os.kill(sandbox.status(box.directory).supervisor_pid or 0, signal.SIGKILL)
    os.kill(primary.pid, signal.SIGKILL)
    sandbox.up(box.directory)
    with box.connect(db) as connection:
        assert connection.execute("SELECT i FROM kept").fetchone() == (3,)
    assert box.status("both").servers[0].pid == standby.pid
    box.delete("both")


def test_only_one_supervisor_ever_runs(box: Box) -> None:
    import subprocess  # noqa: PLC0415 - the test's own way to start a second one
    import sys  # noqa: PLC0415

    pid = sandbox.status(box.directory).supervisor_pid
    command = [sys.executable, "-m", "mainstay.sandbox.supervisor", str(box.directory)]
    second = subprocess.run(command, timeout=20, check=False, env={**os.environ}, capture_output=True)
    assert second.returncode == 0
    assert sandbox.status(box.directory).supervisor_pid == pid
