"""A stack as it stands: what it was made from, with which parameters, and what became of its databases since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mainstay.diff import Standing
from mainstay.ops.aws.stack_states import StackState
from mainstay.ops.inventory import DATABASE
from mainstay.ops.site import Site

# What CloudFormation answers in place of a parameter's value that nobody may see (API, Parameter NoEcho, 2026-11-21).
_HIDDEN = "****"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingStack:
    """A stack that is there. `children` are the templates of its nested stacks by logical id; `databases` what was seen
    of each database by its key.
    """

    state: StackState
    template: str
    children: Mapping[str, str] = field(default_factory=dict)
    databases: Mapping[str, Standing] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, str]:
        """The values that can be seen."""
        return {name: value for name, value in self.state.parameters.items() if value != _HIDDEN}


def standing_stack(site: Site, name: str) -> StandingStack | None:
    """What stands under a name; None where nothing does, or only a name that waits for its first change set."""
    cloudformation = site.doors.cloudformation
    state = cloudformation.find_stack(name)
    if state is None or state.is_reviewed or state.is_empty_failure:
        return None
    return StandingStack(
        state=state,
        template=cloudformation.template(name),
        children={
            one.logical_id: cloudformation.template(one.physical_id) for one in cloudformation.nested_stacks(name)
        },
        databases=_databases(site, name),
    )


def _databases(site: Site, name: str) -> dict[str, Standing]:
    seen: dict[str, Standing] = {}
    for one in site.doors.cloudformation.resources(name):
        state = site.doors.rds.find_instance(one.physical_id) if one.type == DATABASE and one.physical_id else None
        if state is not None:
            seen[one.logical_id] = Standing(storage=state.storage or None, engine_version=state.engine_version or None)
    return seen
