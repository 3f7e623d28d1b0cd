"""`mainstay drill --self-test`: damage in every way that one machine can make, and the verdict on each.

The drill that is tried is the one that everybody runs, with its own steps, evidence and cleanup; only what it meets is
damaged. No damage may read PROVEN.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mainstay import sandbox
from mainstay.api._self_test.ground import Ground, laid, latest_request
from mainstay.api._self_test.killed import die_in, steps_to_die_in, why_not_taken_up
from mainstay.api._self_test.machine import MACHINE
from mainstay.api._self_test.mariadb import MARIADB
from mainstay.api._self_test.postgres_copy import POSTGRES_COPY
from mainstay.api._self_test.postgres_files import POSTGRES_FILES
from mainstay.api._self_test.sabotage import Sabotage, Word
from mainstay.core.errors import EnvironmentLacking, InputRefused, MainstayError
from mainstay.core.progress import Progress, Silent

SABOTAGES: Final[tuple[Sabotage, ...]] = (*MACHINE, *POSTGRES_FILES, *POSTGRES_COPY, *MARIADB)
ENGINES: Final = ("postgres", "mariadb")
_KILLED: Final = "killed as it begins: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Catch:
    """What a drill said of one sabotage. `by` is the first reason; `left` is what it left behind."""

    name: str
    engine: str
    right: tuple[Word, ...]
    said: Word
    level: str
    by: str
    seconds: float
    left: tuple[str, ...] = ()
    told: str = ""
    is_told: bool = True

    @property
    def is_right(self) -> bool:
        """Whether the verdict is a right one, for the right reason, and nothing was left behind."""
        return self.said in self.right and self.is_told and not self.left

    def as_json(self) -> dict[str, object]:
        """One row of the catch table."""
        return {
            "sabotage": self.name,
            "engine": self.engine,
            "right": list(self.right),
            "said": self.said,
            "level": self.level,
            "by": self.by,
            "seconds": round(self.seconds, 2),
            "left": list(self.left),
            "is_right": self.is_right,
        }


@dataclass(frozen=True, slots=True)
class SelfTest:
    """Every catch, in the order in which it was tried; `not_tried` are engines that are not here, and why."""

    catches: tuple[Catch, ...]
    not_tried: Mapping[str, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 when every verdict is right."""
        return int(not all(catch.is_right for catch in self.catches))

    def as_json(self) -> dict[str, object]:
        """The catch table; `is_right` when every row is."""
        return {
            "label": "sandbox",
            "is_right": self.exit_code == 0,
            "catches": [catch.as_json() for catch in self.catches],
            "not_tried": dict(self.not_tried),
        }


class _Saboteur:
    """A listener that strikes when a drill shows the step; what it hears goes on to the outer one, in passing."""

    def __init__(self, outer: Progress, at: str | None, strike: Callable[[], object]) -> None:
        self._outer, self._at, self._strike = outer, at, strike

    def step(self, number: int, total: int, name: str) -> None:
        """A step of the drill."""
        self._outer.tick(f"{name} ({number} of {total})")
        if name == self._at:
            self._strike()

    def note(self, text: str) -> None:
        """A line."""
        self._outer.tick(text)

    def tick(self, text: str) -> None:
        """What is waited for."""
        self._outer.tick(text)


def names(engine: str) -> tuple[str, ...]:
    """What is tried on an engine, by name."""
    kills = tuple(_KILLED + step for step in steps_to_die_in())
    return tuple(one.name for one in SABOTAGES if engine in one.engines) + kills


def self_test(
    *, engines: Sequence[str] | None = None, only: str | None = None, progress: Progress | None = None
) -> SelfTest:
    """Try every sabotage of these engines, or those whose name has `only` in it, in a sandbox that is gone afterwards.

    Without `engines`, those that are here. InputRefused when no name has it; EnvironmentLacking when a named engine is
    not here.
    """
    telling = progress or Silent()
    absent = _absent() if engines is None else {}
    tried = [engine for engine in engines or ENGINES if engine not in absent]
    chosen = {engine: [name for name in names(engine) if only is None or only in name] for engine in tried}
    if not any(chosen.values()):
        raise InputRefused(
            "no such sabotage", detail=f"No sabotage has '{only}' in its name.", hint="leave it out to try them all"
        )
    total = sum(map(len, chosen.values()))
    catches: list[Catch] = []
    for engine, wanted in chosen.items():
        if not wanted:
            continue
        with _workspace() as directory, laid(engine, directory, telling) as ground:
            for name in wanted:
                telling.step(len(catches) + 1, total, f"{engine}: {name}")
                catches.append(_tried(ground, name, telling))
    return SelfTest(tuple(catches), absent)


def _absent() -> dict[str, str]:
    """The engines whose programs are not here, and why."""
    found, directory = {}, Path("no-sandbox-yet")
    for engine in ENGINES:
        try:
            sandbox.require_engines(directory, [(engine, "")])
        except EnvironmentLacking as error:
            found[engine] = error.detail
    return found


@contextmanager
def _workspace() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mainstay-self-test-") as name:
        yield Path(name)


def _tried(ground: Ground, name: str, progress: Progress) -> Catch:
    start = time.monotonic()
    killed = None
    if name.startswith(_KILLED):
        killed = die_in(ground, name.removeprefix(_KILLED))
        sabotage = Sabotage(name=name, place="machine", right=("PROVEN",), ask=lambda _: latest_request())
    else:
        sabotage = next(one for one in SABOTAGES if one.name == name and ground.engine in one.engines)
    said, level, reasons = _drilled(ground, sabotage, progress)
    lost = why_not_taken_up(ground, killed) if killed else ""
    reasons = (lost, *reasons) if lost else reasons
    return Catch(
        name=name,
        engine=ground.engine,
        right=sabotage.right,
        said=said,
        level=level,
        by=_shortened(reasons[0]) if reasons else "",
        seconds=time.monotonic() - start,
        left=tuple(ground.leftovers()),
        told=sabotage.told,
        is_told=not lost and (any(sabotage.told in reason for reason in reasons) or not sabotage.told),
    )


def _drilled(ground: Ground, sabotage: Sabotage, progress: Progress) -> tuple[Word, str, tuple[str, ...]]:
    with ExitStack() as stack:

        def strike() -> None:
            stack.enter_context(sabotage.act(ground))

        try:
            if sabotage.at is None:
                strike()
            result = ground.drill(sabotage.ask(ground.request()), _Saboteur(progress, sabotage.at, strike))
        except MainstayError as error:
            return "REFUSED", "", (f"{error.summary}: {error.detail}",)
    verdict = result.verdict
    return verdict.word, verdict.level, verdict.reasons


def _shortened(reason: str) -> str:
    """A reason without what every failed restore says, and without where this run's files lay."""
    text = " ".join(reason.split())
    text = re.sub(r"^.*an underlying storage issue: ", "the restore failed: ", text)
    text = re.sub(r"\S*/db-[A-Z0-9]{20,}/", "…/", text)
    text = re.sub(r"\b[0-9a-f]{32}\b", "…", text)
    return text if len(text) <= 160 else f"{text[:160]}…"
