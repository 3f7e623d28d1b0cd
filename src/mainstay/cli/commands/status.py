"""`mainstay status`."""

from __future__ import annotations

from mainstay import api
from mainstay.cli import options


def status(
    spec: options.Spec = options.DEFAULT_SPEC,
    environment: options.Environment = None,
    settings: options.Settings = None,
    region: options.Region = None,
    stack: options.Stack = None,
    sandbox: options.Sandbox = False,
    profile: options.Profile = None,
    role_arn: options.RoleArn = None,
    as_json: options.AsJson = False,
) -> None:
    """Show a stack at a glance: databases, restorable times, alarms, until when it is proven, copies, unfinished runs.

    A second region's stack stands in the JSON document under `other_regions`. Exit code 1 when something is not well:
    also when drill.every or drill.proof_lasts asks for a proof, and the newest drill that ended PROVEN is older.
    """
    from mainstay.cli import answer  # lazy: rich and the clients are loaded when there is something to do
    from mainstay.cli.views.regional import each  # lazy, as above
    from mainstay.cli.views.status import status_view  # lazy, as above

    result = api.status(
        spec,
        where=options.where(sandbox, profile, role_arn),
        environment=environment,
        settings=options.pairs(settings, "--set"),
        region=region,
        stack=stack,
    )
    answer.show(result, each(status_view), as_json=as_json)
