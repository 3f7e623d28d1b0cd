"""`mainstay schema`."""

from __future__ import annotations

from typing import Annotated

import typer

from mainstay import api


def schema(
    as_json: Annotated[bool, typer.Option("--json", help="The schema is JSON already; accepted for scripts.")] = True,
) -> None:
    """Print the JSON schema of a spec, for editors."""
    from mainstay.cli.answer import write_json  # lazy: rich is loaded when there is something to show

    write_json(api.schema().as_json())
