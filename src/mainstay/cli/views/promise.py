"""The promise of a design: one line a failure, and on request every way back with its reasons."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from mainstay.forecast import Outcome, Promise, Way


def print_promise(console: Console, promise: Promise, *, with_reasons: bool = False) -> None:
    """A matrix *failure × (data lost, time to recover, way back, why)*, a database at a time; then the tree."""
    for database in dict.fromkeys(outcome.database for outcome in promise.outcomes):
        outcomes = [outcome for outcome in promise.outcomes if outcome.database == database]
        table = Table(
            title=f"What {escape(database)} survives, at worst", title_justify="left", box=None, pad_edge=False
        )
        for heading in ("failure", "data lost (RPO)", "time (RTO)", "by", "because"):
            table.add_column(heading, overflow="fold")
        for outcome in outcomes:
            table.add_row(
                outcome.failure.value, _loss(outcome), _time(outcome), escape(outcome.way), escape(outcome.reasons[0])
            )
        console.print(table, soft_wrap=False)
        if with_reasons:
            console.print(_tree(database, outcomes), soft_wrap=False)


def _tree(database: str, outcomes: list[Outcome]) -> Tree:
    tree = Tree(f"[bold]Why[/bold]: every way back of {escape(database)}")
    for outcome in outcomes:
        branch = tree.add(f"{outcome.failure.value}: loses {_loss(outcome)}, takes {_time(outcome)}")
        for way in outcome.ways:
            leaf = branch.add(f"{_mark(way)} {escape(way.name)}")
            for reason in way.reasons:
                leaf.add(escape(reason))
    return tree


def _mark(way: Way) -> str:
    return "[green]stays[/green]" if way.survives else "[red]gone[/red] "


def _loss(outcome: Outcome) -> str:
    if outcome.rpo is None:
        return "[red]everything[/red]"
    return "[green]nothing[/green]" if outcome.rpo == 0 else str(outcome.rpo)


def _time(outcome: Outcome) -> str:
    if outcome.rto_least is None or outcome.rto_most is None:
        return "[red]never[/red]"
    if outcome.rto_most == 0:
        return "[green]none[/green]"
    return f"{outcome.rto_least} to {outcome.rto_most}"
