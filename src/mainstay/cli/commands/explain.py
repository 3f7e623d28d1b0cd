"""`mainstay explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options


def explain(
    rule: Annotated[str, typer.Argument(metavar="ID", help="The id that a finding shows, such as BK006.")],
    as_json: options.AsJson = False,
) -> None:
    """Teach one rule: what happens in reality, an example that fires it, and what would not."""
    from mainstay.cli.answer import show  # lazy: rich is loaded when there is something to show
    from mainstay.cli.views.rules import explain_view  # lazy, as above

    show(api.explain(rule), explain_view, as_json=as_json)
