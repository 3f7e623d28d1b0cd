"""Prices and usage as the tables have them, and the item of a bill that they make.

The table of prices is `facts/data/prices.json`. Its shape is held to by whatever refreshes it: a name leads to a
number, or to tables of numbers by further names (`instance_hour` → engine → class); all of one region, `region`.
`origins` tells of a name, or of a path such as `instance_hour/postgres/db.m7g.large`, where it comes from when that is
not the table's own source, date and confidence; the longest path that fits holds. Whoever replaces a price by one
that AWS answered takes its origin away, or writes the new one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any, Final, TypeAlias

from mainstay.core.records import dataclass
from mainstay.core.units import Bytes
from mainstay.facts import Fact, class_shape, load

HOURS_A_MONTH: Final = 730
DAYS_A_MONTH: Final = 365.25 / 12
# Low, expected and high, in USD.
Range: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class CostItem:
    """One line of a bill in USD. `amount` None: the tables have no price, and `what` says for what.

    `prices` are the paths of the prices that it was reckoned from, `region` is where it stands, and `section` the part
    of the bill that it belongs to; both are filled in by the bill.
    """

    part: str
    what: str
    resources: tuple[str, ...]
    amount: Range | None
    prices: tuple[str, ...] = ()
    region: str = ""
    section: str = ""

    def as_json(self) -> dict[str, object]:
        """The item; three nulls where the price is not known."""
        return {
            "section": self.section,
            "part": self.part,
            "what": self.what,
            "region": self.region,
            "resources": list(self.resources),
            **amounts(self.amount),
            "prices": list(self.prices),
        }


def amounts(amount: Range | None) -> dict[str, float | None]:
    """The three ends in cents; three nulls for what is not known."""
    low, expected, high = (None, None, None) if amount is None else (round(one, 2) for one in amount)
    return {"low_usd": low, "expected_usd": expected, "high_usd": high}


@dataclass(frozen=True, slots=True)
class Quote:
    """A price in USD with where it comes from; `confidence` is `high`, `medium` or `low`."""

    path: str
    usd: float
    source: str
    date: date
    confidence: str

    def as_json(self) -> dict[str, object]:
        """The price as it stands in `--json` documents."""
        return {
            "price": self.path,
            "usd": self.usd,
            "source": self.source,
            "date": self.date.isoformat(),
            "confidence": self.confidence,
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


def known(name: str) -> float:
    """A price that the built-in list has; NaN where somebody's own has not, and `settled` makes it unknown."""
    return known_at(name)


def settled(item: CostItem) -> CostItem:
    """The item; one without an amount when a price of it is not on the list, whichever else is."""
    if item.amount is None or sure(item.amount) is not None:
        return item
    missing = [path for path in item.prices if price(*path.split("/")) is None]
    return replace(item, amount=None, what=f"no price of {', '.join(missing) or 'a part of it'}")


def known_at(path: str) -> float:
    """The same by a path."""
    found = price(*path.split("/"))
    return math.nan if found is None else found


def sure(amount: Range | None) -> Range | None:
    """The amount; None for one that a price is missing from."""
    return None if amount is None or any(math.isnan(end) for end in amount) else amount


def quote(path: str) -> Quote:
    """The price at a path with its origin; KeyError where the list has none."""
    name, *keys = path.split("/")
    found = price(name, *keys)
    if found is None:
        raise KeyError(f"no price at {path}")
    prices = table()
    origins = prices.data.get("origins", {})
    ends = range(len(keys) + 1, 0, -1)
    origin = next((origins[prefix] for end in ends if (prefix := "/".join([name, *keys][:end])) in origins), None)
    if origin is None:
        return Quote(path, found, prices.source, prices.date, prices.confidence)
    return Quote(path, found, origin["source"], date.fromisoformat(origin["date"]), origin["confidence"])


@dataclass(frozen=True, slots=True)
class Hourly:
    """The price of an hour of an instance class in USD, and the path of the price that it was reckoned from."""

    usd: float
    path: str
    is_reckoned: bool


def instance_hour(engine: str, name: str) -> Hourly | None:
    """An hour of a class in one zone; one that the list lacks by the largest of its family that it has.

    The prices of a family grow in step with the size (infracost golden files and public price tables: every size of m5
    and r5, 2026-08-21). Memory stands for the size: the small burstable classes have the same two vCPUs.
    """
    found = price("instance_hour", engine, name)
    if found is not None:
        return Hourly(found, f"instance_hour/{engine}/{name}", is_reckoned=False)
    wanted, family = class_shape(name), name.rpartition(".")[0]
    siblings = [
        (shape[1], sibling)
        for sibling in table().data.get("instance_hour", {}).get(engine, {})
        if sibling.rpartition(".")[0] == family and (shape := class_shape(sibling)) is not None
    ]
    if wanted is None or not siblings:
        return None
    memory, nearest = max(siblings)
    usd = table().data["instance_hour"][engine][nearest] * (wanted[1] / memory)
    return Hourly(usd, f"instance_hour/{engine}/{nearest}", is_reckoned=True)


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
