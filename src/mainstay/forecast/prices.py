"""Prices and usage as the tables have them, and the item of a bill that they make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from mainstay.core.units import Bytes
from mainstay.facts import Fact, load

HOURS_A_MONTH: Final = 730
# Low, expected and high, in USD a month.
Range: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostItem:
    """One line of a monthly bill in USD. `amount` None: the tables have no price, and `what` says for what."""

    part: str
    what: str
    resources: tuple[str, ...]
    amount: Range | None

    def as_json(self) -> dict[str, object]:
        """The item; three nulls where the price is not known."""
        low, expected, high = (None, None, None) if self.amount is None else (round(one, 2) for one in self.amount)
        return {
            "part": self.part,
            "what": self.what,
            "resources": list(self.resources),
            "low_usd": low,
            "expected_usd": expected,
            "high_usd": high,
        }


def table() -> Fact:
    """The dated price list; `data["region"]` says of which region."""
    return load("prices")


def price(name: str, *keys: str) -> float | None:
    """A price, by its name and further keys of its table; None where the list has none."""
    found: Any = table().data.get(name)  # Any: a number or a table of them
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return None if found is None else float(found)


def usage(name: str) -> Range:
    """What is assumed of a small service, low, expected and high."""
    low, expected, high = load("usage").data[name]
    return float(low), float(expected), float(high)


def fixed(amount: float) -> Range:
    """A range without a doubt."""
    return amount, amount, amount


def times(amount: Range, factor: float) -> Range:
    """Each end multiplied."""
    low, expected, high = amount
    return low * factor, expected * factor, high * factor


def plus(amounts: Iterable[Range]) -> Range:
    """The ends added up, each for itself."""
    low, expected, high = 0.0, 0.0, 0.0
    for one in amounts:
        low, expected, high = low + one[0], expected + one[1], high + one[2]
    return low, expected, high


def gib(size: object) -> float | None:
    """A size in GiB; None for what only the target knows."""
    return float(size.in_gib) if isinstance(size, Bytes) else None
