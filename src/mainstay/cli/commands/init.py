"""`mainstay init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write database.yaml.")] = Path(),
    blueprint: Annotated[
        str, typer.Option("--blueprint", metavar="NAME", help="The design to start from.")
    ] = "postgres-ecommerce",
    as_json: options.AsJson = False,
) -> None:
    """Start from a design that is right: write database.yaml, and the schema that editors check it by."""
    from mainstay.cli.answer import show  # lazy: rich is loaded when there is something to show
    from mainstay.cli.views.init import init_view  # lazy, as above

    show(api.init(directory, blueprint=blueprint), init_view, as_json=as_json)
