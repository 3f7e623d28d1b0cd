"""`mainstay synth`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options


def synth(
    source: options.Synthesised = options.DEFAULT_SPEC,
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
    parameters: options.Parameters = None,
    accept_losses: Annotated[
        bool, typer.Option("--accept-losses", help="Exit with 0 even if a translation could not carry everything.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Compile a spec to the format of the tool that you already use; the same input gives the same bytes.

    A CloudFormation template, a folder that the CDK wrote, a module that this command wrote, or what terraform show
    -json says is translated. What the other format cannot say is listed, with the reason and what to do, in the answer
    and in NOT-CARRIED.md; the exit code is then 1, unless --accept-losses.
    """
    from mainstay.cli.answer import show  # lazy: rich is loaded when there is something to show
    from mainstay.cli.views.synth import synth_view  # lazy, as above

    result = api.synth(
        source,
        to=to,
        out=out,
        environment=environment,
        settings=options.pairs(settings, "--set"),
        region=region,
        with_functions=with_functions,
        ca_bundle=ca_bundle,
        state_bucket=state_bucket,
        nested=nested,
        parameters=options.pairs(parameters, "--parameter"),
        accept_losses=accept_losses,
    )
    show(result, synth_view, as_json=as_json)
