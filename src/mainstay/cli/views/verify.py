"""The answer of `mainstay verify` for a person."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.markup import escape

from mainstay.ops.verification import Mark, Verification

_SIGNS: Final = {
    Mark.PASS: "[green]✔[/green]",
    Mark.WARNING: "[yellow]![/yellow]",
    Mark.FAIL: "[red]✘[/red]",
    Mark.NOT_OBSERVED: "[blue]?[/blue]",
}
_VERDICTS: Final = {"pass": "green", "fail": "red", "inconclusive": "yellow"}


def verify_view(console: Console, result: Verification) -> None:
    """One line a check with what was seen, the next step under those that need one, then the verdict."""
    for answer in result.answers:
        outcome = answer.outcome
        console.print(f"{_SIGNS[outcome.mark]} [bold]{escape(answer.name)}[/bold]", highlight=False)
        for line in outcome.sentence.splitlines():
            console.print(f"    {escape(line)}", highlight=False)
        if outcome.hint and outcome.mark is not Mark.PASS:
            console.print(f"    [green]next[/green] {escape(outcome.hint)}", highlight=False)
    colour = _VERDICTS[result.verdict]
    console.print(
        f"[bold]{escape(result.stack)}[/bold] ({result.site}, {result.region}): "
        f"[bold {colour}]{result.verdict}[/bold {colour}]",
        highlight=False,
    )
