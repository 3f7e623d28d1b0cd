"""One lazy loader for the dated tables in `data/`. A table is read when somebody first asks for it."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mainstay.core.errors import InputRefused

_DATA = Path(__file__).with_name("data")


@dataclass(frozen=True, slots=True)
class Fact:
    """A table of facts: where it comes from, when it was checked, how sure that is, and the table itself.

    `confidence` is `high`, `medium` or `low`. `data` is JSON of a shape of its own a table (hence Any: this is the
    door through which it comes in); the accessors beside this file give it types.
    """

    name: str
    source: str
    date: date
    confidence: str
    data: Any
    note: str = ""

    @property
    def citation(self) -> str:
        """Source and date in one line, as findings show it."""
        return f"{self.source} ({self.date.isoformat()})"


def names() -> list[str]:
    """The names of all tables."""
    return sorted(path.stem for path in _DATA.glob("*.json"))


@functools.cache
def load(name: str) -> Fact:
    """The table of that name; InputRefused when there is none."""
    path = _DATA / f"{name}.json"
    if name not in names():
        raise InputRefused(
            "no such table of facts",
            detail=f"'{name}' is not a table of facts.",
            hint=f"use one of {', '.join(names())}",
        )
    document = json.loads(path.read_text(encoding="utf-8"))
    return Fact(
        name=name,
        source=document["source"],
        date=date.fromisoformat(document["date"]),
        confidence=document["confidence"],
        data=document["data"],
        note=document.get("note", ""),
    )
