"""A database that is asked through a function: in the place of a connection, for every question of a dialect."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import TracebackType
from typing import Any, Final, Self

from mainstay.core.errors import TargetRefused
from mainstay.ops.validation_function import ValidationFunction, Whom
from mainstay.probe.carrying import read, written
from mainstay.probe.dialect import DIALECTS, Dialect
from mainstay.probe.fence import Fence
from mainstay.probe.questions import QUESTIONS
from mainstay.probe.reading import DatabaseReading
from mainstay.probe.session import Answer
from mainstay.probe.transcript import Query

# What asks nothing of a connection.
_OF_NO_CONNECTION: Final = frozenset({"connect", "quoted"})


@dataclass(frozen=True, slots=True)
class Distant:
    """One database behind a function. Each question is a session of its own there, whose statements go into
    `transcript`.
    """

    function: ValidationFunction
    whom: Whom
    transcript: list[Query]
    closed: bool = False

    def _ask(self, question: str, arguments: Sequence[Any] = (), options: Mapping[str, Any] | None = None) -> Any:
        return self.function.ask(self.whom, question, arguments, options, transcript=self.transcript)

    def ask(self, name: str, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:
        """What a dialect's member of that name answers. Any: the member's own types.

        Errors: as `ValidationFunction.ask`; TargetRefused for what is not asked this way.
        """
        if name in ("version", "tls_version"):
            return getattr(self.function.greet(self.whom), name)
        if name not in QUESTIONS:
            raise _no_way(name)
        told = self._ask(name, [written(each) for each in arguments], options)
        return read(QUESTIONS[name].answer, told)

    def fence(self, run_id: str) -> Fence:
        """A target between two markers, as `probe.fence` sets it."""
        fence: Fence = read(Fence, self._ask("fence", [run_id]))
        return fence

    def read_all(self, timeout_s: float, most: int) -> dict[str, DatabaseReading]:
        """Every database, in as many calls as their answers take; one is read by `most` processes at once at most."""
        found: dict[str, DatabaseReading] = {}
        names: Sequence[str] | None = None
        begun = time.monotonic()
        while names is None or names:
            told = self._ask("read", options={"names": names, "timeout_s": timeout_s, "most": most})
            found |= {name: read(DatabaseReading, seen) for name, seen in told["databases"].items()}
            names = told["left"]
        self.function.learn(time.monotonic() - begun)
        return found

    def execute(self, statement: str, parameters: Sequence[Any] | None = None, /) -> Answer:
        """TargetRefused: a function is asked questions, not statements."""
        raise _no_way(statement)

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _no_way(what: str) -> TargetRefused:
    return TargetRefused(
        "not asked through a function",
        detail=f"'{what}' takes a connection of one's own.",
        hint="go --through direct or bastion",
    )


def _either(name: str, question: Callable[..., Any]) -> Callable[..., Any]:
    def ask(connection: Any, *arguments: Any, **options: Any) -> Any:  # Any: a connection of the dialect's, or Distant
        if isinstance(connection, Distant):
            return connection.ask(name, arguments, options)
        return question(connection, *arguments, **options)

    return ask


def _with_both(dialect: Dialect) -> Dialect:
    members = {field.name: getattr(dialect, field.name) for field in fields(dialect)}
    asked: dict[str, Any] = {  # Any: callables, as the members are
        name: _either(name, member)
        for name, member in members.items()
        if callable(member) and name not in _OF_NO_CONNECTION
    }
    return replace(dialect, **asked)


EITHER: Final[Mapping[str, Dialect]] = {engine: _with_both(dialect) for engine, dialect in DIALECTS.items()}
"""The dialects, by the engine's name in RDS, for connections and for databases behind a function alike."""
