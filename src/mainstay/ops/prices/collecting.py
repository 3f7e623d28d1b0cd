"""Asks the price list row by row, and puts the prices together as a table of facts.

1. Each row is asked for its products in the region.
2. What is another product, has an unexpected unit, costs nothing or costs differently twice is left out by name.
3. What is alike everywhere is taken over from the table that is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from mainstay.core.errors import TargetRefused
from mainstay.core.progress import Progress
from mainstay.facts import Fact
from mainstay.ops.aws.pricing import Product
from mainstay.ops.prices.rows import EVERYWHERE, ROWS, PriceRow


class PriceList(Protocol):
    """What is asked of the door: `PricingDoor` has it."""

    def products(self, service: str, usage: str, wanted: Mapping[str, str]) -> list[Product]:
        """Products of a service."""
        ...


@dataclass(frozen=True, slots=True)
class Collected:
    """The document of a price file, how many prices are in it, and what is not, with the reason."""

    document: Mapping[str, object]
    count: int
    unknown: Mapping[str, str]


def collected(
    prices: PriceList,
    region: str,
    known: Fact,
    today: date,
    *,
    progress: Progress,
    rows: Sequence[PriceRow] = ROWS,
) -> Collected:
    """The prices of a region; TargetRefused when the list answers for another one, or has no instance of it."""
    data: dict[str, Any] = {"region": region}  # Any: a number or a table of them
    unknown: dict[str, str] = {}
    published: set[str] = set()
    count = 0
    for number, row in enumerate(rows, 1):
        progress.tick(f"asking for {row.name} ({number} of {len(rows)})")
        products = [one for one in _of_region(prices, row, region) if row.keys(one.usage_type) is not None]
        published |= {one.published[:10] for one in products if one.published}
        amounts, faults = _amounts(row, products)
        for keys, amount in amounts.items():
            _enter(data, keys, amount)
        count += len(amounts)
        unknown |= faults
    if "instance_hour" not in data:
        raise TargetRefused(
            "no prices of instances",
            detail=f"The price list has no instance of PostgreSQL, MySQL or MariaDB in {region}.",
            hint="check the name of the region; nothing was written",
        )
    _take_over(data, known)
    return Collected(_document(data, region, today, sorted(published)), count, unknown)


def _of_region(prices: PriceList, row: PriceRow, region: str) -> Iterator[Product]:
    """The row's products, all of which have to be of the region."""
    for product in prices.products(row.service, row.asked, {row.region_attribute: region, **row.wanted}):
        told = product.attributes.get(row.region_attribute)
        if told != region:
            raise TargetRefused(
                "prices of another region",
                detail=f"{row.service} was asked for {region}, and {product.sku} is of {told or 'no region'}.",
                hint="nothing was written; try it again, and report it when it happens twice",
            )
        # Outposts, Local Zones and Wavelength are sold at prices of their own.
        if product.attributes.get("locationType", "AWS Region") == "AWS Region":
            yield product


def _amounts(row: PriceRow, products: Sequence[Product]) -> tuple[dict[tuple[str, ...], float], dict[str, str]]:
    """Prices by their place in the table, and what is left out with the reason."""
    found: defaultdict[tuple[str, ...], set[float]] = defaultdict(set)
    faults: dict[str, str] = {}
    for product in products:
        keys, price = row.keys(product.usage_type) or (), product.first_price
        if product.unit.lower() not in row.units:
            faults["/".join(keys)] = f"is sold by '{product.unit}', which is not expected"
        elif price is None:
            faults["/".join(keys)] = "is free on the list, which nobody here believes"
        else:
            found[keys].add(round(price * row.times, 12))
    differing = {keys for keys, prices in found.items() if len(prices) > 1 and not row.is_dearest}
    faults |= {"/".join(keys): f"costs {' or '.join(map(str, sorted(found[keys])))}" for keys in differing}
    if not found and not faults:
        faults[row.name] = "is not on the list"
    amounts = {keys: max(found[keys]) for keys in sorted(found) if keys not in differing}
    return amounts, {name: why for name, why in faults.items() if tuple(name.split("/")) not in amounts}


def _enter(data: dict[str, Any], keys: Sequence[str], amount: float) -> None:
    for key in keys[:-1]:
        data = data.setdefault(key, {})
    data[keys[-1]] = amount


def _take_over(data: dict[str, Any], known: Fact) -> None:
    origin = {"source": known.source, "date": known.date.isoformat(), "confidence": known.confidence}
    names = [name for name in EVERYWHERE if name in known.data]
    data |= {name: known.data[name] for name in names}
    data["origins"] = dict.fromkeys(names, origin)


def _document(data: Mapping[str, Any], region: str, today: date, published: Sequence[str]) -> dict[str, object]:
    when = f", published {' to '.join(dict.fromkeys((published[0], published[-1])))}" if published else ""
    return {
        "source": f"AWS Price List, {region}, on demand, USD{when}",
        "date": today.isoformat(),
        "confidence": "high",
        "note": "Written by `mainstay prices`. 730 hours a month. What is not here was not found, and is unknown. "
        "transfer_inter_region_gb is to the dearest region.",
        "data": {name: data[name] for name in sorted(data)},
    }
