"""What a design costs: a month by part, once, a drill, from when on; whose prices; and what would be cheaper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mainstay.core.units import Duration
from mainstay.forecast import Cost, CostItem, DrillCost, SupportStep
from mainstay.forecast.cost import LEFT_OUT
from mainstay.forecast.prices import Range

if TYPE_CHECKING:
    from mainstay.forecast.cheaper import Saving


def print_cost(console: Console, cost: Cost, cheaper: Sequence[Saving] = ()) -> None:
    """Sections with their parts, low, expected and high; the sum and what is not in it; then what comes beside it."""
    if not cost.items:
        return
    console.print(_month(cost), soft_wrap=False)
    for line in _beside(cost):
        console.print(escape(line), soft_wrap=False, highlight=False)
    others = [region or "a region that is not written" for region in cost.regions if region != cost.priced_as]
    elsewhere = f"; {' and '.join(others)} {'has its' if len(others) == 1 else 'have their'} own" if others else ""
    console.print(
        f"Prices of {cost.priced_as} on {cost.priced_on}{escape(elsewhere)}. Not counted: {LEFT_OUT}.",
        soft_wrap=False,
        highlight=False,
    )
    unsure = [one.path for one in cost.quotes if one.confidence == "low"]
    if unsure:
        console.print(f"Least certain: {escape(', '.join(unsure))}.", soft_wrap=False, highlight=False)
    if cheaper:
        console.print("[bold]Cheaper[/bold], each by itself, and with no more lost than the objectives allow:")
    for one in cheaper:
        line = f"  {one.subject}: {one.what}, {one.saved[1]:,.2f} USD a month less"
        bounds = "" if one.saved[0] == one.saved[2] else f" ({one.saved[0]:,.2f} to {one.saved[2]:,.2f})"
        console.print(escape(line + bounds), soft_wrap=False, highlight=False)


def _month(cost: Cost) -> Table:
    table = Table(title="What it costs a month, in USD", title_justify="left", box=None, pad_edge=False)
    table.add_column("part")
    for heading in ("low", "expected", "high"):
        table.add_column(heading, justify="right")
    table.add_column("of", overflow="fold")
    for section, amount in cost.sections.items():
        table.add_row(f"[bold]{section.value}[/bold]", *(f"[bold]{one:,.2f}[/bold]" for one in amount))
        for item in cost.items:
            if item.section == section:
                what = f"{', '.join(item.resources[:1])}: {item.what}"
                table.add_row(f"  {escape(item.part)}", *_amounts(item), escape(what))
    table.add_row("[bold]together[/bold]", *(f"[bold]{one:,.2f}[/bold]" for one in cost.total), _unknown(cost))
    return table


def _amounts(item: CostItem) -> tuple[str, str, str]:
    if item.amount is None:
        return "?", "[yellow]unknown[/yellow]", "?"
    low, expected, high = (f"{one:,.2f}" for one in item.amount)
    return low, expected, high


def _unknown(cost: Cost) -> str:
    parts = dict.fromkeys(item.part for item in cost.unknown)
    return f"without {', '.join(map(escape, parts))}, whose price is unknown" if parts else "of everything above"


def _beside(cost: Cost) -> Iterator[str]:
    """What is paid one time, by a drill, and from a day on."""
    for item in cost.once:
        yield f"Once, {item.part} {item.what}: {_range(item.amount)}"
    yield from (_drill(drill) for drill in cost.drills)
    yield from (_support(step) for step in cost.support)


def _drill(drill: DrillCost) -> str:
    each = f"A drill of {drill.database}, {drill.what}: {_range(drill.each)}"
    if drill.a_month is None:
        return f"{each}; no schedule of drills is written" if not drill.every else each
    return f"{each}; one in {Duration(drill.every or 0)}, {_range(drill.a_month)} a month"


def _support(step: SupportStep) -> str:
    paid = "" if step.amount is None else f": {_range(step.amount)} a month"
    return f"{step.begins} {step.database}: {step.what}{paid}"


def _range(amount: Range | None) -> str:
    if amount is None:
        return "price unknown"
    low, expected, high = (f"{one:,.2f}" for one in amount)
    return f"{expected} USD" if low == high else f"{expected} USD ({low} to {high})"
