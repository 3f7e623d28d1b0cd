"""`mainstay check`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, TypedDict

import typer

from mainstay import api
from mainstay.cli import options
from mainstay.core.errors import InputRefused
from mainstay.core.findings import Severity
from mainstay.core.units import Duration


class Asked(TypedDict):
    """What a check and a fix are asked alike."""

    environment: str | None
    settings: dict[str, str]
    region: str | None
    rpo: Duration | None
    rto: Duration | None
    fail_on: Severity
    with_cheaper: bool


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
    suppressions: Annotated[
        Path | None,
        typer.Option(
            "--suppress",
            metavar="FILE",
            help="Findings to live with, each with its reason, as under suppress: in a spec; for files that have none.",
        ),
    ] = None,
    judged_as: Annotated[
        str | None,
        typer.Option(
            "--judge-as",
            metavar="PROFILE",
            help="What is required of a template or a plan: dev, prod (as without it) or ransomware.",
        ),
    ] = None,
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
    fix: Annotated[
        bool, typer.Option("--fix", help="Write into the spec what findings say to write, where that is mechanical.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would change, and write nothing.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Find the mistakes that AWS would accept, in specs or in templates that somebody else wrote.

    A finding shows what to write where that is mechanical. --fix writes it into a spec: comments, order and every other
    byte stay, a setting of an environment is changed there, and only what leaves the spec valid, silences its finding
    and brings no new error is written. Exit code 1 when a finding is as grave as --fail-on says (with --fix: of what
    then stands in the file), 2 when a file cannot be read.
    """
    from mainstay.cli.answer import show  # lazy: rich is loaded when there is something to show
    from mainstay.cli.views.check import check_view, checks_view  # lazy, as above

    _agree(form, output, as_json=as_json)
    given = {**options.values(parameter_files, "--parameters"), **options.pairs(parameters, "--parameter")}
    how = Asked(
        environment=environment,
        settings=options.pairs(settings, "--set"),
        region=region,
        rpo=options.duration(rpo, "--rpo"),
        rto=options.duration(rto, "--rto"),
        fail_on=fail_on,
        with_cheaper=cost,
    )
    if fix or diff:
        from mainstay.cli.views.fix import fix_view  # lazy, as above

        _alone(sources, form, given, {"--suppress": suppressions, "--judge-as": judged_as})
        seen = partial(fix_view, with_reasons=why, with_cost=cost)
        show(api.fix(sources[0], write=not diff, **how), seen, as_json=as_json)
        return
    ask = partial(api.check, parameters=given, suppressions=suppressions, judged_as=judged_as, **how)
    view = partial(check_view, with_reasons=why, with_cost=cost)
    if form is None and len(sources) == 1:
        show(ask(sources[0]), view, as_json=as_json)
    else:
        together = partial(checks_view, each=view, form=form, output=output)
        show(api.check_all(sources, ask), together, as_json=as_json)


def _alone(sources: list[Path], form: str | None, parameters: dict[str, str], others: Mapping[str, object]) -> None:
    """InputRefused for what --fix and --diff have no answer to."""
    if len(sources) > 1:
        raise InputRefused(
            "one spec at a time", detail=f"{len(sources)} files were named.", hint="fix them one after the other"
        )
    named = [f"--format {form}"] if form is not None else []
    named += [f"--parameter {', '.join(parameters)}"] if parameters else []
    named += [option for option, value in others.items() if value is not None]
    if named:
        given = named[0]
        raise InputRefused(
            "not beside --fix", detail=f"{given} was given.", hint="leave it out, or check without --fix"
        )


def _agree(form: str | None, output: Path | None, *, as_json: bool) -> None:
    if form is not None and as_json:
        raise InputRefused("two forms", detail="--format and --json were both given.", hint="leave one of them out")
    if output is not None and form is None:
        raise InputRefused("no form", detail=f"{output} was named, but no --format.", hint="--format sarif, for one")
