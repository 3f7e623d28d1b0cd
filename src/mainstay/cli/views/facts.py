"""The answer of `mainstay facts` for a person."""

from __future__ import annotations

import json

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mainstay.api._facts import FactsResult


def facts_view(console: Console, result: FactsResult) -> None:
    """The tables with their age, the oldest first; a single one with what it says."""
    if result.whole:
        (table,) = result.tables
        console.print(f"[bold]{escape(table.name)}[/bold] checked {table.date}, confidence {table.confidence}")
        console.print(f"source {escape(table.source)}", highlight=False)
        console.print(escape(table.note), highlight=False)
        console.print(json.dumps(table.data, indent=2, ensure_ascii=False), highlight=False, markup=False)
        return
    rows = Table(box=None, pad_edge=False)
    for column in ("table", "checked", "days ago", "confidence", "source"):
        rows.add_column(column, header_style="dim", justify="right" if column == "days ago" else "left")
    for table in result.tables:
        style = "red" if result.is_old(table) else ""
        rows.add_row(
            table.name, str(table.date), str(result.age(table)), table.confidence, escape(table.source), style=style
        )
    console.print(rows)
    old = sum(result.is_old(table) for table in result.tables)
    told = f"{len(result.tables)} tables" + (f", {old} of them too old" if old else "")
    console.print(f"{told}; mainstay facts NAME shows what one says", highlight=False)
