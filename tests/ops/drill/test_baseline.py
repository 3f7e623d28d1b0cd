from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from mainstay.core.errors import TargetRefused
from mainstay.ops.drill import baseline, choosing
from mainstay.ops.drill.model import DrillRequest
from mainstay.probe.catalog import Catalog
from mainstay.probe.dialect import MYSQL, POSTGRES, Dialect
from mainstay.probe.fingerprint import Fingerprints
from mainstay.probe.together import Company

WAIT_S = 60


class Server:
    """Databases by name, and how many connections to it were open at once. `read` stands for what a reading does."""

    def __init__(self, names: list[str], read: Callable[[str, Company], None]) -> None:
        self.names, self.read = names, read
        self.open, self.most = 0, 0
        self.lock = threading.Lock()
        self.stopped: list[str] = []

    def connect(self, name: str) -> Any:
        return Line(self, name)

    def dialect(self, like: Dialect) -> Dialect:
        def fingerprints(line: Line, *, timeout_s: float, company: Company) -> Fingerprints:
            self.read(line.name, company)
            return Fingerprints(line.name, (), ())

        return replace(
            like,
            databases=lambda _: self.names,
            fingerprints=fingerprints,
            sequences=lambda _, timeout_s: (),
            catalog=lambda _, timeout_s: Catalog("", {}),
            stop=lambda line: self.stopped.append(line.name),
            cut=lambda line: line.ended.set(),
        )


class Line:
    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name, self.ended = server, name, threading.Event()

    def __enter__(self) -> Line:
        with self.server.lock:
            self.server.open += 1
            self.server.most = max(self.server.most, self.server.open)
        return self

    def __exit__(self, *_: object) -> None:
        with self.server.lock:
            self.server.open -= 1


def test_few_databases_are_read_one_after_the_other_by_all_processes() -> None:
    spare: list[tuple[str, int]] = []

    def read(name: str, company: Company) -> None:
        assert company.another is not None
        with company.another(), company.limit.spare(company.limit.most) as count:
            spare.append((name, count))

    server = Server(["a", "b"], read)
    found = baseline.read(server.dialect(POSTGRES), server.connect, timeout_s=1, most=3)
    assert spare == [("a", 2), ("b", 2)]
    assert list(found) == ["a", "b"]
    assert (server.open, server.most) == (0, 2)


def test_many_databases_are_read_several_at_a_time_within_the_limit() -> None:
    together = threading.Barrier(2)
    names = [f"tenant_{number}" for number in range(6)]

    def read(name: str, company: Company) -> None:
        together.wait(WAIT_S)
        with company.limit.spare(9) as none:
            assert none == 0
        together.wait(WAIT_S)

    server = Server(names, read)
    found = baseline.read(server.dialect(POSTGRES), server.connect, timeout_s=1)
    assert {name: reading.fingerprints.database for name, reading in found.items()} == {name: name for name in names}
    assert (server.open, server.most) == (0, baseline.CAREFUL)


@pytest.mark.parametrize(
    ("like", "is_still", "may"), [(POSTGRES, False, True), (MYSQL, False, False), (MYSQL, True, True)]
)
def test_other_connections_are_used_only_where_they_see_the_same(like: Dialect, is_still: bool, may: bool) -> None:
    offered = []
    server = Server(["a"], lambda _, company: offered.append(company.another is not None))
    baseline.read(server.dialect(like), server.connect, timeout_s=1, is_still=is_still)
    assert offered == [may]


@pytest.mark.parametrize(("parallel", "most"), [(None, baseline.CAREFUL), (1, 1), (5, 5)])
def test_a_source_is_read_by_as_many_processes_as_the_request_says(
    monkeypatch: pytest.MonkeyPatch, parallel: int | None, most: int
) -> None:
    asked: list[int] = []

    def read(*_: object, most: int, **__: object) -> None:
        asked.append(most)
        raise TargetRefused("far enough")

    monkeypatch.setattr(baseline, "read", read)
    request = DrillRequest(stack="s", source="db", secret="s", parallel=parallel)
    drill: Any = SimpleNamespace(request=request, dialect=POSTGRES, source_database=None)
    with pytest.raises(TargetRefused, match="far enough"):
        choosing._fence(drill, None)  # type: ignore[arg-type]  # not reached
    assert asked == [most]


def test_no_connection_is_left_after_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mainstay.probe.together.CANCEL_S", 0.05)
    main = threading.current_thread()
    hanging = threading.Event()
    lines: list[Line] = []

    def read(name: str, company: Company) -> None:
        if threading.current_thread() is main:
            assert hanging.wait(WAIT_S)
            raise KeyboardInterrupt
        hanging.set()
        assert lines[-1].ended.wait(WAIT_S)  # a server that stands still hears of no stop

    server = Server(["a", "b", "c"], read)

    def connect(name: str) -> Line:
        line = Line(server, name)
        if name and threading.current_thread() is not main:
            lines.append(line)
        return line

    dialect: Any = server.dialect(POSTGRES)
    with pytest.raises(KeyboardInterrupt):
        baseline.read(dialect, connect, timeout_s=1)  # type: ignore[arg-type]  # all of a connection that is used here
    assert server.stopped == [lines[-1].name]
    assert server.open == 0
