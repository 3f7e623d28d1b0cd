"""What a plan costs a month by part, once, a drill and from when on; an unknown price is never counted as nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from mainstay.core.records import dataclass
from mainstay.forecast.cost_around import cost_around
from mainstay.forecast.cost_of_backups import cost_of_backups
from mainstay.forecast.cost_of_drills import DrillCost, cost_of_drills
from mainstay.forecast.cost_of_servers import cost_of_servers
from mainstay.forecast.cost_once import cost_once
from mainstay.forecast.prices import CostItem, Quote, Range, amounts, plus, price, quote, settled, table
from mainstay.forecast.sections import Section, section_of
from mainstay.forecast.support import SupportStep, cost_of_support, support_of
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import DbInstance

_PARTS: Final[tuple[Callable[[RegionPlan], Iterator[CostItem]], ...]] = (cost_of_servers, cost_of_backups, cost_around)
LEFT_OUT: Final = "traffic to clients, requests, mails, and what grows beyond the assumptions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A month in USD. The prices are those of `priced_as`, of the day `priced_on`; `regions` are the plan's own.

    `items` are the month's, `once` what is paid one time, `drills` what each drill costs, `support` the steps of
    Extended Support to come and those that have come.
    """

    items: tuple[CostItem, ...]
    regions: tuple[str, ...]
    priced_as: str
    priced_on: str
    source: str
    once: tuple[CostItem, ...] = ()
    drills: tuple[DrillCost, ...] = ()
    support: tuple[SupportStep, ...] = ()

    @property
    def total(self) -> Range:
        """The sum of what is known of a month."""
        return _known(self.items)

    @property
    def sections(self) -> dict[Section, Range]:
        """The sum of what is known by section, those that have something in them in the order of a bill."""
        found = {item.section for item in self.items}
        return {one: _known(item for item in self.items if item.section == one) for one in Section if one in found}

    @property
    def unknown(self) -> tuple[CostItem, ...]:
        """What is not in the sum, because nobody knows its price here."""
        return tuple(item for item in self.items if item.amount is None)

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """The prices that all of it was reckoned from, each with its source."""
        items = {path for item in (*self.items, *self.once) for path in item.prices}
        drills = {path for drill in self.drills for path in drill.prices}
        return tuple(quote(path) for path in sorted(items | drills) if price(*path.split("/")) is not None)

    @property
    def is_of_another_region(self) -> bool:
        """Whether the plan stands somewhere that has prices of its own."""
        return any(region != self.priced_as for region in self.regions)

    def as_json(self) -> dict[str, object]:
        """The bill as it stands in `--json` documents."""
        return {
            "currency": "USD",
            "per": "month",
            "items": [item.as_json() for item in self.items],
            "sections": [{"section": one.value, **amounts(amount)} for one, amount in self.sections.items()],
            "total": amounts(self.total),
            "unknown": [item.part for item in self.unknown],
            "once": [item.as_json() for item in self.once],
            "drills": [drill.as_json() for drill in self.drills],
            "support": [step.as_json() for step in self.support],
            "left_out": LEFT_OUT,
            "regions": list(self.regions),
            "priced_as": self.priced_as,
            "priced_on": self.priced_on,
            "source": self.source,
            "prices": [one.as_json() for one in self.quotes],
        }


def _known(items: Iterable[CostItem]) -> Range:
    return plus(item.amount for item in items if item.amount is not None)


def cost(plan: Plan, *, today: date | None = None) -> Cost:
    """What a plan costs, region by region; `today` decides about Extended Support and defaults to the day in UTC."""
    prices, day = table(), today or datetime.now(UTC).date()
    return Cost(
        items=tuple(_items(plan, day)),
        regions=tuple(region.region for region in plan.regions),
        priced_as=prices.data["region"],
        priced_on=prices.date.isoformat(),
        source=prices.source,
        once=tuple(replace(settled(item), section="once") for item in cost_once(plan, day)),
        drills=cost_of_drills(plan),
        support=support_of(plan),
    )


def _items(plan: Plan, today: date) -> Iterator[CostItem]:
    homes = {
        region.region for region in plan.regions if any(database.source is None for database in region.of(DbInstance))
    }
    for region in plan.regions:
        found = [item for part in _PARTS for item in part(region)]
        for item in (*found, *cost_of_support(region, today)):
            section = section_of(item, is_second=bool(homes) and region.region not in homes)
            yield replace(settled(item), section=section.value, region=region.region)
