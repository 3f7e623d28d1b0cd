"""What servers say of themselves, in every dialect."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """A value in force; `is_pending` when another one waits for a restart, as far as the server tells."""

    value: str
    is_pending: bool = False


@dataclass(frozen=True, slots=True)
class Stream:
    """One receiver of the server's log; `kind` is the server's own word."""

    name: str
    is_streaming: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A replica against a place of its primary's log."""

    is_read_only: bool = False
    has_reached: bool = False


@dataclass(frozen=True, slots=True)
class TableCheck:
    """What the server found when it went through one table's pages, or one index's.

    `is_checked` is off where it could not look at all, which says nothing of the data.
    """

    table: str
    is_sound: bool
    words: str
    is_checked: bool = True


@dataclass(frozen=True, slots=True)
class Acting:
    """Whether a server does anything by itself: `acts` names what does, or is able to; `words` tell what was seen."""

    acts: tuple[str, ...]
    words: str
