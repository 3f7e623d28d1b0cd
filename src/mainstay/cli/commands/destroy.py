"""`mainstay destroy`."""

from __future__ import annotations

from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options


def destroy(
    spec: options.Spec = options.DEFAULT_SPEC,
    confirm: Annotated[
        str | None, typer.Option("--confirm", metavar="STACK", help="The stack's name, as consent.")
    ] = None,
    discard: Annotated[
        list[str] | None,
        typer.Option("--discard", metavar="NAME", help="Give up this instance that was restored from it; repeatable."),
    ] = None,
    discard_recovery_points: Annotated[
        bool,
        typer.Option("--discard-recovery-points", help="Delete what its vaults hold, for good, and then the vaults."),
    ] = False,
    environment: options.Environment = None,
    settings: options.Settings = None,
    region: options.Region = None,
    stack: options.Stack = None,
    sandbox: options.Sandbox = False,
    profile: options.Profile = None,
    role_arn: options.RoleArn = None,
    as_json: options.AsJson = False,
) -> None:
    """Take a stack down in the right order, and list what stays. Shows everything first; needs the stack's name.

    A second region goes last, in the same run and under the same name; its answer stands in the JSON document under
    `other_regions`.
    """
    from mainstay.cli import answer  # lazy: rich and the clients are loaded when there is something to do
    from mainstay.cli.views.destroy import destroy_view, fate_printer  # lazy, as above
    from mainstay.cli.views.regional import each  # lazy, as above

    with answer.progress() as progress:
        result = api.destroy(
            spec,
            where=options.where(sandbox, profile, role_arn),
            confirm=confirm,
            discard=discard or [],
            gives_up_points=discard_recovery_points,
            show=fate_printer(answer.err),
            environment=environment,
            settings=options.pairs(settings, "--set"),
            region=region,
            stack=stack,
            progress=progress,
        )
    answer.show(result, each(destroy_view), as_json=as_json)
