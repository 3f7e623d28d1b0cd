"""Event patterns as typed matches, so that a rule can ask which field is compared with what."""

from __future__ import annotations

from typing import Literal, TypeAlias

from mainstay.core.records import dataclass
from mainstay.plan.values import Value

Operator: TypeAlias = Literal["prefix", "suffix", "wildcard", "equals-ignore-case", "anything-but"]


@dataclass(frozen=True, slots=True)
class Like:
    """A comparison other than equality: `Like("prefix", "shop-")`, `Like("anything-but", "COMPLETED")`."""

    operator: Operator
    value: Value[str]


@dataclass(frozen=True, slots=True)
class Match:
    """One field of an event, by its path (`("detail", "state")`), and the values of which one has to fit."""

    path: tuple[str, ...]
    values: tuple[Value[str] | Like, ...]


@dataclass(frozen=True, slots=True)
class EventPattern:
    """What an event has to look like: every match has to fit. Matches of fields side by side stand together."""

    matches: tuple[Match, ...]

    def values_at(self, *path: str) -> tuple[Value[str] | Like, ...]:
        """What the field at a path is compared with; nothing where the pattern does not look at it."""
        return next((match.values for match in self.matches if match.path == path), ())
