"""Parameter groups that drills made for their copies: known again, and deleted where they are proven ours."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from mainstay.core.clock import Clock, parse_time
from mainstay.core.errors import Busy, Inconclusive, NotFound
from mainstay.core.progress import Progress
from mainstay.ops.aws.parameter_groups import GroupState
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.instances import APPEARS_WITHIN_S
from mainstay.ops.journal import Run
from mainstay.ops.site import Site
from mainstay.ops.tags import DRILL, PURPOSE, RUN_ID
from mainstay.ops.wait import wait_for

DESCRIPTION: Final = "Mainstay drill: a restored copy in which nothing acts by itself"
CREATE: Final = "rds:CreateDBParameterGroup"
DELETE: Final = "rds:DeleteDBParameterGroup"
ARN: Final = "parameter_group_arn"
"""The fact of a run that tells which group it made."""
_DEADLINE_S: Final = 900.0
_PACE_S: Final = 30.0


def label(name: str) -> str:
    """How a group is told from an instance of the same name."""
    return f"parameter group {name}"


def is_of(run: Run, group: GroupState) -> bool:
    """Whether tags and journal say that a run made a group of this name."""
    announced = any(entry.get("call") == CREATE and entry.get("group") == group.name for entry in run.entries)
    tagged = (group.tags.get(RUN_ID), group.tags.get(PURPOSE)) == (run.id, DRILL)
    return announced and tagged and run.fact(ARN) in (None, group.arn)


def reap(site: Site, run: Run, name: str, progress: Progress, clock: Clock) -> bool:
    """Delete the group that a run made under this name, and say whether there was one; anybody else's stays."""
    asked = [entry for entry in run.entries if entry.get("call") == CREATE]
    if not asked:
        return False
    age_s = (clock.now() - parse_time(str(asked[-1]["at"]))).total_seconds()
    is_known = asked[-1]["event"] == "failed" or run.calls(DELETE)
    within_s = 0.0 if is_known else APPEARS_WITHIN_S - age_s
    group = _find(site, name, within_s, progress, clock)
    if group is None:
        return False
    if not is_of(run, group):
        progress.note(f"parameter group {name} does not carry the tags of run {run.id}: left where it is")
        return False
    delete(site, run, group, progress, clock)
    return True


def _find(site: Site, name: str, within_s: float, progress: Progress, clock: Clock) -> GroupState | None:
    """A group, waited for while RDS may not show what was asked for a moment ago."""
    groups = site.doors.parameter_groups
    if site.is_sandbox or within_s <= 0:
        return groups.find(name)
    with suppress(Inconclusive):
        return wait_for(
            lambda: groups.find(name),
            lambda state: state is not None and bool(state.tags),
            message=f"parameter group {name} is not visible with its tags yet",
            deadline_s=within_s,
            pace_s=site.pace(_PACE_S),
            progress=progress,
            clock=clock,
        )
    return groups.find(name)


def delete(site: Site, run: Run, group: GroupState, progress: Progress, clock: Clock) -> None:
    """Delete a group that was proven to be a run's own. RDS refuses while an instance has it: then again."""

    def is_gone() -> bool:
        try:
            with run.acting(DELETE, group=group.name, arn=group.arn):
                site.doors.parameter_groups.delete(group.name)
        except Busy:
            return False
        except NotFound:
            return True
        return site.doors.parameter_groups.find(group.name) is None

    wait_for(
        is_gone,
        bool,
        message=f"parameter group {group.name} is still in use",
        deadline_s=_DEADLINE_S,
        pace_s=site.pace(_PACE_S),
        progress=progress,
        clock=clock,
    )


def of_drills(site: Site) -> tuple[GroupState, ...]:
    """Every group in the region that a drill made, whoever ran it."""
    return tuple(one for one in site.doors.parameter_groups.described(DESCRIPTION) if one.tags.get(PURPOSE) == DRILL)


def delete_beside(site: Site, run: Run, copy: DbState, progress: Progress, clock: Clock) -> list[str]:
    """Delete the group that a drill made for a copy that is gone, by the tags of both; what was deleted."""
    wanted = (copy.tags.get(RUN_ID), copy.tags.get(PURPOSE))
    group = site.doors.parameter_groups.find(copy.identifier) if wanted[1] == DRILL else None
    if group is None or (group.tags.get(RUN_ID), group.tags.get(PURPOSE)) != wanted:
        return []
    delete(site, run, group, progress, clock)
    return [label(group.name)]
