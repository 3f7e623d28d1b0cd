"""What would go and what would stay, and what did."""

from __future__ import annotations

from collections import Counter
from typing import Final

from rich.console import Console
from rich.markup import escape

from mainstay.ops.destruction import Destruction, Show
from mainstay.ops.inventory import Inventory

_WORDS: Final = {"Retain": "[green]keep[/green]", "Snapshot": "[yellow]delete after a snapshot[/yellow]"}


def fate_printer(console: Console) -> Show:
    """Shows what a destruction would do: what is kept or holds data by name, the rest counted by type."""

    def show(seen: Destruction) -> None:
        fated = seen.fated
        if len(seen.every) > 1:
            console.print(f"stack [bold]{escape(seen.stack)}[/bold] in {seen.site.region}:", highlight=False)
        for test in seen.tests:
            console.print(f"  [red]delete[/red] restored test {escape(test.identifier)}", highlight=False)
        plain = [item for item in fated if item.fate == "Delete" and not item.type.startswith("AWS::RDS::DBInstance")]
        for item in fated:
            if item not in plain:
                word = _WORDS.get(item.fate, "[red]delete[/red]")
                console.print(
                    f"  {word} {escape(item.logical_id)} {item.type} [dim]{escape(item.physical_id)}[/dim]",
                    highlight=False,
                )
        for kind, count in Counter(item.type for item in plain).items():
            console.print(f"  [red]delete[/red] {count:3} {kind}", highlight=False)

    return show


def destroy_view(console: Console, result: Inventory) -> None:
    """What was deleted, in a number, and every single thing that stays."""
    console.print(
        f"[bold]{escape(result.stack)}[/bold] in {result.region} ({result.site}) is gone: "
        f"{len(result.deleted)} deleted",
        highlight=False,
    )
    for item in result.left:
        console.print(
            f"  left: {escape(item.kind)} [bold]{escape(item.name)}[/bold], {escape(item.why)}", highlight=False
        )
