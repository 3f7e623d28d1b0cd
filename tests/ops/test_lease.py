from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from mainstay.core.errors import Busy, EnvironmentLacking, InputRefused
from mainstay.ops.lease import break_lease, hold

Fixture = Any  # fixtures of conftest
HOLDER = """
import sys, time
from pathlib import Path
from mainstay.ops.lease import hold
with hold(Path(sys.argv[1]), "shop", operation="deploy"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_one_is_told_who_is_at_work(tmp_path: Path, clock: Fixture) -> None:
    with hold(tmp_path, "shop", operation="deploy", clock=clock) as lease:
        with pytest.raises(Busy) as stop, hold(tmp_path, "shop", operation="drill", clock=clock):
            pytest.fail("two at once")
        assert f"deploy (process {os.getpid()} on {lease.host}, since 2026-11-20T14:00:00" in stop.value.detail
        with hold(tmp_path, "another", operation="drill", clock=clock):
            pass
    with hold(tmp_path, "shop", operation="drill", clock=clock) as again:
        assert again.operation == "drill"
        assert again.token != lease.token


def test_a_place_that_takes_no_lease_begins_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    with (
        pytest.raises(EnvironmentLacking, match="cannot be written") as refused,
        hold(tmp_path / "taken", "shop", operation="deploy"),
    ):
        pytest.fail("begun")
    assert "taken/shop.lease" in refused.value.detail
    monkeypatch.setattr(os, "pwrite", _full)
    with (
        pytest.raises(EnvironmentLacking, match="cannot be written") as refused,
        hold(tmp_path, "shop", operation="deploy"),
    ):
        pytest.fail("begun")
    assert "No space left on device" in refused.value.detail


def _full(*_: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_it_is_given_back_when_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), hold(tmp_path, "shop", operation="deploy"):
        raise RuntimeError
    with hold(tmp_path, "shop", operation="deploy"):
        pass


def test_threads_exclude_each_other_too(tmp_path: Path) -> None:
    outcome: list[str] = []

    def second() -> None:
        try:
            with hold(tmp_path, "shop", operation="drill"):
                outcome.append("held")
        except Busy:
            outcome.append("busy")

    with hold(tmp_path, "shop", operation="deploy"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(10)
    assert outcome == ["busy"]


def test_a_killed_holder_is_provably_gone(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        token = json.loads((tmp_path / "shop.lease").read_text())["token"]
        with pytest.raises(Busy, match="somebody else") as stop, hold(tmp_path, "shop", operation="drill"):
            pytest.fail("two at once")
        assert str(holder.pid) in stop.value.detail
        with pytest.raises(Busy):
            break_lease(tmp_path, "shop", token)
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate(timeout=60)
    with hold(tmp_path, "shop", operation="drill") as lease:
        assert lease.pid == os.getpid()


@pytest.mark.parametrize(("hours", "words"), [(1, "lasts until"), (13, "ran out at")])
def test_a_holder_on_another_machine_is_only_broken_by_token(
    tmp_path: Path, clock: Fixture, hours: int, words: str
) -> None:
    with hold(tmp_path, "shop", operation="deploy", clock=clock) as lease:
        text = (tmp_path / "shop.lease").read_text()
    elsewhere = {**json.loads(text), "host": "elsewhere.example"}
    (tmp_path / "shop.lease").write_text(json.dumps(elsewhere))
    clock.elapsed_s = hours * 3600.0
    with pytest.raises(Busy) as stop, hold(tmp_path, "shop", operation="deploy", clock=clock):
        pytest.fail("two at once")
    assert words in stop.value.detail
    assert lease.token in stop.value.hint
    with pytest.raises(InputRefused):
        break_lease(tmp_path, "shop", "wrong")
    break_lease(tmp_path, "shop", lease.token)
    with hold(tmp_path, "shop", operation="deploy", clock=clock):
        pass
    with pytest.raises(InputRefused):
        break_lease(tmp_path, "shop", lease.token)


def test_a_file_cut_off_by_a_crash_leaves_it_to_the_kernel(tmp_path: Path) -> None:
    (tmp_path / "shop.lease").write_text('{"name": "sh')
    with hold(tmp_path, "shop", operation="deploy") as lease:
        assert lease.name == "shop"
