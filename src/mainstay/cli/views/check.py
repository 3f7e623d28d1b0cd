"""The answer of `mainstay check` for a person."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from mainstay.api._check import CheckResult
from mainstay.cli.views.cost import print_cost
from mainstay.cli.views.errors import error_view
from mainstay.cli.views.findings import print_by_urgency, tally
from mainstay.cli.views.promise import print_promise

if TYPE_CHECKING:  # one file for a person needs none of the forms for other tools
    from mainstay.api._check_all import ChecksResult


def check_view(console: Console, result: CheckResult, *, with_reasons: bool = False, with_cost: bool = False) -> None:
    """Findings first, then the promise, on request the cost, then the tally, and who teaches the gravest rule."""
    print_by_urgency(console, result.findings)
    print_promise(console, result.promise, with_reasons=with_reasons)
    if with_cost:
        print_cost(console, result.cost, result.cheaper)
    several = f" in {len(result.stacks)} stacks" if len(result.stacks) > 1 else ""
    console.print(f"[bold]{escape(result.source)}[/bold]: {tally(result.findings)}{several}", highlight=False)
    taught = next((one.id for one in result.findings if one.reality and one.suppressed is None), None)
    if taught:
        console.print(f"mainstay explain {taught} says what happens in reality", highlight=False)


def checks_view(
    console: Console,
    result: ChecksResult,
    *,
    each: Callable[[Console, CheckResult], None],
    form: str | None = None,
    output: Path | None = None,
) -> None:
    """One answer after the other. In a form for another tool: that alone, or written to `output` beside them."""
    if form is not None:
        text = result.in_form(form)
        if output is None:
            sys.stdout.write(text)
            return
        from mainstay.api._synth import write_whole  # lazy: only a file to be written needs the writers

        write_whole(output, text)
    for one in result.results:
        if isinstance(one, CheckResult):
            each(console, one)
        else:
            error_view(one.error)
    if output is not None:
        console.print(f"wrote {escape(str(output))}", highlight=False)
