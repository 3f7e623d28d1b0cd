"""The answer of `mainstay check --fix` for a person."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.markup import escape

from mainstay.api._fix import FixResult
from mainstay.cli.views.check import check_view

_COLOURS: Final = {"+": "green", "-": "red", "@": "cyan"}


def fix_view(console: Console, result: FixResult, *, with_reasons: bool = False, with_cost: bool = False) -> None:
    """The lines that changed, why others did not, and what is said of what stands in the file now."""
    for line in result.diff.splitlines():
        colour = _COLOURS.get(line[:1], "default")
        console.print(f"[{colour}]{escape(line)}[/{colour}]", highlight=False)
    done = "fixed" if result.is_written else "would fix"
    for finding in result.fixed:
        console.print(f"[green]{done}[/green] {finding.id} {escape(finding.summary)}", highlight=False)
    for one in result.left:
        said = f"{one.finding.id} {one.finding.summary}: {one.reason}"
        console.print(f"[yellow]left[/yellow] {escape(said)}", highlight=False)
    if not result.fixed:
        console.print("nothing to fix: no finding has a patch that this spec takes", highlight=False)
    console.print()
    check_view(console, result.check, with_reasons=with_reasons, with_cost=with_cost)
