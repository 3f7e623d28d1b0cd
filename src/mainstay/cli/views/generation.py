"""The answers of `mainstay generation reconcile` and `discard` for a person."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.markup import escape

from mainstay.api._discard import GivenUp
from mainstay.api._reconcile import Handed, ReconciledStack
from mainstay.cli.views.custody import custody_lines
from mainstay.cli.views.deploy import agreed


def reconciled_view(console: Console, reconciled: ReconciledStack) -> None:
    """What the stack's database is now, whether that had to be changed, and how far it is as its template says."""
    result = reconciled.result
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
    if result.evidence_file:
        console.print(f"evidence {escape(result.evidence_file)}", highlight=False)
        custody_lines(console, reconciled.custody)


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


def discarded_view(console: Console, given_up: GivenUp) -> None:
    """What was given up, every single thing that stays of it, and where the evidence is."""
    result = given_up.result.inventory
    for name in result.deleted:
        console.print(f"[bold]{escape(name)}[/bold] in {result.region} ({result.site}) is gone", highlight=False)
    for item in result.left:
        console.print(f"  left: {escape(item.kind)} {escape(item.name)}, {escape(item.why)}", highlight=False)
    console.print(f"evidence {escape(given_up.result.evidence_file)}", highlight=False)
    custody_lines(console, given_up.custody)
