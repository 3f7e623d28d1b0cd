from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mainstay.core.errors import EnvironmentLacking, MainstayError, TargetRefused
from mainstay.engines.home import log_since
from mainstay.engines.postgres.lsn import Lsn
from mainstay.engines.postgres.server_log import RecoveryTold, trouble

PREFIX = "2026-11-20 14:05:00.000 UTC [7] "


@pytest.mark.parametrize(
    ("line", "kind", "summary"),
    [
        ("FATAL:  could not write to file: No space left on device", EnvironmentLacking, "no space left"),
        ('LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', EnvironmentLacking, "port in use"),
        ("FATAL:  role does not exist", TargetRefused, "it failed"),
        ("LOG:  nothing worse", TargetRefused, "it failed"),
    ],
)
def test_trouble_has_the_name_of_its_cause(line: str, kind: type[MainstayError], summary: str) -> None:
    error = trouble("it failed", "/data", f"{PREFIX}{line}\n")
    assert type(error) is kind
    assert error.summary == summary
    assert error.detail == f"/data:\n{PREFIX}{line}"


def test_only_the_lines_that_matter_are_shown() -> None:
    log = "".join(f"{PREFIX}LOG:  line {n}\n{PREFIX}FATAL:  bad {n}\n" for n in range(20))
    shown = trouble("it failed", "/data", log).detail.splitlines()
    assert shown[0] == "/data:"
    assert shown[1:] == [f"{PREFIX}FATAL:  bad {n}" for n in range(12, 20)]


def test_a_log_is_read_from_where_we_stopped(tmp_path: Path) -> None:
    path = tmp_path / "server.log"
    assert log_since(path) == ""
    path.write_bytes("früher\nlater\n".encode() + b"\xff")
    assert log_since(path, len("früher\n".encode())) == "later\n\ufffd"


def test_a_recovery_tells_how_far_it_came() -> None:
    log = (
        f"{PREFIX}LOG:  redo done at 1/5000148 system usage: CPU: user: 0.1 s, system: 0.2 s, elapsed: 0.35 s\n"
        f"{PREFIX}LOG:  last completed transaction was at log time 2026-11-20 14:04:59.123456+00\n"
    )
    moment = datetime(2026, 11, 20, 14, 4, 59, 123456, tzinfo=UTC)
    assert RecoveryTold.read(log) == RecoveryTold(Lsn.parse("1/5000148"), moment, 0.35)
    assert RecoveryTold.read("") == RecoveryTold(None, None, 0.0)
