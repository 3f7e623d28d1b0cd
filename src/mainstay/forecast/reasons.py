"""Why a forecast says what it says: sentences, each resting on further ones."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence, what it rests on, and where a number in it comes from (empty where the plan itself says it)."""

    text: str
    because: tuple[Reason, ...] = ()
    source: str = ""

    def __str__(self) -> str:
        return self.text

    def walk(self) -> Iterator[Reason]:
        """The reason itself, and then everything that it rests on."""
        yield self
        for one in self.because:
            yield from one.walk()

    def as_json(self) -> dict[str, object]:
        """The reason as a tree."""
        return {"reason": self.text, "because": [one.as_json() for one in self.because], "source": self.source}


def reasons(*texts: str) -> tuple[Reason, ...]:
    """Plain sentences."""
    return tuple(Reason(text) for text in texts)
