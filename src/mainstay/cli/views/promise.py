"""The promise of a design: a matrix of one screen, what is lost and why, and on request every way back."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.tree import Tree

from mainstay.core.units import Duration
from mainstay.forecast import Outcome, Promise, Reach, Reason, Way
from mainstay.report.wording import span


def print_promise(console: Console, promise: Promise, *, with_reasons: bool = False) -> None:
    """A matrix *failure × (survives, data lost, time away, by)*, a database at a time; then why; then the tree."""
    for database in dict.fromkeys(outcome.database for outcome in promise.outcomes):
        outcomes = [outcome for outcome in promise.outcomes if outcome.database == database]
        console.print(_matrix(database, outcomes), soft_wrap=False)
        for line in _below(outcomes):
            console.print(Padding(escape(line), (0, 0, 0, 2)), soft_wrap=False, highlight=False)
        if with_reasons:
            console.print(_tree(database, outcomes), soft_wrap=False)


def _matrix(database: str, outcomes: list[Outcome]) -> Table:
    table = Table(title=f"What {escape(database)} survives, at worst", title_justify="left", box=None, pad_edge=False)
    table.add_column("failure", no_wrap=True)
    table.add_column("survives", no_wrap=True)
    table.add_column("RPO", no_wrap=True)
    table.add_column("RTO", no_wrap=True)
    table.add_column("how", overflow="fold")
    for outcome in outcomes:
        survives = "[green]yes[/green]" if outcome.survives else "[red]no[/red]"
        how = escape(outcome.way or "no way back")
        table.add_row(outcome.failure.value, survives, loss(outcome), away(outcome), how)
    return table


def _below(outcomes: list[Outcome]) -> list[str]:
    """Why what is lost is lost, each reason once, and how far back one can go as long as the region stands."""
    gone: dict[str, list[str]] = {}
    for outcome in outcomes:
        if not outcome.survives:
            gone.setdefault(outcome.reasons[0], []).append(outcome.failure.value)
    lines = [f"{', '.join(failures)}: {why}" for why, failures in gone.items()]
    reaches = _longest(outcomes[0].reaches)
    return [*lines, *([f"Back to: {'; '.join(map(str, reaches))}."] if reaches else [])]


def _longest(reaches: Sequence[Reach]) -> list[Reach]:
    """Of those that go back in the same steps, the one that goes back farthest; one without an end before all."""
    farthest: dict[Duration, Reach] = {}
    for reach in sorted(reaches, key=lambda one: (one.keep is None, one.keep or 0), reverse=True):
        farthest.setdefault(reach.gap, reach)
    return [farthest[gap] for gap in sorted(farthest)]


def _tree(database: str, outcomes: list[Outcome]) -> Tree:
    tree = Tree(f"[bold]Why[/bold]: every way back of {escape(database)}")
    for outcome in outcomes:
        branch = tree.add(f"{outcome.failure.value}: loses {loss(outcome)}, takes {away(outcome)}")
        for way in outcome.ways:
            reach = f", {way.reach}" if way.reach else ""
            leaf = branch.add(f"{_mark(way)} {escape(way.name)}{reach}")
            for reason in way.reasons:
                _grow(leaf, reason)
    return tree


def _grow(tree: Tree, reason: Reason) -> None:
    branch = tree.add(escape(reason.text))
    for one in reason.because:
        _grow(branch, one)


def _mark(way: Way) -> str:
    return "[green]stays[/green]" if way.survives else "[red]gone[/red] "


def loss(outcome: Outcome) -> str:
    """Data lost, for a table's cell."""
    if outcome.rpo is None:
        return "[red]everything[/red]"
    return "[green]nothing[/green]" if outcome.rpo == 0 else str(outcome.rpo)


def away(outcome: Outcome) -> str:
    """Time away, for a table's cell: minutes and hours rounded outwards, as exact as a forecast is."""
    if outcome.rto_least is None or outcome.rto_most is None:
        return "[red]for ever[/red]"
    if outcome.rto_most == 0:
        return "[green]none[/green]"
    return span(outcome.rto_least, outcome.rto_most)
