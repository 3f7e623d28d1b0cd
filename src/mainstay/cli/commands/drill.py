"""`mainstay drill`."""

from __future__ import annotations

from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options


def drill(
    spec: options.Spec = options.DEFAULT_SPEC,
    to: Annotated[
        str, typer.Option("--to", metavar="TIME", help="`latest`, or a time with its offset: 2026-11-20T14:05:00Z.")
    ] = "latest",
    from_region: Annotated[
        str | None,
        typer.Option("--from-region", metavar="REGION", help="Restore in this second region, as a failover would."),
    ] = None,
    environment: options.Environment = None,
    settings: options.Settings = None,
    region: options.Region = None,
    stack: options.Stack = None,
    sandbox: options.Sandbox = False,
    profile: options.Profile = None,
    role_arn: options.RoleArn = None,
    ca_bundle: options.CaBundle = None,
    as_json: options.AsJson = False,
) -> None:
    """Prove that it restores: restore into a new instance, verify its data, measure, leave evidence, clean up."""
    from mainstay.cli import answer  # lazy: rich and the clients are loaded when there is something to do
    from mainstay.cli.views.drill import drill_view  # lazy, as above

    with answer.progress() as progress:
        result = api.drill(
            spec,
            where=options.where(sandbox, profile, role_arn, ca_bundle),
            to=to,
            environment=environment,
            settings=options.pairs(settings, "--set"),
            region=region,
            stack=stack,
            from_region=from_region,
            progress=progress,
        )
    answer.show(result, drill_view, as_json=as_json)
