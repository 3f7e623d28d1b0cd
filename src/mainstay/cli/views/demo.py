"""What the demo came to."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from mainstay.api._demo import DemoResult

_COLOURS = {"PROVEN": "green", "DISPROVEN": "red", "INCONCLUSIVE": "yellow"}


def demo_view(console: Console, result: DemoResult) -> None:
    """The verdict in two lines, the seconds by part, and what to look at."""
    evidence = result.drilled.result.evidence
    verdict = result.drilled.result.verdict
    colour = _COLOURS[verdict.word]
    console.print()
    console.print(
        f"[bold {colour}]{verdict.word}[/bold {colour}]  the database of {escape(result.blueprint)} was restored to "
        f"{evidence['target']['time']}, just before the disaster (proof level {verdict.level}, sandbox)",
        highlight=False,
    )
    for reason in verdict.reasons:
        console.print(f"  {escape(reason)}", highlight=False)
    parts = " · ".join(f"{name} {seconds:.1f}" for name, seconds in result.seconds.items())
    console.print(f"  {sum(result.seconds.values()):.1f} s together: {parts}", highlight=False)
    console.print(f"report   [bold]{escape(str(result.drilled.report))}[/bold]", highlight=False)
    console.print(f"evidence {escape(str(result.drilled.result.evidence_path))}", highlight=False)
    console.print(f"template {escape(str(result.template))}", highlight=False)
    console.print("next: [bold]mainstay init[/bold], then [bold]mainstay deploy --sandbox[/bold]", highlight=False)
