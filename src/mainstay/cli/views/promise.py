"""The promise of a design: one line a failure."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mainstay.forecast import Outcome, Promise


def print_promise(console: Console, promise: Promise) -> None:
    """A matrix *failure × (data lost, time to recover, why)*, a database at a time."""
    for database in dict.fromkeys(outcome.database for outcome in promise.outcomes):
        table = Table(
            title=f"What {escape(database)} survives, at worst", title_justify="left", box=None, pad_edge=False
        )
        for heading in ("failure", "data lost (RPO)", "time (RTO)", "because"):
            table.add_column(heading, overflow="fold")
        for outcome in promise.outcomes:
            if outcome.database == database:
                table.add_row(outcome.failure.value, _loss(outcome), _time(outcome), escape(outcome.reasons[0]))
        console.print(table, soft_wrap=False)


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
