from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from mainstay.core.errors import EnvironmentLacking, TargetRefused
from mainstay.engines import process
from mainstay.engines.identity import Identity

SHOW_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"


def test_a_command_gives_its_output_and_takes_its_input() -> None:
    completed = process.run(["cat"], stdin_text="grüße\n", timeout_s=10)
    assert completed == process.Completed("cat", 0, "grüße\n", "")


def test_the_environment_is_built_and_not_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "elsewhere")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    completed = process.run([sys.executable, "-c", SHOW_ENVIRONMENT], env={"EXTRA": "1"}, timeout_s=10)
    assert json.loads(completed.stdout) == process.build_environment({"EXTRA": "1"})
    assert process.build_environment()["TZ"] == "UTC"


def test_a_failing_command_is_an_error_with_its_last_words() -> None:
    with pytest.raises(TargetRefused) as caught:
        process.run(["sh", "-c", "seq 20 >&2; exit 3"], timeout_s=10)
    assert caught.value.detail.splitlines() == ["sh ended with exit code 3:", *map(str, range(13, 21))]


def test_a_failing_command_may_be_looked_at() -> None:
    assert process.run(["sh", "-c", "exit 3"], timeout_s=10, must_succeed=False).returncode == 3


def test_a_failing_command_without_error_output_shows_the_other() -> None:
    with pytest.raises(TargetRefused, match="said aloud"):
        process.run(["sh", "-c", "echo said aloud; exit 1"], timeout_s=10)


def test_a_full_disk_is_the_machines_fault() -> None:
    with pytest.raises(EnvironmentLacking, match="no space left"):
        process.run(["dd", "if=/dev/zero", "of=/dev/full", "count=1"], timeout_s=10)


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentLacking, match="/nowhere/postgres: No such file"):
        process.run(["/nowhere/postgres"], timeout_s=1)
    with pytest.raises(EnvironmentLacking, match="/nowhere/postgres: No such file"):
        process.spawn_detached(["/nowhere/postgres"], log_path=tmp_path / "log")


def test_a_command_that_takes_too_long_goes_with_its_children(tmp_path: Path) -> None:
    with pytest.raises(TargetRefused, match=r"after 0\.2 s"):
        process.run(["sh", "-c", f"sleep 63.25 & echo $! > {tmp_path}/pid; wait"], timeout_s=0.2)
    child = int((tmp_path / "pid").read_text())
    for _ in range(500):
        if not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.01)
    pytest.fail("its child runs on")


def test_a_command_that_is_interrupted_does_not_stay_behind(tmp_path: Path) -> None:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(KeyboardInterrupt):
            process.run(["sh", "-c", f"echo $$ > {tmp_path}/pid; sleep 64"], timeout_s=30)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_a_detached_process_has_a_session_of_its_own_and_a_private_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    proof = process.spawn_detached(["sh", "-c", "echo up; echo trouble >&2; sleep 65", "mine"], log_path=log)
    try:
        assert os.getsid(proof.pid) == proof.pid != os.getsid(0)
        assert process.is_alive_and_ours(proof)
        for _ in range(500):
            if len(log.read_text().split()) == 2:
                break
            time.sleep(0.01)
        assert log.read_text() == "up\ntrouble\n"
        assert log.stat().st_mode & 0o777 == 0o600
    finally:
        assert process.terminate(proof, "kill") == "SIGKILL"


def test_a_detached_process_outlives_the_one_that_started_it(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from mainstay.engines.process import spawn_detached\n"
        f"proof = spawn_detached(['sleep', '66.75'], log_path=Path({str(tmp_path / 'log')!r}))\n"
        "print(proof.pid, proof.created)"
    )
    source = str(Path(process.__file__).parents[2])
    started = process.run([sys.executable, "-c", script], env={"PYTHONPATH": source}, timeout_s=30)
    pid, created = started.stdout.split()
    proof = process.ProcessProof(int(pid), float(created), "66.75")
    assert process.is_alive_and_ours(proof)
    assert process.terminate(proof, "polite") == "SIGTERM"


def test_a_detached_process_inherits_no_descriptor(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.set_inheritable(write, True)
    proof = process.spawn_detached(["sleep", "67.5"], log_path=tmp_path / "log")
    try:
        expected = {"/dev/null", str(tmp_path / "log")}
        deadline = time.monotonic() + 60
        held: set[str] = set()
        # While it starts, a program may have files of the system open for a moment, which it did not inherit.
        while held != expected and time.monotonic() < deadline:
            time.sleep(0.02)
            held = {str(path.readlink()) for path in Path(f"/proc/{proof.pid}/fd").iterdir()}
        assert held == expected
    finally:
        process.terminate(proof, "kill")
        os.close(read)
        os.close(write)


def test_a_marker_must_be_on_the_command_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="marker"):
        process.spawn_detached(["sleep", "1"], log_path=tmp_path / "log", marker="elsewhere")


def test_the_exit_of_a_detached_process_is_collected(tmp_path: Path) -> None:
    proof = process.spawn_detached(["true", "x"], log_path=tmp_path / "log")
    assert process.wait_gone(proof, 10)
    for _ in range(500):
        if not psutil.pid_exists(proof.pid):
            return
        process.is_alive_and_ours(proof)
        time.sleep(0.01)
    pytest.fail("it stayed a zombie")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run as somebody else")
def test_root_runs_commands_as_the_servers_user(identity: Identity) -> None:
    told = process.run(["id"], identity=identity, timeout_s=10).stdout
    assert f"uid={identity.uid}({identity.name})" in told
    assert "(root)" not in told
