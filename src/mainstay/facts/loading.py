"""One lazy loader for the dated tables in `data/`. A table is read when somebody first asks for it.

Prices differ by region and change: a file of your own takes the place of the table `prices` when the environment names
it in MAINSTAY_PRICES. `mainstay prices` writes one.
"""

from __future__ import annotations

import functools
import json
import os
from datetime import date
from pathlib import Path
from typing import Any, Final

from mainstay.core.errors import InputRefused
from mainstay.core.records import dataclass
from mainstay.facts.own_prices import refusal_of_prices

_DATA = Path(__file__).with_name("data")
_INSTEAD: Final = {"prices": "MAINSTAY_PRICES"}


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


def load(name: str) -> Fact:
    """The table of that name; InputRefused when there is none, or when a file in its place cannot be used."""
    return _load(name, os.environ.get(_INSTEAD.get(name, ""), ""))


@functools.cache
def _load(name: str, instead: str) -> Fact:
    path = _DATA / f"{name}.json"
    if name not in names():
        raise InputRefused(
            "no such table of facts",
            detail=f"'{name}' is not a table of facts.",
            hint=f"use one of {', '.join(names())}",
        )
    document = _own(Path(instead)) if instead else json.loads(path.read_text(encoding="utf-8"))
    return Fact(
        name=name,
        source=document["source"],
        date=date.fromisoformat(document["date"]),
        confidence=document["confidence"],
        data=document["data"],
        note=document.get("note", ""),
    )


def _own(path: Path) -> Any:  # Any: JSON
    """The document of somebody's own price file; InputRefused when it is none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        why = refusal_of_prices(document)
    except (OSError, ValueError) as error:
        why = f"it cannot be read: {error}"
    if why:
        raise InputRefused(
            "the price file cannot be used",
            detail=f"MAINSTAY_PRICES names {path}; {why}.",
            hint="write one with `mainstay prices --region REGION --out FILE`, or unset MAINSTAY_PRICES",
        )
    return document
