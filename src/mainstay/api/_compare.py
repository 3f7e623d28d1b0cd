"""`mainstay plan --against`: what a change does to what stands. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mainstay import diff
from mainstay.api._against import Reading, Side, settled
from mainstay.api._history import as_deployed
from mainstay.api._site import Where, not_deployed, open_site, stack_name
from mainstay.api._source import Loaded
from mainstay.core.errors import InputRefused
from mainstay.formats import terraform
from mainstay.ops.differences import CLOUDFORMATION, difference
from mainstay.ops.standing import StandingStack, standing_stack
from mainstay.plan.plan import Plan

DEPLOYED: Final = "deployed"
REVISION: Final = "git:"
TERRAFORM: Final = diff.Target(diff.TERRAFORM, terraform.TABLES)
# What nobody calls a stack.
_FILE_MARKS: Final = ("/", ".json", ".yaml", ".yml", ".template")


@dataclass(frozen=True, slots=True)
class Compared:
    """What was compared with what, and what differs."""

    source: str
    against: str
    difference: diff.Difference
    stack: str = ""

    @property
    def exit_code(self) -> int:
        """2 when data would be lost, 1 when something would be refused, 0 otherwise."""
        return self.difference.exit_code

    def as_json(self) -> dict[str, object]:
        """`{"source": …, "against": …, "regions": […], "loses_data": …, "exit_code": …}`."""
        return {"source": self.source, "against": self.against, **self.difference.as_json()}


def compare(
    source: Path,
    *,
    against: str,
    where: Where,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    region: str | None = None,
    stack: str | None = None,
) -> Compared:
    """Compare the plan of a spec, a template, a module or a shown plan with what it would change.

    `against` is `deployed` (the stack that the spec deploys to, or `stack`), `git:REV` (the same file at a revision), a
    file or a folder that can be read, or the name of a stack. InputRefused when it is none of these, NotFound when
    there is no such stack.
    """
    reading = Reading(environment=environment, settings=settings, region=region)
    loaded, new = reading.written(source)
    if against.startswith(REVISION):
        return _of_plans(new, reading.at(source, against.removeprefix(REVISION)))
    path = Path(against)
    if against != DEPLOYED and (path.exists() or against.endswith(_FILE_MARKS) or "/" in against):
        return _of_plans(new, reading.written(path)[1])
    if stack is not None and against != DEPLOYED:
        raise InputRefused(
            "two stacks",
            detail=f"--against names stack {against}, and --stack names {stack}.",
            hint="leave --stack out, or write --against deployed",
        )
    name = stack_name(loaded.plan, stack if against == DEPLOYED else against)
    return _of_stack(loaded, reading, new, name, where)


def _of_plans(new: Side, old: Side) -> Compared:
    """Two plans of files; as Terraform would carry it out when one of them is Terraform's."""
    is_terraform = new.is_terraform or old.is_terraform
    if new.is_module or old.is_module:
        before, after = old.plan, new.plan  # a module has variables where a spec has parameters
    else:
        before, after = (settled(one.plan, {}) if one.is_spec else one.plan for one in (old, new))
    found = diff.compare(before, after, TERRAFORM if is_terraform else CLOUDFORMATION)
    return Compared(new.words, old.words, found)


def _of_stack(loaded: Loaded, reading: Reading, new: Side, name: str, where: Where) -> Compared:
    if new.is_terraform:
        raise InputRefused(
            "nothing that Terraform knows",
            detail=f"{new.words} is Terraform's, and {name} would be a stack of CloudFormation.",
            hint="compare it with a state: terraform show -json > state.json, then --against state.json",
        )
    sites = {one.region: open_site(where, one.region or reading.region) for one in loaded.plan.regions}
    stacks = {place: standing_stack(site, name) for place, site in sites.items()}
    primary = sites[loaded.plan.primary.region]
    if not any(stacks.values()):
        places = " or ".join(site.region for site in sites.values())
        raise not_deployed(primary, f"There is no stack {name} in {places} ({primary.label}).")
    planned = as_deployed(loaded, primary, name).plan
    values = _with_values(reading, Path(loaded.file), planned, new, stacks)
    regions = tuple(
        difference(stacks[one.region], one, filled, planned.intent)
        for one, filled in zip(planned.regions, values.regions, strict=True)
    )
    there = ", ".join(sites[place].region for place, stack in stacks.items() if stack is not None)
    found = diff.Difference(target=diff.CLOUDFORMATION, regions=regions)
    return Compared(new.words, f"stack {name} in {there} ({primary.label})", found, name)


def _with_values(
    reading: Reading, source: Path, planned: Plan, new: Side, stacks: Mapping[str, StandingStack | None]
) -> Plan:
    """The plan with the values that its parameters would have: a spec's as it would be deployed, a template's as they
    are in the stack.
    """
    held = {place: stack.parameters for place, stack in stacks.items() if stack is not None}
    if new.is_spec:
        return settled(planned, held)
    known = {one.name for one in planned.primary.parameters}
    kept = {name: value for name, value in held.get(planned.primary.region, {}).items() if name in known}
    return reading.written(source, parameters=kept)[1].plan
