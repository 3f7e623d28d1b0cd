"""What a plan costs a month, by part; an unknown price says so and is never counted as nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from mainstay.forecast.cost_around import cost_around
from mainstay.forecast.cost_of_backups import cost_of_backups
from mainstay.forecast.cost_of_servers import cost_of_servers
from mainstay.forecast.prices import CostItem, Range, plus, settled, table
from mainstay.plan.plan import Plan, RegionPlan

_PARTS: Final[tuple[Callable[[RegionPlan], Iterator[CostItem]], ...]] = (cost_of_servers, cost_of_backups, cost_around)
LEFT_OUT: Final = "traffic to clients, requests, mails, and what grows beyond the assumptions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A month in USD. The prices are those of `priced_as`, of the day `priced_on`; `regions` are the plan's own."""

    items: tuple[CostItem, ...]
    regions: tuple[str, ...]
    priced_as: str
    priced_on: str
    source: str

    @property
    def total(self) -> Range:
        """The sum of what is known."""
        return plus(item.amount for item in self.items if item.amount is not None)

    @property
    def unknown(self) -> tuple[CostItem, ...]:
        """What is not in the sum, because nobody knows its price here."""
        return tuple(item for item in self.items if item.amount is None)

    @property
    def is_of_another_region(self) -> bool:
        """Whether the plan stands somewhere that has prices of its own."""
        return any(region != self.priced_as for region in self.regions)

    def as_json(self) -> dict[str, object]:
        """The bill as it stands in `--json` documents."""
        low, expected, high = (round(one, 2) for one in self.total)
        return {
            "currency": "USD",
            "per": "month",
            "items": [item.as_json() for item in self.items],
            "total": {"low_usd": low, "expected_usd": expected, "high_usd": high},
            "unknown": [item.part for item in self.unknown],
            "left_out": LEFT_OUT,
            "regions": list(self.regions),
            "priced_as": self.priced_as,
            "priced_on": self.priced_on,
            "source": self.source,
        }


def cost(plan: Plan) -> Cost:
    """The monthly cost of a plan, region by region."""
    prices = table()
    return Cost(
        items=tuple(settled(item) for region in plan.regions for part in _PARTS for item in part(region)),
        regions=tuple(region.region for region in plan.regions),
        priced_as=prices.data["region"],
        priced_on=prices.date.isoformat(),
        source=prices.source,
    )
