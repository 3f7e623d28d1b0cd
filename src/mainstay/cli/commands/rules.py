"""`mainstay rules`."""

from __future__ import annotations

from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options


def rules(
    family: Annotated[str | None, typer.Option(metavar="NAME", help="Only this family's: database, backup…")] = None,
    harm: Annotated[str | None, typer.Option(metavar="HARM", help="Only those against it: data loss, blind…")] = None,
    as_json: options.AsJson = False,
) -> None:
    """List what `mainstay check` looks for."""
    from mainstay.cli.answer import show  # lazy: rich is loaded when there is something to show
    from mainstay.cli.views.rules import rules_view  # lazy, as above

    show(api.rules(family=family, harm=harm), rules_view, as_json=as_json)
