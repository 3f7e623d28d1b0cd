"""The answer of `mainstay verify` for a person."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.markup import escape

from mainstay.api._verify import Verified
from mainstay.ops.verify.model import Mark

_SIGNS: Final = {
    Mark.PASS: "[green]✔[/green]",
    Mark.WARNING: "[yellow]![/yellow]",
    Mark.FAIL: "[red]✘[/red]",
    Mark.NOT_OBSERVED: "[blue]?[/blue]",
}
_VERDICTS: Final = {"pass": "green", "fail": "red", "inconclusive": "yellow"}


def verify_view(console: Console, verified: Verified) -> None:
    """One line a check with what was seen, the next step under those that need one, then the verdict."""
    result = verified.verification
    for answer in result.answers:
        outcome = answer.outcome
        console.print(f"{_SIGNS[outcome.mark]} [bold]{escape(answer.name)}[/bold]", highlight=False)
        for line in outcome.sentence.splitlines():
            console.print(f"    {escape(line)}", highlight=False)
        if outcome.hint and outcome.mark is not Mark.PASS:
            console.print(f"    [green]next[/green] {escape(outcome.hint)}", highlight=False)
    _print_substitutions(console, verified)
    console.print(f"observed from {escape(result.observed_from)}", highlight=False)
    colour = _VERDICTS[result.verdict]
    console.print(
        f"[bold]{escape(result.stack)}[/bold] ({result.site}, {result.region}): "
        f"[bold {colour}]{result.verdict}[/bold {colour}]",
        highlight=False,
    )


def _print_substitutions(console: Console, verified: Verified) -> None:
    for instance, rows in verified.substitutions.items():
        console.print(
            f"in place of what is planned for [bold]{escape(instance)}[/bold], the sandbox runs", highlight=False
        )
        for row in rows:
            running = "nothing" if row.effective is None else f"{row.effective} for {row.planned}"
            console.print(f"    {escape(f'{row.name}: {running}; {row.reason}')}", highlight=False)
