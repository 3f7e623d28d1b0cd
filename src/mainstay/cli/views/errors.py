"""An error, as a person sees it: what, with which names and numbers, and what to do next."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from mainstay.cli.views.findings import print_findings
from mainstay.core.errors import InputRefused, MainstayError


def error_view(error: MainstayError) -> None:
    """Write the error to standard error."""
    console = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)
    console.print(f"[bold red]error[/bold red] {escape(error.summary)}")
    findings = error.findings if isinstance(error, InputRefused) else ()
    lines = error.detail.splitlines()
    # Where each fault follows as a finding, the first line is their number, or the only fault itself.
    if findings:
        lines = [line for line in lines[:1] if findings[0].detail not in line]
    for line in lines:
        console.print(f"  {escape(line)}")
    print_findings(console, findings)
    for line in error.hint.splitlines():
        console.print(f"  [green]hint[/green] {escape(line)}")
