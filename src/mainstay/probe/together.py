"""Several processes of a server that read at once, within a limit that everything that reads it shares."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from mainstay.core.errors import MainstayError
from mainstay.probe.patience import CANCEL_S
from mainstay.probe.session import Connection, DriverError

Part = TypeVar("Part")
Found = TypeVar("Found")


class Limit:
    """How many processes of one server may read at once, `most`, whatever they read. Safe between threads."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._free = threading.Semaphore(most)

    @contextmanager
    def one(self) -> Iterator[None]:
        """One of them for the block; waits for it."""
        with self._free:
            yield

    @contextmanager
    def spare(self, wanted: int) -> Iterator[int]:
        """As many of `wanted` as nobody uses now, for the block; waits for none, and may be 0."""
        taken = 0
        while taken < wanted and self._free.acquire(blocking=False):
            taken += 1
        try:
            yield taken
        finally:
            for _ in range(taken):
                self._free.release()


@dataclass(frozen=True, slots=True)
class Company:
    """What a reading may use beside its own connection: what is left of `limit`, and other connections to its database.

    `another` None where no other can be had, or where two connections would not see the same.
    """

    limit: Limit
    another: Callable[[], Connection] | None = None


ALONE: Final = Company(Limit(0))


@dataclass(frozen=True, slots=True)
class Helper(Generic[Part, Found]):
    """Another connection that takes parts of the work: `read` runs in a thread of its own.

    From another thread, `stop` asks the server to end what it waits for, and `cut` ends the connection under it.
    """

    read: Callable[[Part], Found]
    stop: Callable[[], None]
    cut: Callable[[], None]


@contextmanager
def helped(
    company: Company, wanted: int, join: Callable[[Connection], AbstractContextManager[Helper[Part, Found]]]
) -> Iterator[list[Helper[Part, Found]]]:
    """Up to `wanted` helpers for the block, each `join`ed to a connection of its own, which is closed after it.

    Fewer where the limit leaves no more, or the server takes no more connections.
    """
    with ExitStack() as held, company.limit.spare(wanted if company.another else 0) as spare:
        helpers: list[Helper[Part, Found]] = []
        while company.another and len(helpers) < spare:
            try:
                connection = held.enter_context(company.another())
                helpers.append(held.enter_context(join(connection)))
            except (MainstayError, *DriverError):  # what ails the server, the reader's own connection will tell
                break
        yield helpers


def share_out(
    parts: Sequence[Part], own: Callable[[Part], Found], helpers: Sequence[Helper[Part, Found]]
) -> list[Found]:
    """What each part answers, in their order; whoever is free takes the next, `own` in this thread.

    The first error ends it, also of a helper and Ctrl-C: no helper reads on when this returns or raises.
    """
    left = deque(enumerate(parts))
    found: dict[int, Found] = {}
    failed = threading.Event()

    def following() -> tuple[int, Part] | None:
        try:
            return left.popleft()
        except IndexError:
            return None

    def work(read: Callable[[Part], Found]) -> None:
        try:
            while not failed.is_set() and (taken := following()) is not None:
                number, part = taken
                found[number] = read(part)
        except BaseException:
            failed.set()
            raise

    with ThreadPoolExecutor(len(helpers) or 1) as threads:
        at_work = [threads.submit(work, helper.read) for helper in helpers]
        try:
            work(own)
            if failed.is_set():  # by one of them: the others need not go on
                _stop(helpers, at_work)
            wait(at_work)
        except BaseException:
            failed.set()
            _stop(helpers, at_work)
            raise
    for ended in at_work:
        ended.result()
    return [found[number] for number in range(len(parts))]


def _stop(helpers: Sequence[Helper[Part, Found]], at_work: Sequence[Future[None]]) -> None:
    # All at once: a server that stands still lets each of these requests wait.
    asking = [
        threading.Thread(target=helper.stop, daemon=True)
        for helper, doing in zip(helpers, at_work, strict=True)
        if not doing.done()
    ]
    for each in asking:
        each.start()
    wait(at_work, timeout=CANCEL_S)
    for helper, doing in zip(helpers, at_work, strict=True):
        if not doing.done():
            helper.cut()
