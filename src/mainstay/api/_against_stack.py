"""A plan against the stacks that it would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mainstay import diff
from mainstay.api._against import Reading, Side, settled
from mainstay.api._history import as_deployed
from mainstay.api._site import Where, not_deployed, open_site
from mainstay.api._source import Kind, Loaded
from mainstay.core.errors import InputRefused
from mainstay.formats.cloudformation.nesting import BASE
from mainstay.ops.differences import difference, difference_of_template
from mainstay.ops.standing import StandingStack, standing_stack
from mainstay.plan.plan import Plan

Stacks = Mapping[str, StandingStack | None]


def against_stack(loaded: Loaded, reading: Reading, new: Side, name: str, where: Where) -> tuple[str, diff.Difference]:
    """What stands under a name, in words, and what the plan changes of it. NotFound when nothing does."""
    if new.kind.is_terraform:
        raise InputRefused(
            "nothing that Terraform knows",
            detail=f"{new.words} is Terraform's, and {name} would be a stack of CloudFormation.",
            hint="compare it with a state: terraform show -json > state.json, then --against state.json",
        )
    if not name:
        raise InputRefused(
            "no name for a stack",
            detail=f"{new.words} does not say which stack it is deployed to.",
            hint="write --against NAME, with the stack's name",
        )
    loaded = _of_name(loaded, name)
    sites = {one.region: open_site(where, one.region or reading.region) for one in loaded.plan.regions}
    stacks = {place: standing_stack(site, name) for place, site in sites.items()}
    primary = sites[loaded.plan.primary.region]
    if not any(stacks.values()):
        places = " or ".join(site.region for site in sites.values())
        raise not_deployed(primary, f"There is no stack {name} in {places} ({primary.label}).")
    there = ", ".join(sites[place].region for place, stack in stacks.items() if stack is not None)
    if new.kind is Kind.SPEC:
        found = _of_spec(as_deployed(loaded, primary, name).plan, stacks)
    else:
        found = _of_template(loaded, reading, stacks)
    return f"stack {name} in {there} ({primary.label})", diff.Difference(target=diff.CLOUDFORMATION, regions=found)


def _of_spec(planned: Plan, stacks: Stacks) -> tuple[diff.RegionDifference, ...]:
    """Parameters have the values that a deployment would give them."""
    values = settled(planned, {place: stack.parameters for place, stack in stacks.items() if stack is not None})
    return tuple(
        difference(stacks[one.region], one, filled, planned.intent)
        for one, filled in zip(planned.regions, values.regions, strict=True)
    )


def _of_template(loaded: Loaded, reading: Reading, stacks: Stacks) -> tuple[diff.RegionDifference, ...]:
    """Parameters keep the values that they have in the stack; nested templates are seen where they lie beside it."""
    (one,) = loaded.plan.regions
    stack = stacks[one.region]
    source = Path(loaded.file)
    if stack is not None and not source.is_dir():
        # Where nested templates lie is no value to keep: they are looked for beside the file.
        known = {parameter.name for parameter in one.parameters} - {BASE}
        kept = {name: value for name, value in stack.parameters.items() if name in known}
        loaded, _ = reading.written(source, parameters=kept)
    return (difference_of_template(stack, loaded.plan.primary, is_whole=not loaded.remarks),)


def _of_name(loaded: Loaded, name: str) -> Loaded:
    """Of a folder with several stacks, the one of that name."""
    regions = loaded.plan.regions
    if loaded.spec is not None or len(regions) == 1:
        return loaded
    found = tuple(one for one in regions if one.stack == name)
    if len(found) != 1:
        raise InputRefused(
            "no such stack there",
            detail=f"{loaded.file} has {', '.join(one.stack for one in regions)}, and {len(found)} of the name {name}.",
            hint="name one of these",
        )
    return replace(loaded, plan=replace(loaded.plan, regions=found))
