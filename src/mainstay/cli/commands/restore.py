"""`mainstay restore`."""

from __future__ import annotations

from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options


def restore(
    spec: options.Spec = options.DEFAULT_SPEC,
    to: Annotated[
        str, typer.Option("--to", metavar="TIME", help="`latest`, or a time with its offset: 2026-11-20T14:05:00Z.")
    ] = "latest",
    snapshot: Annotated[
        str | None, typer.Option("--snapshot", metavar="NAME", help="From this snapshot instead of to a time.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="NAME", help="The new instance's name, instead of a derived one.")
    ] = None,
    environment: options.Environment = None,
    settings: options.Settings = None,
    region: options.Region = None,
    stack: options.Stack = None,
    sandbox: options.Sandbox = False,
    profile: options.Profile = None,
    role_arn: options.RoleArn = None,
    as_json: options.AsJson = False,
) -> None:
    """Get data back: a new instance with the data of a time or a snapshot. The source is only read."""
    from mainstay.cli import answer  # lazy: rich and the clients are loaded when there is something to do
    from mainstay.cli.views.restore import restore_view  # lazy, as above

    with answer.progress() as progress:
        result = api.restore(
            spec,
            where=options.where(sandbox, profile, role_arn),
            to=to,
            snapshot=snapshot,
            target=target,
            environment=environment,
            settings=options.pairs(settings, "--set"),
            region=region,
            stack=stack,
            progress=progress,
        )
    answer.show(result, restore_view, as_json=as_json)
