"""One answer a region: what a command says of a plan that has several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Answer(Protocol):
    """What there is of each region."""

    def as_json(self) -> Mapping[str, object]:
        """The answer as a JSON document."""
        ...


A = TypeVar("A", bound=Answer)


@dataclass(frozen=True, slots=True)
class Regional(Generic[A]):
    """The answers, the primary region's first."""

    answers: tuple[A, ...]

    @property
    def primary(self) -> A:
        """The primary region's answer."""
        return self.answers[0]

    @property
    def exit_code(self) -> int:
        """0 when every region's answer is good, else the first one that is not."""
        codes = [int(getattr(answer, "exit_code", 0)) for answer in self.answers]
        return next((code for code in codes if code), 0)

    def as_json(self) -> dict[str, object]:
        """The primary region's document; with more regions, theirs stand in it under `other_regions`."""
        first, *others = (dict(answer.as_json()) for answer in self.answers)
        return {**first, "other_regions": others} if others else first
