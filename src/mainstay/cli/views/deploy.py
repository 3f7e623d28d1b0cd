"""What somebody approves before a deployment, and what it came to."""

from __future__ import annotations

import sys
from collections import Counter

from rich.console import Console
from rich.markup import escape

from mainstay.cli.views.change import brief_line, change_lines, interruptions, is_brief
from mainstay.core.errors import InputRefused
from mainstay.diff import ResourceChange
from mainstay.ops.deployment import Approve, Deployed, Review

_SIGNS = {"Add": "[green]+[/green]", "Modify": "[yellow]~[/yellow]", "Remove": "[red]-[/red]"}
# More lines than a person reads before they say yes: above it, what is only added is counted by type.
_MOST_LINES = 30


def deploy_view(console: Console, result: Deployed) -> None:
    """The stack, its outputs, and what runs in place of something else."""
    state = "deployed" if result.has_changed else "as planned already"
    console.print(
        f"[bold]{escape(result.stack)}[/bold] {state} in {result.region} ({result.site}), {result.seconds:.1f} s",
        highlight=False,
    )
    for name, value in result.outputs.items():
        console.print(f"  {name} = [bold]{escape(value)}[/bold]", highlight=False)
    for sentence in result.stand_ins:
        console.print(f"  [yellow]{escape(sentence)}[/yellow]", highlight=False)


def asking(console: Console, *, says_yes: bool) -> Approve:
    """Shows the changes; asks unless `says_yes`."""

    def approve(review: Review) -> bool:
        turn = f"region {review.number} of {review.of}: " if review.of > 1 else ""
        console.print(
            f"{turn}{'create' if review.kind == 'CREATE' else 'update'} stack [bold]{escape(review.stack)}[/bold] in "
            f"account {review.account}, {review.region}: {len(review.changes)} changes",
            highlight=False,
        )
        _print_changes(console, review)
        for upload in review.uploads:
            console.print(
                f"  [green]+[/green] uploads {escape(upload.key)} ({upload.size:,} bytes) to {escape(upload.bucket)}",
                highlight=False,
            )
        return says_yes or agreed("carry them out?", "the changes were approved; nothing was carried out")

    return approve


def agreed(question: str, before: str) -> bool:
    """Ask on standard error; InputRefused when standard input ends `before` there was an answer."""
    # Not typer.confirm: it writes to standard output, which --json keeps for the document, and takes the end of the
    # input for Ctrl-C.
    sys.stderr.write(f"{question} [y/N]: ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        raise InputRefused(
            "nobody answered",
            detail=f"Standard input ended before {before}.",
            hint="read what would change above, and run it again with --yes",
        )
    return answer.strip().lower() in ("y", "yes")


def _print_changes(console: Console, review: Review) -> None:
    """Every change that CloudFormation announces, in the words of the comparison where there is one; then what it does
    not announce and weakens something nevertheless, such as a policy.
    """
    changes = review.changes
    known = {one.key: one for one in review.difference.changes} if review.difference else {}
    counted = [change for change in changes if change.action == "Add"] if len(changes) > _MOST_LINES else []
    for type_name, count in Counter(change.type for change in counted).items():
        console.print(f"  [green]+[/green] {count:3} {type_name}", highlight=False)
    for change in changes:
        if change in counted:
            continue
        sign = _SIGNS.get(change.action, change.action)
        if change.logical_id in known and change.action != "Add":
            _print_known(console, sign, known.pop(change.logical_id))
            continue
        fate = " [red]REPLACED[/red]" if change.replacement == "True" else ""
        fate = " [yellow]replaced, perhaps[/yellow]" if change.replacement == "Conditional" else fate
        what = f" ({', '.join(change.properties)})" if change.properties else ""
        console.print(f"  {sign} {escape(change.logical_id)} {change.type}{escape(what)}{fate}", highlight=False)
    for one in known.values():
        if not is_brief(one):
            _print_known(console, _SIGNS["Modify"], one)
    for line in interruptions(review.difference) if review.difference else ():
        console.print(f"  {line}", highlight=False)


def _print_known(console: Console, sign: str, change: ResourceChange) -> None:
    first, *others = [brief_line(change)] if is_brief(change) else change_lines(change)
    console.print(f"  {sign} {first}", highlight=False)
    for line in others:
        console.print(f"    {line}", highlight=False)
