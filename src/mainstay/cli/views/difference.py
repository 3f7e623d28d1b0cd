"""What a change does, for a person: the gravest first, with what it interrupts and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from mainstay.api._compare import Compared
from mainstay.cli.views.change import brief_line, change_lines, coloured, interruptions, is_brief, sentence
from mainstay.cli.views.plan import words
from mainstay.diff import TERRAFORM, Difference, Effect, RegionDifference, ResourceChange


def difference_view(console: Console, result: Compared) -> None:
    """Region by region and class by class; then the interruption, and the next step."""
    console.print(f"[bold]{escape(result.source)}[/bold] against {escape(result.against)}", highlight=False)
    for region in result.difference.regions:
        _print_region(console, region)
    _print_interruptions(console, result.difference)
    console.print(_next_step(result), highlight=False)


def _print_region(console: Console, region: RegionDifference) -> None:
    place = " in ".join(part for part in (region.stack, region.region) if part) or "the template"
    counts = Counter(change.effect for change in region.changes)
    ordered = sorted(counts, key=lambda effect: -effect.gravity)
    tally = ", ".join(f"{counts[effect]} {coloured(effect)}" for effect in ordered) or "no change"
    console.print(f"[bold]{escape(place)}[/bold]: {tally}", highlight=False)
    for note in region.notes:
        console.print(f"  [red]{escape(sentence(note))}[/red]", highlight=False)
    for change in sorted(region.changes, key=lambda one: (not one.losses, -one.effect.gravity)):
        for line in () if is_brief(change) else change_lines(change):
            console.print(f"  {line}", highlight=False)
    _print_briefly(console, [change for change in region.changes if is_brief(change)])


def _print_briefly(console: Console, changes: list[ResourceChange]) -> None:
    """Changed things on a line each, and created ones counted by kind."""
    for change in changes:
        if change.effect is not Effect.CREATED:
            sign = "[yellow]?[/yellow]" if change.effect is Effect.UNKNOWN else "[green]~[/green]"
            console.print(f"  {sign} {brief_line(change)}", highlight=False)
    created = Counter(change.kind for change in changes if change.effect is Effect.CREATED)
    for kind, count in created.items():
        console.print(f"  [green]+[/green] {count:3}  {words(kind)}", highlight=False)


def _print_interruptions(console: Console, found: Difference) -> None:
    for line in (line for region in found.regions for line in interruptions(region)):
        console.print(line, highlight=False)
    if found.changes and not (found.outage or found.losses or found.refusals):
        doubt = "as far as it can be told, " if any(one.effect is Effect.UNKNOWN for one in found.changes) else ""
        console.print(f"{doubt}this change interrupts no connections when it is carried out", highlight=False)


def _next_step(result: Compared) -> str:
    found = result.difference
    if found.losses:
        return f"[red]{_count(found.losses, 'loses', 'lose')} data[/red]: {_way_back(result)}"
    if found.refusals:
        return f"[red]{_count(found.refusals, 'would be', 'would be')} refused[/red]: correct it first"
    if not found.changes:
        return "nothing to do"
    if found.target == TERRAFORM:
        return "next: terraform plan, and terraform apply"
    return "next: " + ("mainstay deploy, which shows it and asks" if result.is_deployable else "a change set")


def _way_back(result: Compared) -> str:
    found = result.difference
    if all(one.action == "left behind" for one in found.losses):
        return "restore a snapshot there first, or leave the region as it is"
    names = dict.fromkeys(f"--confirm-loss {escape(one.key)}" for one in found.losses if one.is_guarded)
    is_asked = bool(names) and result.is_deployable
    asked = f"; mainstay deploy goes on only with {' '.join(names)}" if is_asked else ""
    return f"take it back, or save the data first{asked}"


def _count(changes: Sequence[ResourceChange], one: str, many: str) -> str:
    return f"1 change {one}" if len(changes) == 1 else f"{len(changes)} changes {many}"
