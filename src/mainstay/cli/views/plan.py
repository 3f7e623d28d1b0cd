"""The answer of `mainstay plan` for a person."""

from __future__ import annotations

import re

from rich.console import Console
from rich.markup import escape

from mainstay.api._plan import PlanResult
from mainstay.cli.views.cost import print_cost
from mainstay.cli.views.findings import print_findings, tally
from mainstay.cli.views.promise import print_promise


def plan_view(console: Console, result: PlanResult, *, with_reasons: bool = False) -> None:
    """Per stack: what would exist, by kind; then findings, promise and cost."""
    for region in result.plan.regions:
        console.print(
            f"[bold]{escape(region.stack)}[/bold] in {region.region}: {len(region.resources)} resources",
            highlight=False,
        )
        for kind, count in result.counts[region.region].items():
            console.print(f"  [green]+[/green] {count:3}  {words(kind)}", highlight=False)
    print_findings(console, result.findings)
    print_promise(console, result.promise, with_reasons=with_reasons)
    print_cost(console, result.cost, result.cheaper)
    console.print(tally(result.findings), highlight=False)


def words(kind: str) -> str:
    """A class name as words: `DbInstance` → `db instance`; a type of another tool as it is."""
    if not kind.isalnum():
        return kind
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()
