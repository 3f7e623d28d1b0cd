"""`mainstay plan`."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from mainstay import api
from mainstay.cli import options

Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="WHAT",
        help="Compare instead: 'deployed' (the spec's own stack), a stack's name, git:REV, or a file or module folder.",
    ),
]


def plan(
    spec: options.Spec = options.DEFAULT_SPEC,
    environment: options.Environment = None,
    settings: options.Settings = None,
    region: options.Region = None,
    against: Against = None,
    stack: options.Stack = None,
    sandbox: options.Sandbox = False,
    profile: options.Profile = None,
    role_arn: options.RoleArn = None,
    why: options.Why = False,
    as_json: options.AsJson = False,
) -> None:
    """Show what a spec would create, what is wrong with it, what it promises and what it costs. Writes nothing.

    With --against it says instead what each change does to what stands: in place, reboot, failover, deferred to the
    maintenance window, refused, or replaced; what is lost, what policies keep, and for how long connections are
    interrupted. SPEC may then be a CloudFormation template, a module folder or what terraform show -json says, too.
    Exit code 2 when data would be lost, 1 when something would be refused.
    """
    from mainstay.cli.answer import show  # lazy: rich is loaded when there is something to show

    given = options.pairs(settings, "--set")
    if against is None:
        from mainstay.cli.views.plan import plan_view  # lazy, as above

        result = api.plan(spec, environment=environment, settings=given, region=region)
        show(result, partial(plan_view, with_reasons=why), as_json=as_json)
        return
    from mainstay.cli.views.difference import difference_view  # lazy, as above

    compared = api.compare(
        spec,
        against=against,
        where=options.where(sandbox, profile, role_arn),
        environment=environment,
        settings=given,
        region=region,
        stack=stack,
    )
    show(compared, difference_view, as_json=as_json)
