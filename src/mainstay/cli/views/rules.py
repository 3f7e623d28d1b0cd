"""The answers of `mainstay rules` and `mainstay explain` for a person."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mainstay.api._rules import ExplainResult, RulesResult
from mainstay.cli.views.findings import COLOURS

_OF_A_CHANGE: Final = {"-": "red", "+": "green"}


def rules_view(console: Console, result: RulesResult) -> None:
    """A table a family, then how many there are."""
    for family, rules in result.rules.items():
        table = Table(title=family, title_justify="left", title_style="bold", box=None, pad_edge=False)
        for column in ("id", "severity", "harm", "what it finds"):
            table.add_column(column, header_style="dim", no_wrap=column != "what it finds")
        for rule in rules:
            colour = COLOURS[rule.severity]
            table.add_row(rule.id, f"[{colour}]{rule.severity}[/{colour}]", rule.harm, escape(rule.summary))
        console.print(table)
        console.print()
    count = sum(len(rules) for rules in result.rules.values())
    console.print(f"{count} rules; mainstay explain ID teaches one", highlight=False)


def explain_view(console: Console, result: ExplainResult) -> None:
    """What it is, what happens in reality, the two examples, and what makes one of the other."""
    rule, colour = result.rule, COLOURS[result.rule.severity]
    title = f"[bold {colour}]{rule.severity}[/bold {colour}] [bold]{rule.id}[/bold] {escape(rule.summary)}"
    console.print(f"{title} [dim]({rule.harm})[/dim]", highlight=False)
    console.print(f"\n{escape(rule.reason)}", highlight=False)
    console.print(f"\n[bold]fires on[/bold] {escape(result.bad)}", highlight=False)
    console.print(f"  {escape(result.detail)}", highlight=False)
    patch = " [dim](shown as a patch)[/dim]" if result.has_patch else ""
    console.print(f"  [green]fix[/green] {escape(result.hint)}{patch}", highlight=False)
    console.print(f"[bold]does not fire on[/bold] {escape(result.good)}", highlight=False)
    for name, lines in result.changes.items():
        console.print(f"\n  [bold]{escape(name)}[/bold]", highlight=False)
        for line in lines:
            style = _OF_A_CHANGE.get(line[:1], "dim")
            console.print(f"  [{style}]{escape(line)}[/{style}]", highlight=False)
    console.print(f"\n[dim]source: {escape(rule.source)}[/dim]", highlight=False)
