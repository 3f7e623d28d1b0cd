"""`mainstay check`."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options
from mainstay.core.findings import Severity


def check(
    source: options.Source = options.DEFAULT_SPEC,
    environment: options.Environment = None,
    settings: options.Settings = None,
    region: options.Region = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option("--parameter", metavar="NAME=VALUE", help="A value for a template's parameter; repeatable."),
    ] = None,
    parameter_files: Annotated[
        list[str] | None,
        typer.Option(
            "--parameters",
            metavar="FILE",
            help="Values for a template's parameters, as JSON in any shape that the AWS command line takes, or "
            "NAME=VALUE; repeatable. --parameter overrides them.",
        ),
    ] = None,
    fail_on: Annotated[
        Severity, typer.Option(metavar="SEVERITY", help="The least that makes the exit code 1: error, warning or info.")
    ] = Severity.ERROR,
    why: options.Why = False,
    cost: Annotated[bool, typer.Option("--cost", help="Show what it costs a month, by part.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Find the mistakes that AWS would accept, in a spec or in a template that somebody else wrote."""
    from mainstay.cli.answer import show  # lazy: rich is loaded when there is something to show
    from mainstay.cli.views.check import check_view  # lazy, as above

    result = api.check(
        source,
        environment=environment,
        settings=options.pairs(settings, "--set"),
        region=region,
        parameters={
            **options.values(parameter_files, "--parameters"),
            **options.pairs(parameters, "--parameter"),
        },
        fail_on=fail_on,
    )
    show(result, partial(check_view, with_reasons=why, with_cost=cost), as_json=as_json)
