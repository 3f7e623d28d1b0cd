"""Findings, as a person reads them: what to do first stands first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from mainstay.core.findings import Finding, Severity, in_order
from mainstay.core.patches import Patch, snippet

_MOST_LINES: Final = 12
COLOURS: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


_HEADINGS: Final = {
    Severity.ERROR: "Before it is deployed",
    Severity.WARNING: "Soon",
    Severity.INFO: "Good to know",
}


def print_by_urgency(console: Console, findings: Sequence[Finding]) -> None:
    """The same under a heading that says when to act; what somebody accepted comes last."""
    for severity, heading in _HEADINGS.items():
        found = [finding for finding in findings if finding.severity is severity and finding.suppressed is None]
        if found:
            console.print(f"[bold underline]{heading}[/bold underline]", highlight=False)
            print_findings(console, found)
            console.print()
    print_findings(console, [finding for finding in findings if finding.suppressed is not None])


def print_findings(console: Console, findings: Sequence[Finding]) -> None:
    """One paragraph a finding; suppressed ones in one line each, with their reason."""
    for finding in in_order(findings):
        place = str(finding.origin or "")
        if finding.suppressed is not None:
            console.print(
                f"[dim]suppressed {finding.id} {escape(finding.subject)}: {escape(finding.suppressed)}[/dim]",
                highlight=False,
            )
            continue
        colour = COLOURS[finding.severity]
        console.print(
            f"[bold {colour}]{finding.severity.value}[/bold {colour}] [bold]{finding.id}[/bold] "
            f"{escape(finding.summary)} [dim]({finding.harm.value})[/dim]",
            highlight=False,
        )
        where = " · ".join(part for part in (finding.subject, place) if part)
        if where:
            console.print(f"  [dim]{escape(where)}[/dim]", highlight=False)
        _print_sentence(console, Text(finding.detail))
        if finding.hint:
            _print_sentence(console, Text.assemble(("fix", "green"), " ", finding.hint))
        if finding.patch:
            _print_patch(console, finding.patch)


def _print_sentence(console: Console, text: Text) -> None:
    """Two spaces in: broken between words for a terminal, in one line for whatever reads line by line."""
    for line in text.wrap(console, console.width - 2) if console.is_terminal else [text]:
        line.rstrip()
        console.print(Text("  ").append_text(line), highlight=False)


def _print_patch(console: Console, patch: Patch) -> None:
    """The lines as they should read, each with the path to it; a long one is cut, as --json has it all."""
    for change in patch.changes:
        lines = snippet(change, patch.language)
        # The resource itself is named above.
        above = ".".join(change.path[2:-1] if change.path[2:] and change.path[0] == "Resources" else change.path[:-1])
        word, first = ("write", lines[0]) if lines else ("remove", change.path[-1])
        where = f"[dim]{escape(above)}[/dim] " if above else ""
        console.print(f"  [green]{word}[/green] {where}{escape(first)}", highlight=False)
        for line in lines[1:_MOST_LINES]:
            console.print(f"    {escape(line)}", highlight=False)
        if len(lines) > _MOST_LINES:
            console.print(f"    [dim]… {len(lines) - _MOST_LINES} more lines: --json[/dim]", highlight=False)


def tally(findings: Sequence[Finding]) -> str:
    """`2 errors, 1 warning`, or `no findings`."""
    open_ones = [finding for finding in findings if finding.suppressed is None]
    counts = {severity: sum(f.severity is severity for f in open_ones) for severity in Severity}
    words = [f"{count} {severity.value}{'s' if count != 1 else ''}" for severity, count in counts.items() if count]
    return ", ".join(words) or "no findings"
