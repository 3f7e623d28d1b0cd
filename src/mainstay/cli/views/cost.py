"""The monthly cost of a design, by part."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mainstay.forecast import Cost, CostItem, Saving
from mainstay.forecast.cost import LEFT_OUT


def print_cost(console: Console, cost: Cost, cheaper: Sequence[Saving] = ()) -> None:
    """Part, low, expected, high and what it is; the sum and what is not in it, whose prices, what is cheaper."""
    if not cost.items:
        return
    table = Table(title="What it costs a month, in USD", title_justify="left", box=None, pad_edge=False)
    table.add_column("part")
    for heading in ("low", "expected", "high"):
        table.add_column(heading, justify="right")
    table.add_column("of", overflow="fold")
    for item in cost.items:
        table.add_row(escape(item.part), *_amounts(item), escape(f"{', '.join(item.resources[:1])}: {item.what}"))
    table.add_row("[bold]together[/bold]", *(f"[bold]{one:,.2f}[/bold]" for one in cost.total), _unknown(cost))
    console.print(table, soft_wrap=False)
    others = [region for region in cost.regions if region != cost.priced_as]
    elsewhere = f"; {' and '.join(others)} {'has its' if len(others) == 1 else 'have their'} own" if others else ""
    console.print(
        f"Prices of {cost.priced_as} on {cost.priced_on}{escape(elsewhere)}. Not counted: {LEFT_OUT}.", highlight=False
    )
    if cheaper:
        console.print("[bold]Cheaper[/bold], each by itself, and with no more lost than the objectives allow:")
    for one in cheaper:
        line = f"  {one.subject}: {one.what}, {one.saved[1]:,.2f} USD a month less"
        bounds = "" if one.saved[0] == one.saved[2] else f" ({one.saved[0]:,.2f} to {one.saved[2]:,.2f})"
        console.print(escape(line + bounds), highlight=False)


def _amounts(item: CostItem) -> tuple[str, str, str]:
    if item.amount is None:
        return "?", "[yellow]unknown[/yellow]", "?"
    low, expected, high = (f"{one:,.2f}" for one in item.amount)
    return low, expected, high


def _unknown(cost: Cost) -> str:
    parts = dict.fromkeys(item.part for item in cost.unknown)
    return f"without {', '.join(map(escape, parts))}, whose price is unknown" if parts else "of everything above"
