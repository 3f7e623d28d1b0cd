"""Execution environments stay warm: which call finds one, what ends one, and that nothing is left behind."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import mainstay
from mainstay.engines.process import spawn_bound
from mainstay.functions.packaging import Package
from mainstay.sandbox.lambda_environments import POOL, Environment, Key, Pool
from mainstay.sandbox.lambda_launch import MODULE, Invocation, invoke

REGION = "eu-central-1"
CODE = """
import os, pathlib, sys, threading, time
count = 0

def handler(event, context):
    global count
    count += 1
    print("call", count, context.aws_request_id)
    match event.get("do"):
        case "leave": sys.exit(7)
        case "hang": time.sleep(600)
        case "fail": raise ValueError("no")
        case "eat": bytearray(400 * 1024 * 1024)
        case "meet":  # both are here at the same time
            pathlib.Path(event["mine"]).write_text(str(os.getpid()))
            while not pathlib.Path(event["other"]).exists(): time.sleep(0.005)
    return [os.getpid(), count]
"""


def packed(text: str = CODE, handler: str = "job.handler") -> Package:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("job.py", text)
    content = target.getvalue()
    return Package("job", "arm64", content, hashlib.sha256(content).hexdigest(), handler)


PACKAGE = packed()  # a zip holds the time at which it was made


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("environments") / "box"
    POOL.close()  # of other tests: only so many stay
    yield made
    POOL.close(made)


def call(box: Path, package: Package | None = None, *, timeout_s: int = 20, size: str = "", **event: str) -> Invocation:
    return invoke(
        package or PACKAGE,
        event,
        sandbox=box,
        region=REGION,
        environment={"SIZE": size},
        timeout_s=timeout_s,
        memory_mib=256,
        request_id=event.get("request", ""),
    )


def ours(box: Path) -> set[int]:
    """The functions that run in a sandbox."""
    found = set()
    for process in psutil.process_iter():
        try:
            argv = process.cmdline()
        except psutil.Error:
            continue
        if MODULE in argv and argv[-1] == str(box) and process.status() != psutil.STATUS_ZOMBIE:
            found.add(process.pid)
    return found


def is_written(mark: Path) -> bool:
    deadline = time.monotonic() + 60
    while not (mark.exists() and mark.read_text()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return mark.exists()


def becomes_empty(box: Path) -> bool:
    deadline = time.monotonic() + 60
    while ours(box) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not ours(box)


def test_the_next_call_finds_what_the_last_one_left_and_a_log_of_its_own(box: Path) -> None:
    first, failed, third = (call(box, request="one"), call(box, request="two", do="fail"), call(box, request="three"))
    assert failed.error is not None
    assert third.result == [first.result[0], first.result[1] + 2]
    count = first.result[1]
    assert first.log == f"call {count} one\n"
    assert failed.log.startswith(f"call {count + 1} two\nTraceback")
    assert third.log == f"call {count + 2} three\n"


def test_other_code_and_another_configuration_have_an_environment_of_their_own_and_end_the_old_one(box: Path) -> None:
    was = call(box).result[0]
    configured = call(box, size="large").result
    coded = call(box, packed(CODE + "# changed")).result
    assert len({was, configured[0], coded[0]}) == 3
    assert (configured[1], coded[1]) == (1, 1)
    assert ours(box) == {coded[0]}


def test_calls_at_the_same_time_have_one_each_and_both_stay(box: Path, tmp_path: Path) -> None:
    marks = [str(tmp_path / "a"), str(tmp_path / "b")]
    done: list[Invocation] = []
    pairs = [(marks[0], marks[1]), (marks[1], marks[0])]
    threads = [
        threading.Thread(
            target=lambda mine, other: done.append(call(box, do="meet", mine=mine, other=other)), args=pair
        )
        for pair in pairs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    pids = {each.result[0] for each in done}
    assert len(pids) == 2
    # The threads that called are gone, their environments are not.
    assert call(box).result[0] in pids
    assert ours(box) == pids


@pytest.mark.parametrize(
    ("do", "kind"), [("hang", "Sandbox.Timedout"), ("leave", "Runtime.ExitError"), ("eat", "MemoryError")]
)
def test_a_timeout_a_crash_and_too_little_memory_end_an_environment(box: Path, do: str, kind: str) -> None:
    before = call(box, timeout_s=3).result
    error = call(box, timeout_s=3, do=do).error
    assert error is not None
    assert error["errorType"] == kind
    assert becomes_empty(box)
    after = call(box, timeout_s=3).result
    assert after[0] != before[0]
    assert after[1] == 1


def test_code_that_cannot_be_loaded_is_loaded_anew(box: Path) -> None:
    error = call(box, packed(handler="nowhere.handler")).error
    assert error is not None
    assert error["errorType"] == "ModuleNotFoundError"
    assert ours(box) == set()


def test_ctrl_c_ends_the_call_and_its_environment(box: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    def interrupt() -> None:
        assert is_written(mark)
        os.kill(os.getpid(), signal.SIGINT)

    # A command in a shell's background would not hear of it.
    heard = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            call(box, do="meet", mine=str(mark), other="/no/such/file")
    finally:
        thread.join()
        signal.signal(signal.SIGINT, heard)
    assert int(mark.read_text()) not in ours(box)


def waiting(sandbox: Path) -> Environment:
    """One that answers nothing, of a function of its own."""
    log = tempfile.TemporaryFile()  # noqa: SIM115  the environment closes it
    process = spawn_bound([sys.executable, "-S", "-c", "import sys; sys.stdin.read()"], log=log.fileno())
    return Environment(Key(sandbox, REGION, uuid.uuid4().hex, "{}"), process, log)


def test_no_more_stay_than_may_and_a_sandbox_s_own_end_with_it(tmp_path: Path) -> None:
    pool, first, second = Pool(most=1), waiting(tmp_path / "box"), waiting(tmp_path / "box")
    pool.give(first)
    pool.give(second)
    assert (first.process.is_alive, second.process.is_alive) == (False, True)
    assert pool.take(first.key) is None
    pool.close(tmp_path)
    assert pool.take(second.key) is second
    pool.give(second)
    pool.close(tmp_path / "box")
    assert pool.take(second.key) is None
    assert not second.process.is_alive


def test_none_waits_longer_than_it_may(tmp_path: Path) -> None:
    pool, idle = Pool(idle_s=0.0), waiting(tmp_path)
    pool.give(idle)
    deadline = time.monotonic() + 60
    while not idle.log.closed and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not idle.process.is_alive
    assert pool.take(idle.key) is None


def test_one_that_died_while_it_was_idle_is_not_asked(tmp_path: Path) -> None:
    pool, idle = Pool(), waiting(tmp_path)
    pool.give(idle)
    os.kill(idle.process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, idle.process.pid, os.WEXITED | os.WNOWAIT)
    assert pool.take(idle.key) is None
    assert idle.log.closed


def test_a_process_that_was_forked_has_none_of_its_parent_s(tmp_path: Path) -> None:
    idle = waiting(tmp_path)
    POOL.give(idle)
    child = os.fork()
    if child == 0:
        os._exit(len(POOL._idle))
    assert os.waitpid(child, 0)[1] == 0
    assert idle.process.is_alive
    assert POOL.take(idle.key) is idle
    idle.end()


def test_a_killed_caller_leaves_no_process_and_nothing_but_the_code(tmp_path: Path) -> None:
    box, mark, package = tmp_path / "box", tmp_path / "mark", PACKAGE
    script = (
        "import pathlib, sys\n"
        "from mainstay.functions.packaging import Package\n"
        "from mainstay.sandbox.lambda_launch import invoke\n"
        f"package = Package('job', 'arm64', sys.stdin.buffer.read(), {package.sha256!r}, 'job.handler')\n"
        f"event = {{'do': 'meet', 'mine': {str(mark)!r}, 'other': '/no/such/file'}}\n"
        f"invoke(package, event, sandbox=pathlib.Path({str(box)!r}), region={REGION!r}, timeout_s=600)\n"
    )
    source = str(Path(mainstay.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": source, "TMPDIR": str(tmp_path)}
    caller = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, env=environment)
    with caller:
        assert caller.stdin is not None
        caller.stdin.write(package.content)
        caller.stdin.close()
        assert is_written(mark)
        assert ours(box) == {int(mark.read_text())}
        caller.kill()
    assert becomes_empty(box)
    assert {each.name for each in tmp_path.iterdir()} == {"box", "mark"}
    assert {each.name for each in (box / "functions").iterdir()} == {package.sha256, "lock"}
