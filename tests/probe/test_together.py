from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest

from mainstay.probe import together
from mainstay.probe.session import Connection
from mainstay.probe.together import ALONE, Company, Helper, Limit, helped, share_out

WAIT_S = 60


def test_a_limit_lends_what_is_left_and_waits_for_nobody() -> None:
    limit = Limit(3)
    with limit.one(), limit.spare(9) as two, limit.spare(1) as none:
        assert (two, none) == (2, 0)
    with limit.spare(1) as one, limit.spare(9) as rest:
        assert (one, rest) == (1, 2)
    with ALONE.limit.spare(1) as nothing:
        assert nothing == 0


class Stubborn:
    """A helper that waits for ever: until it is stopped, or only until it is cut."""

    def __init__(self, *, yields_to_stop: bool = True) -> None:
        self.started, self.ended, self.yields = threading.Event(), threading.Event(), yields_to_stop
        self.told: list[str] = []

    def read(self, part: int) -> int:
        self.started.set()
        assert self.ended.wait(WAIT_S)
        raise psycopg.OperationalError("its end")

    def stop(self) -> None:
        self.told.append("stop")
        if self.yields:
            self.ended.set()

    def cut(self) -> None:
        self.told.append("cut")
        self.ended.set()

    @property
    def helper(self) -> Helper[int, int]:
        return Helper(self.read, self.stop, self.cut)


def quick(read: Callable[[int], int]) -> Helper[int, int]:
    return Helper(read, lambda: None, lambda: None)


def test_whoever_is_free_takes_the_next_and_the_order_stays() -> None:
    everybody = threading.Barrier(3)

    def read(part: int) -> int:
        if part < 3:
            everybody.wait(WAIT_S)  # three at once
        return part * part

    assert share_out(range(20), read, [quick(read), quick(read)]) == [part * part for part in range(20)]
    assert share_out(range(2), abs, ()) == [0, 1]
    assert share_out((), abs, [quick(abs)]) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, psycopg.OperationalError, ValueError])
def test_no_helper_reads_on_when_the_first_fails(error: type[BaseException]) -> None:
    slow = Stubborn()

    def own(part: int) -> int:
        assert slow.started.wait(WAIT_S)
        raise error

    with pytest.raises(error):
        share_out(range(5), own, [slow.helper])
    assert slow.told == ["stop"]


def test_a_helper_that_does_not_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "CANCEL_S", 0.05)
    deaf = Stubborn(yields_to_stop=False)

    def own(part: int) -> int:
        assert deaf.started.wait(WAIT_S)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        share_out(range(5), own, [deaf.helper])
    assert deaf.told == ["stop", "cut"]


def test_a_helper_that_fails_ends_the_others_and_its_error_is_told() -> None:
    slow, failed = Stubborn(), threading.Event()

    def fail(part: int) -> int:
        assert slow.started.wait(WAIT_S)
        failed.set()
        raise psycopg.errors.QueryCanceled("too long")

    def own(part: int) -> int:
        assert failed.wait(WAIT_S)
        return part

    with pytest.raises(psycopg.errors.QueryCanceled):
        share_out(range(50), own, [quick(fail), slow.helper])
    assert slow.told == ["stop"]


class Line:
    """A connection that counts."""

    opened = 0

    def __enter__(self) -> Line:
        Line.opened += 1
        return self

    def __exit__(self, *_: object) -> None:
        Line.opened -= 1


@contextmanager
def join(connection: Connection) -> Iterator[Helper[int, int]]:
    yield quick(abs)


def test_helpers_are_as_many_as_there_may_be_and_none_is_left() -> None:
    company = Company(Limit(3), Line)  # type: ignore[arg-type]  # all of a connection that is used here
    for wanted, got in ((0, 0), (2, 2), (9, 3)):
        with helped(company, wanted, join) as helpers:
            assert (len(helpers), Line.opened) == (got, got)
        assert Line.opened == 0
    with helped(ALONE, 5, join) as helpers:
        assert helpers == []
    with company.limit.spare(9) as all_of_them:
        assert all_of_them == 3


def test_a_connection_that_cannot_join_is_closed() -> None:
    def refuse(connection: Connection) -> AbstractContextManager[Helper[int, int]]:
        raise psycopg.OperationalError("no such snapshot")

    with helped(Company(Limit(3), Line), 2, refuse) as helpers:  # type: ignore[arg-type]  # as above
        assert helpers == []
    assert Line.opened == 0
