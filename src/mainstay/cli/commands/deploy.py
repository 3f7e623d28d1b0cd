"""`mainstay deploy`."""

from __future__ import annotations

from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options


def deploy(
    spec: options.Spec = options.DEFAULT_SPEC,
    environment: options.Environment = None,
    settings: options.Settings = None,
    region: options.Region = None,
    stack: options.Stack = None,
    sandbox: options.Sandbox = False,
    profile: options.Profile = None,
    role_arn: options.RoleArn = None,
    ca_bundle: options.CaBundle = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option("--parameter", metavar="NAME=VALUE", help="A value for a parameter of the plan; repeatable."),
    ] = None,
    account: Annotated[
        str | None, typer.Option("--account", metavar="ID", help="Refuse to work in any other account.")
    ] = None,
    confirm_loss: Annotated[
        list[str] | None,
        typer.Option(
            "--confirm-loss", metavar="ID", help="Accept that this database, key or vault is replaced; repeatable."
        ),
    ] = None,
    nested: Annotated[
        bool, typer.Option("--nested", help="Deploy CloudFormation's nested form; a stack keeps the form it has.")
    ] = False,
    yes: options.Yes = False,
    as_json: options.AsJson = False,
) -> None:
    """Deploy a spec: shows every change, asks, carries it out, follows the events, protects the stack.

    A second region is deployed first; each is shown and asked for by itself. Its answer stands in the JSON document
    under `other_regions`.
    """
    from mainstay.cli import answer  # lazy: rich and the clients are loaded when there is something to do
    from mainstay.cli.views.deploy import asking, deploy_view  # lazy, as above
    from mainstay.cli.views.regional import each  # lazy, as above

    with answer.progress() as progress:
        result = api.deploy(
            spec,
            where=options.where(sandbox, profile, role_arn, ca_bundle),
            approve=asking(answer.err, says_yes=yes or sandbox),
            environment=environment,
            settings=options.pairs(settings, "--set"),
            region=region,
            stack=stack,
            parameters=options.pairs(parameters, "--parameter"),
            confirmed=confirm_loss or [],
            account=account,
            progress=progress,
            nested=nested,
        )
    answer.show(result, each(deploy_view), as_json=as_json)
