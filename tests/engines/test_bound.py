"""Processes that answer one request at a time and end with whoever started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from mainstay.core.errors import EnvironmentLacking
from mainstay.engines import process
from mainstay.engines.bound import Bound

ANSWERING = """
import os, subprocess, sys, time
from mainstay.engines.bound import attach
channel = attach()
for line in channel.makefile():
    print("asked", line, end="", flush=True)
    match line.strip():
        case "leave":
            os._exit(3)
        case "hang":
            while True: pow(3, 100000)
        case "start":
            answer = subprocess.Popen(["sleep", "600"]).pid
        case "read":
            answer = repr(sys.stdin.read())
        case _:
            answer = line.strip() * 2
    channel.sendall(f"{answer}\\n".encode())
"""
CALLER = """
import sys
from mainstay.engines.process import spawn_bound
bound = spawn_bound([sys.executable, "-c", sys.argv[1]], log=2, env={"PYTHONPATH": sys.argv[2]})
bound.ask("a", 30)
print(bound.pid, flush=True)
bound.ask("hang", 600)
"""
SOURCE = str(Path(process.__file__).parents[2])
MEASURED = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}


@contextmanager
def answering(log: int) -> Iterator[Bound]:
    bound = process.spawn_bound([sys.executable, "-c", ANSWERING], log=log, env={"PYTHONPATH": SOURCE, **MEASURED})
    try:
        yield bound
    finally:
        bound.end()


def is_gone(pid: int) -> bool:
    """Whether a process ends soon, whoever collects it."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


def test_it_answers_line_by_line_writes_to_its_log_and_ends_with_its_children() -> None:
    with tempfile.TemporaryFile() as log, answering(log.fileno()) as bound:
        long = "x" * 300_000
        assert [bound.ask(line, 30) for line in ("a", long, "read")] == ["aa\n", f"{long}{long}\n", "''\n"]
        child = int(bound.ask("start", 30) or 0)
        assert psutil.Process(child).ppid() == bound.pid
        assert bound.end(number=signal.SIGTERM, patience_s=30) == -signal.SIGTERM
        assert not bound.is_alive
        assert is_gone(child)
        log.seek(0)
        assert log.read().startswith(b"asked a\nasked xxx")


def test_one_that_leaves_gives_no_answer_and_its_exit_code() -> None:
    with tempfile.TemporaryFile() as log, answering(log.fileno()) as bound:
        assert bound.ask("leave", 30) is None
        assert bound.ask("a", 30) is None
        assert bound.end(patience_s=30) == 3
        assert bound.end() == 3


def test_one_that_takes_too_long_is_told_of_and_killed() -> None:
    with tempfile.TemporaryFile() as log, answering(log.fileno()) as bound:
        with pytest.raises(TimeoutError):
            bound.ask("hang", 0.01)
        assert bound.end() == -signal.SIGKILL


def test_it_dies_in_the_middle_of_its_work_when_its_caller_is_killed() -> None:
    caller = subprocess.Popen(
        [sys.executable, "-c", CALLER, ANSWERING, SOURCE],
        env={**os.environ, "PYTHONPATH": SOURCE},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with caller:
        assert caller.stdout is not None
        pid = int(caller.stdout.readline())
        caller.kill()
    assert is_gone(pid)


def test_a_program_that_is_not_there_is_lacking() -> None:
    before = set(Path("/proc/self/fd").iterdir())
    with pytest.raises(EnvironmentLacking, match="cannot be started"):
        process.spawn_bound(["/no/such/program"], log=2)
    assert set(Path("/proc/self/fd").iterdir()) <= before
