"""The parameter group of a drill's copy: the source's own settings, and nothing that acts by itself.

With the source's group a copy would begin scheduled events, jobs and subscriptions when it starts, long before
anybody can log in to switch them off: rows of its own, a message sent twice, a replication slot taken from the source.

RDS advises five minutes between making a group and the first instance that has it, or a look by DescribeDBParameters
that it is complete (RDS API Reference, CreateDBParameterGroup and ModifyDBParameterGroup, 2026-11-21). The look is
taken; and what the copy's server runs with is asked of itself at the first login, and stands in the evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from mainstay import facts
from mainstay.core.errors import Busy, TargetRefused
from mainstay.ops.aws.door import found
from mainstay.ops.aws.errors import is_already_there
from mainstay.ops.aws.parameter_groups import MOST_AT_ONCE, GroupState
from mainstay.ops.drill.model import Outcome
from mainstay.ops.drill.state import Drill
from mainstay.ops.parameter_groups import ARN, CREATE, DELETE, DESCRIPTION, is_of, label, of_drills, reap
from mainstay.ops.tags import RUN_ID
from mainstay.ops.wait import wait_for
from mainstay.plan.values import Json
from mainstay.probe.session import Connection, DriverError, said

_SILENT: Final = "silent_parameters"
_DEADLINE_S: Final = 900.0
_PACE_S: Final = 30.0


def name_of(drill: Drill) -> str:
    """The group's name: that of the copy, which ends as the run does. RDS keeps them apart."""
    return drill.target_id


def make(drill: Drill, beside: str | None, tags: Mapping[str, str]) -> None:
    """Make the group in the copy's region, tagged in the same call, with what group `beside` sets and the overrides.

    Taken up again by the same run, what is there is completed. TargetRefused where the name is somebody else's.
    """
    family = _family(drill)
    carried = _carried(drill, beside, family)
    silent = drill.dialect.silent_parameters(carried)
    made = _create_or_adopt(drill, family, tags)
    facts_of_run: dict[str, Json] = {"parameter_group": made.name, ARN: made.arn, _SILENT: dict(silent)}
    drill.run.write("parameter group", **facts_of_run)
    _complete(drill, {name: value for name, value in {**carried, **silent}.items() if value})


def _family(drill: Drill) -> str:
    """That of the version which the copy will run: a snapshot may be older than an upgrade."""
    source, snapshot = drill.require_source(), drill.snapshot
    version = snapshot.engine_version if snapshot is not None and snapshot.engine_version else source.engine_version
    return facts.family(source.engine, version)


def _carried(drill: Drill, beside: str | None, family: str) -> dict[str, str]:
    if beside is None:
        return {}
    doors = drill.there.doors
    if (other := doors.parameter_groups.group(beside).family) != family:
        drill.progress.note(f"the copy is of {family}: nothing is carried over from {beside} ({other})")
        return {}
    return doors.rds.parameters(beside)


def _create_or_adopt(drill: Drill, family: str, tags: Mapping[str, str]) -> GroupState:
    groups, name = drill.there.doors.parameter_groups, name_of(drill)
    try:
        with drill.run.acting(CREATE, group=name, family=family):
            return groups.create(name, family, DESCRIPTION, tags)
    except Busy:
        drill.run.write("not answered", call=CREATE, group=name)  # it may have been heard
        raise
    except TargetRefused as error:
        if not is_already_there(error):
            raise
    there = groups.find(name)
    if there is None or not is_of(drill.run, there):
        raise TargetRefused(
            "the name is taken",
            detail=f"Parameter group {name} in {drill.there.region} does not carry the tags of run {drill.run.id}.",
            hint="look at it in the console; the drill touches nothing that it did not create",
        )
    return there


def _complete(drill: Drill, wanted: Mapping[str, str]) -> None:
    """Set what is missing, so many in a call as RDS takes, and see that all of it is shown."""
    held = _shown(drill)
    missing = [(one, value) for one, value in sorted(wanted.items()) if held.get(one) != value]
    for start in range(0, len(missing), MOST_AT_ONCE):
        part = dict(missing[start : start + MOST_AT_ONCE])
        _wait(drill, partial(_set, drill, part), "takes no changes yet")
    _wait(drill, lambda: wanted.keys() <= _shown(drill).keys(), "does not show every parameter yet")


def _wait(drill: Drill, question: Callable[[], bool], why: str) -> None:
    wait_for(
        question,
        bool,
        message=f"parameter group {name_of(drill)} {why}",
        deadline_s=_DEADLINE_S,
        pace_s=drill.site.pace(_PACE_S),
        progress=drill.progress,
        clock=drill.clock,
    )


def _shown(drill: Drill) -> Mapping[str, str]:
    return found(lambda: drill.there.doors.rds.parameters(name_of(drill))) or {}


def _set(drill: Drill, part: Mapping[str, str]) -> bool:
    name = name_of(drill)
    with drill.run.acting("rds:ModifyDBParameterGroup", group=name, parameters=list(part)):
        drill.there.doors.parameter_groups.set(name, part)
    return True


def note_acting(drill: Drill, connection: Connection) -> None:
    """What the copy's server could do by itself since it started, as it says so itself; before anything is switched."""
    outcome: Outcome = "open"
    try:
        seen = drill.dialect.acting(connection)
    except DriverError as error:  # a login that may not look
        observed = said(error)
    else:
        outcome = "open" if seen.acts else "passed"
        observed = f"{', '.join(seen.acts)} ({seen.words})" if seen.acts else seen.words
    drill.note_check("instance", "nothing could act since it started", outcome, "nothing acts by itself", observed)


def silent_parameters(drill: Drill) -> Mapping[str, str]:
    """The parameters in which the copy differs from the source on purpose; none where the drill made no group."""
    kept = drill.run.fact(_SILENT)
    return {name: str(value) for name, value in kept.items()} if isinstance(kept, Mapping) else {}


def exclusions(drill: Drill) -> list[tuple[str, str, str]]:
    """Those parameters as rows of the evidence: database (none), subject, reason."""
    why = "in the copy's own parameter group, so that nothing acts there by itself: not compared"
    return [
        ("", f"setting {name}", f"{value or 'the value of the engine'} {why}")
        for name, value in silent_parameters(drill).items()
    ]


def is_in_use(drill: Drill) -> bool:
    """Whether an instance has the group."""
    return any(state.parameter_group == name_of(drill) for state in drill.there.doors.rds.instances())


def delete_own(drill: Drill) -> None:
    """Delete the drill's own group, once no instance has it; nothing when it was never asked for."""
    told = label(name_of(drill))
    was_there = reap(drill.there, drill.run, name_of(drill), drill.progress, drill.clock)
    if (was_there or drill.run.calls(DELETE)) and told not in drill.deleted:  # or an earlier session deleted it
        drill.deleted.append(told)


def left(drill: Drill) -> list[str]:
    """What is left of the run's groups, found by its tag."""
    groups = of_drills(drill.there)
    return [label(group.name) for group in groups if group.tags.get(RUN_ID) == drill.run.id]
