"""`mainstay failover`."""

from __future__ import annotations

from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options


def failover(
    to_region: Annotated[
        str, typer.Option("--to-region", metavar="REGION", help="The second region, of the spec's disaster_recovery.")
    ],
    spec: options.Spec = options.DEFAULT_SPEC,
    confirm: Annotated[
        str | None, typer.Option("--confirm", metavar="STACK", help="The name of the stack there, as consent.")
    ] = None,
    to: Annotated[
        str, typer.Option("--to", metavar="TIME", help="`latest`, or a time with its offset: 2026-11-20T14:05:00Z.")
    ] = "latest",
    target: Annotated[
        str | None, typer.Option("--target", metavar="NAME", help="The new instance's name, instead of the old one's.")
    ] = None,
    environment: options.Environment = None,
    settings: options.Settings = None,
    stack: options.Stack = None,
    sandbox: options.Sandbox = False,
    profile: options.Profile = None,
    role_arn: options.RoleArn = None,
    ca_bundle: options.CaBundle = None,
    as_json: options.AsJson = False,
) -> None:
    """Fail over into the second region: restore the newest second there is, to stay, and say what is left to do.

    The first region is not needed. Shows what it would restore first; needs the name of the stack there. Exit code 0
    when the new database stands and nothing contradicts it, 1 when its data contradict themselves, 3 when it stands
    and could not be looked at from here.
    """
    from mainstay.cli import answer  # lazy: rich and the clients are loaded when there is something to do
    from mainstay.cli.views.failover import failover_view  # lazy, as above

    with answer.progress() as progress:
        result = api.failover(
            spec,
            where=options.where(sandbox, profile, role_arn, ca_bundle),
            to_region=to_region,
            confirm=confirm,
            to=to,
            target=target,
            environment=environment,
            settings=options.pairs(settings, "--set"),
            stack=stack,
            progress=progress,
        )
    answer.show(result, failover_view, as_json=as_json)
