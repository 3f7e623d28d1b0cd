"""`mainstay facts`."""

from __future__ import annotations

from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options


def facts(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The table to show whole.")] = None,
    max_age: Annotated[
        str | None, typer.Option(metavar="TIME", help="Exit code 1 when a table was last checked longer ago: 180d.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Show what is known of AWS here, from where, since when, and how surely."""
    from mainstay.cli.answer import show  # lazy: rich is loaded when there is something to show
    from mainstay.cli.views.facts import facts_view  # lazy, as above

    show(api.facts(name=name, max_age=options.duration(max_age, "--max-age")), facts_view, as_json=as_json)
