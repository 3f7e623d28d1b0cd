"""The answer of `mainstay restore` for a person."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from mainstay.api._generation import NewGeneration, UndoneRestore
from mainstay.cli.views.custody import custody_lines
from mainstay.core.clock import render_time
from mainstay.ops.restoration import Restored


def restore_view(console: Console, result: Restored) -> None:
    """Where the data is, who may read it, and how long it took."""
    # What "latest" was is known at the request only; the data are at least as new.
    at_least = result.point == "latest" and result.requested_time
    point = f"{render_time(at_least)} or later" if at_least else result.point
    console.print(
        f"[bold]{escape(result.identifier)}[/bold] ({result.site}) holds {escape(result.source_id)} as of "
        f"{escape(point)}",
        highlight=False,
    )
    console.print(f"  endpoint  {escape(result.address)}:{result.port}", highlight=False)
    console.print(f"  user      {escape(result.username)}", highlight=False)
    console.print(f"  login in  {escape(result.login_secret_arn)}", highlight=False)
    for name, seconds in result.phases_s.items():
        console.print(f"  {name:9} {seconds:.1f} s", highlight=False)


def generation_view(console: Console, made: NewGeneration) -> None:
    """The new generation and its verdict, where the old one is, what is left to do, and what other tools believe."""
    result = made.result
    restored, verdict = result.restored, result.evidence["verdict"]
    console.print(f"[bold]{escape(verdict['word'])}[/bold]  proof level {escape(verdict['level'])}", highlight=False)
    restore_view(console, restored)
    console.print(f"  old one   {escape(result.old_identifier)} ({escape(result.old_resource_id)})", highlight=False)
    signs = {"failed": "[red]✘[/red]", "open": "[yellow]?[/yellow]"}
    for check in result.evidence["checks"]:
        if check["outcome"] in signs:
            told = f"{check['name']} — expected {check['expected']}, saw {check['observed']}"
            console.print(f"  {signs[check['outcome']]} {escape(told)}", highlight=False)
    for reason in verdict["reasons"]:
        console.print(f"  {escape(reason)}", highlight=False)
    for title, rows in (("left to do:", result.remaining), ("other tools:", result.reconcile)):
        if rows:
            console.print(title, highlight=False)
        for number, row in enumerate(rows, start=1):
            console.print(f"  {number}. {escape(row)}", highlight=False)
    files = f"evidence {result.evidence_path}\nreport   {made.report}"
    console.print(escape(files), highlight=False)
    custody_lines(console, made.custody)


def undone_view(console: Console, done: UndoneRestore) -> None:
    """What clients reach now, what is kept aside, and where the evidence is."""
    undone = done.result
    console.print(
        f"[bold]{escape(undone.identifier)}[/bold] ({undone.site}) is {escape(undone.resource_id)} again",
        highlight=False,
    )
    console.print(f"  endpoint  {escape(undone.address)}:{undone.port}", highlight=False)
    console.print(f"  kept      {escape(undone.kept)} ({escape(undone.kept_resource_id)})", highlight=False)
    if undone.lost:
        console.print(f"  only there: {escape(undone.lost)}", highlight=False)
    for number, row in enumerate(undone.remaining, start=1):
        console.print(f"  {number}. {escape(row)}", highlight=False)
    console.print(f"evidence {escape(undone.evidence_file)}", highlight=False)
    custody_lines(console, done.custody)
