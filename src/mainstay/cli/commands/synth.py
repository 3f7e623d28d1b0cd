"""`mainstay synth`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options


def synth(
    spec: options.Spec = options.DEFAULT_SPEC,
    to: Annotated[
        str, typer.Option("--to", metavar="FORMAT", help="The format: cloudformation or terraform.")
    ] = "cloudformation",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write files there instead of printing them.")
    ] = None,
    environment: options.Environment = None,
    settings: options.Settings = None,
    region: options.Region = None,
    with_functions: Annotated[
        bool, typer.Option("--with-functions", help="Write the code of the plan's functions as well; needs --out.")
    ] = False,
    ca_bundle: options.CaBundle = None,
    state_bucket: Annotated[
        str | None,
        typer.Option("--state-bucket", metavar="NAME", help="The bucket that Terraform keeps its state in, locked."),
    ] = None,
    nested: Annotated[
        bool, typer.Option("--nested", help="CloudFormation's nested form: a parent, and a template for each part.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Compile a spec to the format of the tool that you already use; the same input gives the same bytes."""
    from mainstay.cli.answer import show  # lazy: rich is loaded when there is something to show
    from mainstay.cli.views.synth import synth_view  # lazy, as above

    result = api.synth(
        spec,
        to=to,
        out=out,
        environment=environment,
        settings=options.pairs(settings, "--set"),
        region=region,
        with_functions=with_functions,
        ca_bundle=ca_bundle,
        state_bucket=state_bucket,
        nested=nested,
    )
    show(result, synth_view, as_json=as_json)
