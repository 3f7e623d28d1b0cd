"""The answer of `mainstay init` for a person."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from mainstay.api._init import InitResult


def init_view(console: Console, result: InitResult) -> None:
    """What was written, and what to do next."""
    for path in result.written:
        console.print(f"wrote [bold]{escape(str(path))}[/bold]", highlight=False)
    console.print("next: edit the subscribers, then [bold]mainstay check[/bold]", highlight=False)
