"""How an endpoint turns a client away in the words of its engine's protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Refusal:
    """One step of it: the answer, how many received bytes it used up, and what happens to the connection next."""

    answer: bytes
    used: int
    starts_tls: bool = False
    is_last: bool = False


class Wire(Protocol):
    """What an engine's protocol says to a client that gets no server; `speaks_first` without waiting for its words."""

    @property
    def speaks_first(self) -> bool:
        """Whether the server's side begins."""
        ...

    def refusal(self, received: bytes, reason: str, *, is_temporary: bool, can_encrypt: bool) -> Refusal:
        """The next step for the bytes received so far; one that uses none up waits for more."""
        ...
