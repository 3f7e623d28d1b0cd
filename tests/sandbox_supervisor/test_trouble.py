"""This machine lacks something: the instance says what, and the sandbox stays usable."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mainstay import sandbox

if TYPE_CHECKING:
    from tests.sandbox_supervisor.conftest import Box

NEW = {
    "Engine": "postgres",
    "DBInstanceClass": "db.t4g.micro",
    "AllocatedStorage": 20,
    "MasterUsername": "master",
    "MasterUserPassword": "correct-horse-battery",
    "DBName": "tap",
}


def test_missing_programs_are_named(fresh_box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh_box.kill_supervisor()
    monkeypatch.setenv("MAINSTAY_POSTGRES_BIN", str(tmp_path / "nowhere"))
    fresh_box.rds.create_db_instance(DBInstanceIdentifier="none", **NEW)
    found = fresh_box.settle("none", "failed")
    assert "nowhere" in found["StatusInfos"][0]["Message"]
    assert "MAINSTAY_POSTGRES_BIN" in found["StatusInfos"][0]["Message"]
    events = fresh_box.rds.describe_events(SourceIdentifier="none", SourceType="db-instance")["Events"]
    assert "nowhere" in events[-1]["Message"]
    assert fresh_box.status("none").failure == found["StatusInfos"][0]["Message"]
    fresh_box.delete("none")


def test_stolen_port_is_replaced(fresh_box: Box) -> None:
    fresh_box.rds.create_db_instance(DBInstanceIdentifier="moved", **NEW)
    db = fresh_box.settle("moved")
    (server,) = fresh_box.status("moved").servers
    fresh_box.kill_supervisor()
    os.kill(server.pid, signal.SIGKILL)
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        take(thief, server.port)
        thief.listen()
        sandbox.up(fresh_box.directory)
        assert fresh_box.ask(db, "SELECT 1") == (1,)
        assert fresh_box.status("moved").servers[0].port != server.port


def take(thief: socket.socket, port: int) -> None:
    """Bind the port as soon as the killed server has given it up."""
    deadline = time.monotonic() + 60
    while True:
        try:
            thief.bind(("127.0.0.1", port))
        except OSError:
            assert time.monotonic() < deadline, f"port {port} stays taken"
            time.sleep(0.01)
        else:
            return


def test_secrets_are_not_in_logs(fresh_box: Box) -> None:
    fresh_box.rds.create_db_instance(DBInstanceIdentifier="quiet", **NEW)
    fresh_box.settle("quiet")
    fresh_box.rds.modify_db_instance(DBInstanceIdentifier="quiet", MasterUserPassword="a-second-secret")
    fresh_box.settle("quiet")
    log = fresh_box.directory / "supervisor.log"
    assert log.stat().st_mode & 0o777 == 0o600
    text = log.read_text()
    assert "quiet" in text
    assert "a-second-secret" not in text
    assert "correct-horse" not in text
