"""What somebody approves before a deployment, and what it came to."""

from __future__ import annotations

from collections import Counter

import typer
from rich.console import Console
from rich.markup import escape

from mainstay.ops.aws.stack_states import Change
from mainstay.ops.deployment import Approve, Deployed, Review

_SIGNS = {"Add": "[green]+[/green]", "Modify": "[yellow]~[/yellow]", "Remove": "[red]-[/red]"}
# More lines than a person reads before they say yes: above it, what is only added is counted by type.
_MOST_LINES = 30


def deploy_view(console: Console, result: Deployed) -> None:
    """The stack, and its outputs."""
    state = "deployed" if result.has_changed else "as planned already"
    console.print(
        f"[bold]{escape(result.stack)}[/bold] {state} in {result.region} ({result.site}), {result.seconds:.1f} s",
        highlight=False,
    )
    for name, value in result.outputs.items():
        console.print(f"  {name} = [bold]{escape(value)}[/bold]", highlight=False)


def asking(console: Console, *, says_yes: bool) -> Approve:
    """Shows the changes; asks unless `says_yes`."""

    def approve(review: Review) -> bool:
        console.print(
            f"{'create' if review.kind == 'CREATE' else 'update'} stack [bold]{escape(review.stack)}[/bold] in account "
            f"{review.account}, {review.region}: {len(review.changes)} changes",
            highlight=False,
        )
        _print_changes(console, review.changes)
        return says_yes or typer.confirm("carry them out?", err=True)

    return approve


def _print_changes(console: Console, changes: tuple[Change, ...]) -> None:
    counted = [change for change in changes if change.action == "Add"] if len(changes) > _MOST_LINES else []
    for type_name, count in Counter(change.type for change in counted).items():
        console.print(f"  [green]+[/green] {count:3} {type_name}", highlight=False)
    for change in changes:
        if change in counted:
            continue
        fate = " [red]REPLACED[/red]" if change.replacement == "True" else ""
        fate = " [yellow]replaced, perhaps[/yellow]" if change.replacement == "Conditional" else fate
        what = f" ({', '.join(change.properties)})" if change.properties else ""
        sign = _SIGNS.get(change.action, change.action)
        console.print(f"  {sign} {escape(change.logical_id)} {change.type}{escape(what)}{fate}", highlight=False)
