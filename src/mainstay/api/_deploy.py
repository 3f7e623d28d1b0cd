"""`mainstay deploy`: put a spec into an account, or into the sandbox."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from mainstay.api._history import as_deployed
from mainstay.api._site import Where, open_site, stack_name
from mainstay.api._source import load_spec
from mainstay.core.progress import Progress
from mainstay.formats import cloudformation
from mainstay.ops.deploy import deploy as deploy_plan
from mainstay.ops.deployment import Approve, Deployed


def deploy(
    source: Path,
    *,
    where: Where,
    approve: Approve,
    environment: str | None = None,
    region: str | None = None,
    stack: str | None = None,
    parameters: Mapping[str, str] | None = None,
    confirmed: Collection[str] = (),
    account: str | None = None,
    progress: Progress | None = None,
) -> Deployed:
    """Deploy a spec as a stack; `approve` sees every change first and nothing happens without its yes.

    `confirmed` are the logical ids of databases, keys or vaults whose replacement or removal is accepted.
    """
    loaded = load_spec(source, environment=environment, region=region)
    site = open_site(where, loaded.plan.primary.region, begin=True)
    name = stack_name(loaded.plan, stack)
    loaded = as_deployed(loaded, site, name)
    template = next(iter(cloudformation.render(loaded.plan).values()))
    return deploy_plan(
        site,
        loaded.plan,
        template,
        stack=name,
        approve=approve,
        journal=where.journal,
        parameters=parameters,
        confirmed=confirmed,
        account=account,
        progress=progress,
    )
