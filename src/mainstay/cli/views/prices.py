"""The answer of `mainstay prices` for a person."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from mainstay.api._prices import PricesResult


def prices_view(console: Console, result: PricesResult) -> None:
    """Where the file is, what is not in it, and how it is used."""
    console.print(f"wrote [bold]{escape(str(result.path))}[/bold]: {result.count} prices", highlight=False)
    console.print(f"source {escape(result.source)}", highlight=False)
    for name, why in result.unknown.items():
        console.print(f"[yellow]unknown[/yellow] {escape(name)} {escape(why)}", highlight=False)
    console.print(
        f"to use it: export MAINSTAY_PRICES={escape(str(result.path.resolve()))}", highlight=False, soft_wrap=True
    )
