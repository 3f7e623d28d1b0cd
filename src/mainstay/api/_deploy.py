"""`mainstay deploy`: put a spec into an account, or into the sandbox."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from mainstay.api._history import as_deployed
from mainstay.api._regional import Regional
from mainstay.api._site import Where, open_site, require_programs, stack_name
from mainstay.api._source import load_spec
from mainstay.core.progress import Progress
from mainstay.formats import cloudformation
from mainstay.ops.deploy import deploy_regions
from mainstay.ops.deployment import Approve, Deployed, Part
from mainstay.ops.site import Site
from mainstay.plan.plan import Plan, RegionPlan


def deploy(
    source: Path,
    *,
    where: Where,
    approve: Approve,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    stack: str | None = None,
    parameters: Mapping[str, str] | None = None,
    confirmed: Collection[str] = (),
    account: str | None = None,
    progress: Progress | None = None,
    nested: bool = False,
) -> Regional[Deployed]:
    """Deploy a spec as a stack in each of its regions; `approve` sees every change before it is carried out.

    In the sandbox, EnvironmentLacking without programs of an engine, before anything is begun.
    A second region is deployed first, because the first takes its outputs. `confirmed` are the logical ids of
    databases, keys or vaults whose replacement or removal is accepted. `nested` deploys CloudFormation's nested form; a
    stack keeps the form that it was made in.
    """
    loaded = load_spec(source, environment=environment, settings=settings, region=region)
    name = stack_name(loaded.plan, stack)
    require_programs(where, loaded.plan)
    primary = open_site(where, loaded.plan.primary.region, begin=True)
    return deploy_plan(
        where,
        primary,
        as_deployed(loaded, primary, name).plan,
        name,
        approve=approve,
        parameters=parameters,
        confirmed=confirmed,
        account=account,
        progress=progress,
        nested=nested,
    )


def deploy_plan(
    where: Where,
    primary: Site,
    plan: Plan,
    stack: str,
    *,
    approve: Approve,
    parameters: Mapping[str, str] | None = None,
    confirmed: Collection[str] = (),
    account: str | None = None,
    progress: Progress | None = None,
    nested: bool = False,
) -> Regional[Deployed]:
    """Deploy every region of a plan; the site of the primary one is open already."""
    order = plan.in_deploy_order
    done = deploy_regions(
        [
            _part(
                primary if one is plan.primary else open_site(where, one.region, begin=True),
                plan,
                one,
                is_nested=nested,
            )
            for one in order
        ],
        plan.intent,
        stack=stack,
        approve=approve,
        journal=where.journal,
        parameters=parameters,
        confirmed=confirmed,
        account=account,
        progress=progress,
    )
    return Regional(tuple(done[order.index(one)] for one in plan.regions))


def _part(site: Site, plan: Plan, region: RegionPlan, *, is_nested: bool) -> Part:
    """A region with its templates: the first is the stack's own, the others are those of its nested stacks."""
    alone = replace(plan, regions=(region,))
    texts = cloudformation.render_nested(alone) if is_nested else cloudformation.render(alone)
    own, *children = texts
    return Part(site=site, region=region, template=texts[own], children={name: texts[name] for name in children})
