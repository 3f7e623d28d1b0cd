from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest

from mainstay.core.errors import EnvironmentLacking, InputRefused, TargetRefused
from mainstay.engines import ownership
from mainstay.engines.ownership import ProcessProof

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def proof_of_child(child: subprocess.Popen[bytes], marker: str) -> ProcessProof:
    for _ in range(500):
        proof = ownership.proof_of(child.pid, marker)
        if proof is not None:
            return proof
        time.sleep(0.005)
    pytest.fail("the child never showed its arguments")


@pytest.fixture
def sleeper() -> Iterator[ProcessProof]:
    child = subprocess.Popen(["sleep", "61.5"])
    yield proof_of_child(child, "61.5")
    child.kill()
    child.wait()


@pytest.fixture
def stubborn() -> Iterator[ProcessProof]:
    """A process that ignores SIGTERM."""
    child = subprocess.Popen([sys.executable, "-c", STUBBORN, "--name=stubborn"], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    yield proof_of_child(child, "stubborn")
    child.kill()
    child.communicate()


def test_our_process_is_proven(sleeper: ProcessProof) -> None:
    assert ownership.is_alive_and_ours(sleeper)
    assert ownership.proof_of(sleeper.pid, "61.5") == sleeper


@pytest.mark.parametrize(
    "stranger", [{"created": 1000.0}, {"marker": "61"}, {"marker": "/srv/other"}, {"pid": 2**22 + 1}]
)
def test_a_process_that_differs_in_one_part_of_the_proof_is_a_stranger(
    sleeper: ProcessProof, stranger: dict[str, float]
) -> None:
    assert not ownership.is_alive_and_ours(replace(sleeper, **stranger))  # type: ignore[arg-type]  # one of its members


def test_a_pid_that_now_belongs_to_another_process_is_never_signalled(sleeper: ProcessProof) -> None:
    earlier = replace(sleeper, created=sleeper.created - 60)
    assert not ownership.signal(earlier, signal.SIGKILL)
    assert ownership.terminate(earlier, "kill") == ownership.GONE
    assert ownership.wait_gone(earlier, 0)
    # Running as long as it has not come to its sleep yet.
    assert psutil.Process(sleeper.pid).status() in (psutil.STATUS_SLEEPING, psutil.STATUS_RUNNING)


def test_without_pidfds_a_stranger_is_not_signalled_either(
    sleeper: ProcessProof, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    assert ownership.open_pidfd(sleeper) is None
    assert not ownership.signal(replace(sleeper, marker="other"), signal.SIGKILL)
    assert ownership.terminate(sleeper, "polite") == "SIGTERM"
    assert not ownership.is_alive_and_ours(sleeper)


def test_a_zombie_counts_as_gone(sleeper: ProcessProof) -> None:
    os.kill(sleeper.pid, signal.SIGKILL)
    assert ownership.wait_gone(sleeper, 30)
    assert psutil.Process(sleeper.pid).status() == psutil.STATUS_ZOMBIE
    assert ownership.proof_of(sleeper.pid, "61.5") is None


def test_waiting_ends_at_its_deadline(sleeper: ProcessProof) -> None:
    assert not ownership.wait_gone(sleeper, 0.05)


def test_waiting_ends_with_the_process(sleeper: ProcessProof) -> None:
    threading.Timer(0.05, os.kill, (sleeper.pid, signal.SIGKILL)).start()
    started = time.monotonic()
    assert ownership.wait_gone(sleeper, 30)
    assert time.monotonic() - started < 25


def test_a_pidfd_tells_of_the_end(sleeper: ProcessProof) -> None:
    descriptor = ownership.open_pidfd(sleeper)
    assert descriptor is not None
    os.close(descriptor)
    os.kill(sleeper.pid, signal.SIGKILL)
    assert ownership.wait_gone(sleeper, 30)
    assert ownership.open_pidfd(sleeper) is None


def test_a_process_that_ignores_the_first_signal_gets_the_next(stubborn: ProcessProof) -> None:
    assert ownership.terminate(stubborn, "polite", timeout_s=0.05) == "SIGKILL"
    assert not ownership.is_alive_and_ours(stubborn)


def test_a_process_that_outlives_every_signal_is_reported(
    stubborn: ProcessProof, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ownership, "STOP_MODES", {"ask": (ownership.StopStep(signal.SIGTERM, 0.02),)})
    with pytest.raises(TargetRefused) as caught:
        ownership.terminate(stubborn, "ask")
    assert str(stubborn.pid) in caught.value.detail
    assert "SIGTERM" in caught.value.detail


def test_killing_takes_the_children_along() -> None:
    parent = subprocess.Popen(["sh", "-c", "sleep 62.5 & echo up; wait", "family"], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    parent.stdout.readline()
    children = psutil.Process(parent.pid).children()
    assert len(children) == 1
    proof = proof_of_child(parent, "family")
    assert ownership.terminate(proof, "kill") == "SIGKILL"
    assert all(not c.is_running() or c.status() == psutil.STATUS_ZOMBIE for c in children)
    parent.communicate()


@pytest.mark.parametrize("mode", ownership.STOP_MODES)
def test_every_stop_mode_ends_with_the_signal_that_cannot_be_ignored(mode: str) -> None:
    steps = ownership.STOP_MODES[mode]
    assert steps[-1].signal is signal.SIGKILL
    assert all(step.patience_s > 0 for step in steps)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may signal everybody")
def test_somebody_elses_process_is_an_error_that_says_so() -> None:
    init = psutil.Process(1)
    with pytest.raises(EnvironmentLacking):
        ownership.signal(ProcessProof(1, init.create_time(), init.cmdline()[0]), signal.SIGCONT)


def test_a_proof_survives_json(sleeper: ProcessProof) -> None:
    assert ProcessProof.from_json(sleeper.as_json()) == sleeper


@pytest.mark.parametrize("record", [{}, {"pid": "1", "created": 1.0, "marker": "m"}, {"pid": 1, "created": 1.0}])
def test_a_record_that_is_no_proof_is_refused(record: dict[str, object]) -> None:
    with pytest.raises(InputRefused):
        ProcessProof.from_json(record)


def test_a_suspended_process_stays_where_it_is_until_it_is_killed(sleeper: ProcessProof) -> None:
    assert ownership.suspend(sleeper)
    deadline = time.monotonic() + 30
    while not ownership.is_suspended(sleeper):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert ownership.terminate(sleeper, "kill") == "SIGKILL"
    assert not ownership.suspend(sleeper)


def test_a_stranger_is_not_suspended(sleeper: ProcessProof) -> None:
    assert not ownership.suspend(replace(sleeper, marker="another"))
    assert not ownership.is_suspended(sleeper)
    assert not ownership.is_suspended(replace(sleeper, pid=2**22 + 1))
