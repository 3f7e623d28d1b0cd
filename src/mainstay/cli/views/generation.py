"""The answers of `mainstay generation reconcile` and `discard` for a person."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.markup import escape

from mainstay.api._reconcile import Handed
from mainstay.cli.views.deploy import agreed
from mainstay.ops.generation import Reconciled
from mainstay.ops.inventory import Inventory


def reconciled_view(console: Console, result: Reconciled) -> None:
    """What the stack's database is now, whether that had to be changed, and how far it is as its template says."""
    how = "imported" if result.was_imported else "nothing to import"
    console.print(
        f"{escape(result.key)} of stack [bold]{escape(result.stack)}[/bold] ({result.site}) is "
        f"[bold]{escape(result.identifier)}[/bold] ({escape(result.resource_id)}): {how}",
        highlight=False,
    )
    colour = "green" if result.drift == "IN_SYNC" else "yellow"
    console.print(f"  beside the template  [{colour}]{escape(result.drift)}[/{colour}]", highlight=False)
    for path, wanted, seen in result.differences:
        console.print(f"    {escape(path)}: {escape(wanted)} is written, {escape(seen)} is there", highlight=False)
    if result.was_imported:
        told = ", ".join(result.pending) or "nothing"
        console.print(f"  an update would change  {escape(told)}", highlight=False)
    for number, row in enumerate(result.remaining, start=1):
        console.print(f"  {number}. {escape(row)}", highlight=False)


def handed_view(console: Console, handed: Handed) -> None:
    """Which files were written, and that nothing else was done."""
    console.print(
        f"for {handed.tool}, to hold [bold]{escape(handed.identifier)}[/bold] ({escape(handed.resource_id)}); nothing "
        "was carried out",
        highlight=False,
    )
    for file in handed.files:
        console.print(f"  wrote {escape(file)}", highlight=False)


def unprotecting(*, says_yes: bool) -> Callable[[str], bool]:
    """Asks before deletion protection is switched off, unless `says_yes`."""

    def unprotect(identifier: str) -> bool:
        question = f"switch the deletion protection of {identifier} off?"
        return says_yes or agreed(question, "that was answered; nothing was deleted")

    return unprotect


def discarded_view(console: Console, result: Inventory) -> None:
    """What was given up, and every single thing that stays of it."""
    for name in result.deleted:
        console.print(f"[bold]{escape(name)}[/bold] in {result.region} ({result.site}) is gone", highlight=False)
    for item in result.left:
        console.print(f"  left: {escape(item.kind)} {escape(item.name)}, {escape(item.why)}", highlight=False)
