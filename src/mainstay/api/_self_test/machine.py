"""What befalls machine and operator: a disk that takes no more, a server that hangs, clocks, zones, odd targets."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import psutil

from mainstay.api._self_test.ground import Ground
from mainstay.api._self_test.sabotage import DATA, Sabotage
from mainstay.core.clock import parse_time
from mainstay.core.units import Duration
from mainstay.ops import lease
from mainstay.ops.drill import DrillRequest

BOTH: Final = ("postgres", "mariadb")
# Bytes that a file may have while the disk is "full": less than a segment of a log, more than the state of a sandbox.
_ROOM: Final = 8 * 2**20


@contextmanager
def _full_disk(ground: Ground) -> Iterator[None]:
    """No file of the sandbox's supervisor, or of a server that it starts, may grow beyond some mebibytes."""
    supervisor = psutil.Process(ground.supervisor)
    known = supervisor.rlimit(resource.RLIMIT_FSIZE)
    supervisor.rlimit(resource.RLIMIT_FSIZE, (_ROOM, known[1]))
    try:
        yield
    finally:
        supervisor.rlimit(resource.RLIMIT_FSIZE, known)


@contextmanager
def _hanging(ground: Ground) -> Iterator[None]:
    """Every process of the copy's server is stopped, and not ended: it answers nothing."""
    proof = ground.copy().cluster.find_proof()
    first = psutil.Process(proof.pid)
    family = [first, *first.children(recursive=True)]
    for process in family:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in family:
            if process.is_running():
                process.send_signal(signal.SIGCONT)


@contextmanager
def _somebody_else(ground: Ground) -> Iterator[None]:
    with lease.hold(ground.journal.directory, "selftest", operation="deploy"):
        yield


class _Shifted:
    """A clock that is wrong."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        """The present, as this clock has it."""
        return datetime.now(UTC) + self._by

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@contextmanager
def _clock_off_by(by: timedelta, ground: Ground) -> Iterator[None]:
    known, ground.clock = ground.clock, _Shifted(by)
    try:
        yield
    finally:
        ground.clock = known


@contextmanager
def _in_zone(zone: str, ground: Ground) -> Iterator[None]:
    """This process thinks that it is elsewhere."""
    del ground
    known = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        if known is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = known
        time.tzset()


def _written_in(offset: str, request: DrillRequest) -> DrillRequest:
    """The same target, written with another offset, as an operator in that zone writes it."""
    hours = timedelta(hours=int(offset[:3]))
    local = (request.time or datetime.now(UTC)).astimezone(UTC) + hours
    return replace(request, time=parse_time(local.replace(tzinfo=None).isoformat() + offset))


def _moved(by: timedelta, request: DrillRequest) -> DrillRequest:
    return replace(request, time=(request.time or datetime.now(UTC)) + by)


def _between_commits(request: DrillRequest) -> DrillRequest:
    """A microsecond later: still before the next marker, and no commit lies there."""
    return replace(request, time=(request.time or datetime.now(UTC)) + timedelta(microseconds=1))


def _latest(request: DrillRequest) -> DrillRequest:
    """The living source as it is now, at which nobody writes."""
    return replace(request, time=None, disaster_at=None, baseline=None, markers=(), catch_up_deadline=Duration(120))


MACHINE: Final = (
    Sabotage(name="nothing is damaged", place="nothing", right=("PROVEN",), engines=BOTH),
    Sabotage(name="an idle source, to the latest time", place="nothing", right=("PROVEN",), ask=_latest, engines=BOTH),
    Sabotage(name="a target between two commits", place="nothing", right=("PROVEN",), ask=_between_commits,
             engines=BOTH),
    Sabotage(name="an operator in Tokyo", place="operator", right=("PROVEN",), act=partial(_in_zone, "Asia/Tokyo"),
             ask=partial(_written_in, "+09:00"), engines=BOTH),
    Sabotage(name="the hour that New York has twice, before the fold", place="operator", right=("PROVEN",),
             act=partial(_in_zone, "America/New_York"), ask=partial(_written_in, "-04:00")),
    Sabotage(name="the hour that New York has twice, after the fold", place="operator", right=("PROVEN",),
             act=partial(_in_zone, "America/New_York"), ask=partial(_written_in, "-05:00")),
    Sabotage(name="a target before the first backup", place="operator", right=("REFUSED",),
             ask=partial(_moved, timedelta(days=-30)), told="outside the restorable window", engines=BOTH),
    Sabotage(name="a target in the future", place="operator", right=("REFUSED",),
             ask=partial(_moved, timedelta(days=1)), told="outside the restorable window", engines=BOTH),
    Sabotage(name="two operators", place="operator", right=("REFUSED",), act=_somebody_else, told="somebody else",
             engines=BOTH),
    Sabotage(name="a clock an hour behind", place="operator", right=("REFUSED",),
             act=partial(_clock_off_by, timedelta(hours=-1)), engines=BOTH),
    Sabotage(name="a clock an hour ahead", place="operator", right=("INCONCLUSIVE",),
             act=partial(_clock_off_by, timedelta(hours=1)), engines=BOTH),
    Sabotage(name="a clock an hour ahead, to the latest time", place="operator", right=("REFUSED",), ask=_latest,
             act=partial(_clock_off_by, timedelta(hours=1)), told="clock", engines=BOTH),
    Sabotage(name="a disk that takes no more", place="machine", right=("INCONCLUSIVE",), act=_full_disk,
             engines=BOTH),
    Sabotage(name="a server that hangs", place="machine", right=("INCONCLUSIVE",), act=_hanging, at=DATA, engines=BOTH),
)  # fmt: skip
