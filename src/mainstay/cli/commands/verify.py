"""`mainstay verify`."""

from __future__ import annotations

from mainstay import api
from mainstay.cli import options


def verify(
    spec: options.Spec = options.DEFAULT_SPEC,
    environment: options.Environment = None,
    settings: options.Settings = None,
    region: options.Region = None,
    stack: options.Stack = None,
    through: options.ThroughWay = None,
    sandbox: options.Sandbox = False,
    profile: options.Profile = None,
    role_arn: options.RoleArn = None,
    ca_bundle: options.CaBundle = None,
    as_json: options.AsJson = False,
) -> None:
    """See that what was planned arrived: settings, TLS login, parameters in force, replication, backups, alarms.

    A second region is asked for its vault, replicated backups and copies. Its answer stands in the JSON document under
    `other_regions`.
    """
    from mainstay.cli import answer  # lazy: rich and the clients are loaded when there is something to do
    from mainstay.cli.views.regional import each  # lazy, as above
    from mainstay.cli.views.verify import verify_view  # lazy, as above

    with answer.progress() as progress:
        result = api.verify(
            spec,
            where=options.where(sandbox, profile, role_arn, ca_bundle),
            environment=environment,
            settings=options.pairs(settings, "--set"),
            region=region,
            stack=stack,
            through=through.value if through else None,
            progress=progress,
        )
    answer.show(result, each(verify_view), as_json=as_json)
