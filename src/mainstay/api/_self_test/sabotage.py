"""One sabotage: what is damaged, at which step of a drill, and which verdicts are right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Final, Literal

from mainstay.api._self_test.ground import Ground
from mainstay.ops.drill import DrillRequest

Word = Literal["PROVEN", "DISPROVEN", "INCONCLUSIVE", "REFUSED"]
Place = Literal["backup", "log", "copy", "machine", "operator", "nothing"]

# Steps of a drill, by the name that they are shown under.
POINT: Final = "Verify the point"
DATA: Final = "Verify the data"


def as_it_is(request: DrillRequest) -> DrillRequest:
    """The drill to just before the disaster."""
    return request


def untouched(ground: Ground) -> AbstractContextManager[None]:
    """Nothing is damaged."""
    del ground
    return nullcontext()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sabotage:
    """`act` damages something of the ground for as long as its context lasts: around the whole drill, or from the step
    `at` on. `ask` says what the drill is asked instead. `right` are the verdicts that are right, and `told` a part of
    the reasons by which it has to be caught.
    """

    name: str
    place: Place
    right: tuple[Word, ...]
    act: Callable[[Ground], AbstractContextManager[None]] = untouched
    at: str | None = None
    ask: Callable[[DrillRequest], DrillRequest] = as_it_is
    told: str = ""
    engines: tuple[str, ...] = ("postgres",)


def telling(*statements: str) -> Callable[[Ground], AbstractContextManager[None]]:
    """An act that tells the copy's administrator to do this, past every right and log of its own."""

    @contextmanager
    def act(ground: Ground) -> Iterator[None]:
        ground.copy().tell(*statements)
        yield

    return act
