"""The answer of `mainstay facts` for a person."""

from __future__ import annotations

import json

from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from mainstay.api._facts import FactsResult


def facts_view(console: Console, result: FactsResult) -> None:
    """The tables with their age, the oldest first, each in one line; a single one with what it says."""
    if result.whole:
        (table,) = result.tables
        console.print(f"[bold]{escape(table.name)}[/bold] checked {table.date}, confidence {table.confidence}")
        console.print(f"source {escape(table.source)}", highlight=False)
        console.print(escape(table.note), highlight=False)
        console.print(json.dumps(table.data, indent=2, ensure_ascii=False), highlight=False, markup=False)
        return
    rows = Table(box=None, pad_edge=False)
    for column in ("table", "checked", "days ago", "confidence", "source"):
        justify: JustifyMethod = "right" if column == "days ago" else "left"
        rows.add_column(column, header_style="dim", justify=justify, no_wrap=column != "source")
    for table in result.tables:
        style = "red" if result.is_old(table) else ""
        source = Text(table.source, no_wrap=True, overflow="ellipsis")
        rows.add_row(table.name, str(table.date), str(result.age(table)), table.confidence, source, style=style)
    console.print(rows, soft_wrap=False)
    old = sum(result.is_old(table) for table in result.tables)
    told = f"{len(result.tables)} tables" + (f", {old} of them too old" if old else "")
    console.print(f"{told}; mainstay facts NAME shows what one says, and its whole source", highlight=False)
