"""`mainstay check`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options
from mainstay.core.errors import InputRefused
from mainstay.core.findings import Severity


def check(
    sources: options.Sources = [options.DEFAULT_SPEC],  # noqa: B006  # Typer reads the default and changes nothing
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
    rpo: Annotated[str | None, typer.Option(metavar="TIME", help="The most data that may be lost: 5m.")] = None,
    rto: Annotated[str | None, typer.Option(metavar="TIME", help="The longest that a recovery may take: 1h.")] = None,
    fail_on: Annotated[
        Severity, typer.Option(metavar="SEVERITY", help="The least that makes the exit code 1: error, warning or info.")
    ] = Severity.ERROR,
    why: options.Why = False,
    cost: Annotated[bool, typer.Option("--cost", help="Show its monthly cost, and what would be cheaper.")] = False,
    form: Annotated[
        str | None, typer.Option("--format", metavar="FORM", help="For other tools: sarif, junit or github.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write that form; a person's view is shown beside it.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Find the mistakes that AWS would accept, in specs or in templates that somebody else wrote.

    Exit code 1 when a finding is as grave as --fail-on says, 2 when a file cannot be read.
    """
    from mainstay.cli.answer import show  # lazy: rich is loaded when there is something to show
    from mainstay.cli.views.check import check_view, checks_view  # lazy, as above

    _agree(form, output, as_json=as_json)
    ask = partial(
        api.check,
        environment=environment,
        settings=options.pairs(settings, "--set"),
        region=region,
        parameters={
            **options.values(parameter_files, "--parameters"),
            **options.pairs(parameters, "--parameter"),
        },
        rpo=options.duration(rpo, "--rpo"),
        rto=options.duration(rto, "--rto"),
        fail_on=fail_on,
        with_cheaper=cost,
    )
    view = partial(check_view, with_reasons=why, with_cost=cost)
    if form is None and len(sources) == 1:
        show(ask(sources[0]), view, as_json=as_json)
    else:
        together = partial(checks_view, each=view, form=form, output=output)
        show(api.check_all(sources, ask), together, as_json=as_json)


def _agree(form: str | None, output: Path | None, *, as_json: bool) -> None:
    if form is not None and as_json:
        raise InputRefused("two forms", detail="--format and --json were both given.", hint="leave one of them out")
    if output is not None and form is None:
        raise InputRefused("no form", detail=f"{output} was named, but no --format.", hint="--format sarif, for one")
