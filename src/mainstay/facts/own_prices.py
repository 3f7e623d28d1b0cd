"""What a file has to be that takes the place of the table `prices`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

_SAID: Final = ("source", "date", "confidence")
_CONFIDENCE: Final = ("high", "medium", "low")
_WORDS: Final = ("region", "origins")


def refusal_of_prices(document: Any) -> str:  # Any: JSON that nobody has looked at
    """Why the document is no table of prices, as half a sentence; empty when it is one."""
    if not isinstance(document, dict) or not isinstance(document.get("data"), dict):
        return "it has no `data` with prices"
    missing = [name for name in _SAID if not isinstance(document.get(name), str)]
    if missing:
        return f"it does not say {', '.join(missing)}"
    try:
        date.fromisoformat(document["date"])
    except ValueError:
        return f"'{document['date']}' is no date like 2026-11-21"
    if document["confidence"] not in _CONFIDENCE:
        return f"confidence '{document['confidence']}' is none of {', '.join(_CONFIDENCE)}"
    data = document["data"]
    if not isinstance(data.get("region"), str):
        return "it does not say of which region its prices are"
    return next(_odd({name: value for name, value in data.items() if name not in _WORDS}), "")


def _odd(table: dict[str, Any], where: str = "") -> Iterator[str]:  # Any: JSON
    for name, value in table.items():
        place = f"{where}{name}"
        if isinstance(value, dict):
            yield from _odd(value, f"{place}/")
        elif isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            yield f"{place} is {value!r}, which is no price"
