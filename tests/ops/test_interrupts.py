from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from mainstay.ops.interrupts import catching_signals, shield


def interrupted(work: Callable[[], None]) -> None:
    """Run the work under our handlers; it has to end in KeyboardInterrupt."""
    with pytest.raises(KeyboardInterrupt), catching_signals():
        work()


def send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)
    time.sleep(0.01)


def test_a_signal_ends_the_work_at_once_without_a_shield() -> None:
    def work() -> None:
        send(signal.SIGTERM)
        pytest.fail("SIGTERM was not heard")

    interrupted(work)


def test_a_signal_behind_a_shield_waits_for_its_end() -> None:
    done = []

    def work() -> None:
        with shield():
            send(signal.SIGINT)
            with shield():
                done.append("inner")
            done.append("outer")
        done.append("never")

    interrupted(work)
    assert done == ["inner", "outer"]


def test_a_second_signal_does_not_wait() -> None:
    done = []

    def work() -> None:
        with shield():
            send(signal.SIGINT)
            done.append("first")
            send(signal.SIGINT)
            done.append("never")

    interrupted(work)
    assert done == ["first"]


def test_a_failed_call_tells_its_error_and_the_signal_stops_the_next_one() -> None:
    done = []

    def fail() -> None:
        with shield():
            send(signal.SIGINT)
            raise ValueError("taken")

    def work() -> None:
        with pytest.raises(ValueError, match="taken"):
            fail()
        done.append("told")
        with shield():
            done.append("never")

    interrupted(work)
    assert done == ["told"]
    with catching_signals(), shield():
        done.append("free again")
    assert done == ["told", "free again"]


def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with catching_signals():
        assert signal.getsignal(signal.SIGTERM) != before[1]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_off_the_main_thread_signals_are_left_alone() -> None:
    seen = []

    def work() -> None:
        with catching_signals(), shield():
            seen.append("worked")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(5)
    assert seen == ["worked"]
