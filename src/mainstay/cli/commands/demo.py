"""`mainstay demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options


def demo(
    blueprint: Annotated[
        str, typer.Option("--blueprint", metavar="NAME", help="The design to try, or a spec file.")
    ] = "postgres-ecommerce",
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where template, evidence and report are left.")
    ] = Path("mainstay-demo"),
    seconds: Annotated[
        float, typer.Option("--seconds", metavar="N", help="How long the application writes, 1 to 600.")
    ] = 3.0,
    as_json: options.AsJson = False,
) -> None:
    """Everything in one go, on this machine: check, deploy, an application, a disaster, a restore, the proof."""
    from mainstay.cli import answer  # lazy: rich and the clients are loaded when there is something to do
    from mainstay.cli.views.demo import demo_view  # lazy, as above

    with answer.progress() as progress:
        result = api.demo(blueprint=blueprint, out=out, seconds=seconds, progress=progress)
    answer.show(result, demo_view, as_json=as_json)
