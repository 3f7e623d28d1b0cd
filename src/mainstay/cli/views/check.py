"""The answer of `mainstay check` for a person."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

from mainstay.api._check import CheckResult
from mainstay.cli.views.cost import print_cost
from mainstay.cli.views.findings import print_findings, tally
from mainstay.cli.views.promise import print_promise


def check_view(console: Console, result: CheckResult, *, with_reasons: bool = False, with_cost: bool = False) -> None:
    """Findings first, then the promise, on request the cost, then the tally."""
    print_findings(console, result.findings)
    print_promise(console, result.promise, with_reasons=with_reasons)
    if with_cost:
        print_cost(console, result.cost)
    several = f" in {len(result.stacks)} stacks" if len(result.stacks) > 1 else ""
    console.print(f"[bold]{escape(result.source)}[/bold]: {tally(result.findings)}{several}", highlight=False)
