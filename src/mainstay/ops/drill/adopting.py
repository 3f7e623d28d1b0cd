"""A run that was stopped anywhere, taken up by the next drill: whether it can be, and what is known of it.

Its journal tells what it was asked for and which calls it was about to make, the checkpoint beside it what it had found
out. What RDS answers decides: a copy that stands is gone on with, and a call that nobody heard is made again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from mainstay import __version__
from mainstay.core.clock import Clock, parse_time, render_time
from mainstay.core.errors import InputRefused, MainstayError
from mainstay.core.progress import Progress
from mainstay.ops import evidence
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.drill import called, checkpoint, reaping, staying
from mainstay.ops.drill.absence import stopped_in
from mainstay.ops.drill.checkpoint import Checkpoint
from mainstay.ops.drill.choosing import CHOOSING, SEEING
from mainstay.ops.drill.model import DrillRequest
from mainstay.ops.drill.restoring import RESTORES
from mainstay.ops.drill.state import Drill, target_identifier
from mainstay.ops.instances import DEAD
from mainstay.ops.journal import Journal, Run
from mainstay.ops.site import Site
from mainstay.ops.tags import EXPIRES_AT
from mainstay.plan.values import Json

# Fingerprints of two versions need not be of the same kind, and would contradict each other.
_VERSION: Final = f"{checkpoint.VERSION} of {__version__}"
_DELETES: Final = "rds:DeleteDBInstance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where a run is looked for: the site that it restored in, and what it is about."""

    place: Site
    journal: Journal
    subject: str
    workspace: Path
    progress: Progress
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A run that can be taken up: what it was asked for, what it had found out, and its copy, if that stands."""

    run: Run
    request: DrillRequest
    known: Checkpoint | None
    copy: DbState | None


class _CannotBeTakenUp(Exception):
    """Why not, in words that follow `because`."""


def facts_of(request: DrillRequest) -> dict[str, Json]:
    """What a run begins with, and by which a later one knows whether it wants the same."""
    seen: dict[str, Any] = {  # Any: JSON
        "baseline": repr(request.baseline),
        "markers": repr(request.markers),
        "database": request.canary_database,
        "required": request.required,
        "checks": repr(request.checks),
    }
    return {
        "stack": request.stack,
        "checkpoint": _VERSION,
        "asked": _asked(request),
        "spec": request.spec_hash,
        "plan": request.plan_hash,
        "told": evidence.digest_of(seen),
        "operator": evidence.operator(),
    }


def _asked(request: DrillRequest) -> dict[str, Json]:
    return {
        "kind": request.kind,
        "time": render_time(request.time) if request.time else None,
        "disaster_at": render_time(request.disaster_at) if request.disaster_at else None,
        "snapshot": request.snapshot,
        "vaults": list(request.vaults),
    }


def find(ground: Ground, request: DrillRequest) -> Open | None:
    """The newest run that is open and can be taken up by this request; of every other it is said why not."""
    for run in ground.journal.unfinished("drill", ground.subject):
        try:
            return _open(ground, run, request)
        except _CannotBeTakenUp as why:
            ground.progress.note(
                f"{_told(run, ground.clock)}. It cannot be taken up, because {why}: what it left is cleaned up"
            )
    _tell_others(ground, request)
    return None


def _tell_others(ground: Ground, request: DrillRequest) -> None:
    """Runs of the same stack that are open elsewhere, where this drill does not look."""
    for run in ground.journal.runs():
        is_other = (run.operation, run.fact("stack")) == ("drill", request.stack) and run.subject != ground.subject
        if is_other and not run.is_finished:
            where = run.subject.partition(" in ")[2]
            how = f"--from-region {where} goes on with it" if where else "leave out --from-region to go on with it"
            ground.progress.note(f"{_told(run, ground.clock)}; it is of {run.subject}: {how}")


def resume(journal: Journal, run: Run) -> None:
    """Write down that a run is taken up, by whom, and since when nobody was at work."""
    journal.resume(run, heard_at=render_time(run.heard_at()), operator=evidence.operator())


def _open(ground: Ground, run: Run, request: DrillRequest) -> Open:
    _require_same(run, request)
    _require_no_end(ground.workspace, run)
    known = checkpoint.load(run)
    copy = _copy(ground, run, request, known)
    ground.progress.note(f"{_told(run, ground.clock)}; {_found(run, request, copy, known)}: taken up")
    return Open(run=run, request=_as_asked(run, request), known=known, copy=copy)


def _require_same(run: Run, request: DrillRequest) -> None:
    if run.fact("checkpoint") != _VERSION:
        raise _CannotBeTakenUp("another version of Mainstay began it")
    wanted = facts_of(request)
    if any(run.fact(name) != wanted[name] for name in ("spec", "plan")):
        raise _CannotBeTakenUp("the spec, or what it plans, has changed since")
    if run.fact("told") != wanted["told"]:
        raise _CannotBeTakenUp("other questions are asked now, or something else is known of the source")
    is_left_open = request.kind == "latest"
    if not is_left_open and run.fact("asked") != wanted["asked"]:
        raise _CannotBeTakenUp(f"it was to restore {_words(run.fact('asked'))}, and not {_words(wanted['asked'])}")


def _words(asked: Any) -> str:  # Any: JSON
    """A target in the words of the options."""
    point = asked["snapshot"] or asked["disaster_at"] or asked["time"]
    return f"{asked['kind']} {point}" if point else f"{asked['kind']}"


def _require_no_end(workspace: Path, run: Run) -> None:
    """Evidence is never replaced: a run that told of a leak has ended, and only its leak is left."""
    path = evidence.path_of(workspace, run.id)
    if not path.exists():
        return
    try:
        left = evidence.load(path)["cleanup"]["left"]
    except MainstayError as error:
        raise _CannotBeTakenUp(f"its evidence is not as it was written ({error.summary})") from error
    if left:
        raise _CannotBeTakenUp("it has told its verdict, and that it left something behind")


def _copy(ground: Ground, run: Run, request: DrillRequest, known: Checkpoint | None) -> DbState | None:
    """What the run restored, in a state to go on with; None when it was not asked for, not heard, or is done with."""
    if not run.calls(RESTORES):
        return None
    state = reaping.find_left(ground.place, run, request.source, ground.progress, ground.clock)
    if known is None:
        raise _CannotBeTakenUp("what it had found out is not known whole any more")
    has_ended = known.has_ended
    if state is None:
        if run.fact("resource_id") is not None and not has_ended:
            raise _CannotBeTakenUp(f"its copy {target_identifier(request.source, run.id)} is gone")
        return None
    if not reaping.is_made_by(run, state, request.source, ground.place):
        raise _CannotBeTakenUp(f"{state.identifier} is not proven to be its own")
    if has_ended:
        return state
    if state.status in DEAD:
        raise _CannotBeTakenUp(f"its copy {state.identifier} is {state.status}")
    if (ends := state.tags.get(EXPIRES_AT)) and _is_over(ends, ground.clock):
        raise _CannotBeTakenUp(f"its copy {state.identifier} expired at {ends}")
    return state


def _is_over(text: str, clock: Clock) -> bool:
    try:
        return parse_time(text) < clock.now()
    except InputRefused:
        return True


def _as_asked(run: Run, request: DrillRequest) -> DrillRequest:
    """The request, pointed at what the run was asked for."""
    asked: Any = run.fact("asked")  # Any: JSON, of the version that was compared
    time, disaster = asked["time"], asked["disaster_at"]
    return replace(
        request,
        time=parse_time(time) if time else None,
        is_random=asked["kind"] == "random",
        snapshot=asked["snapshot"],
        vaults=tuple(asked["vaults"]),
        disaster_at=parse_time(disaster) if disaster else None,
    )


def _told(run: Run, clock: Clock) -> str:
    gap = stopped_in(run, clock.now())
    where = f"in step {gap.number} ({gap.step})" if gap.number else "before its first step"
    return f"run {run.id} was {gap.how} {where}, last heard of at {render_time(gap.heard_at)}"


def _found(run: Run, request: DrillRequest, copy: DbState | None, known: Checkpoint | None) -> str:
    name = target_identifier(request.source, run.id)
    if copy is not None:
        return f"its restore {name} is {copy.status}"
    if known is not None and known.has_ended:
        return f"its restore {name} has been verified and deleted"
    return "nothing was restored yet" if not run.calls(RESTORES) else f"its restore {name} was not heard"


def take_up(drill: Drill, found: Open, *, again: frozenset[str], access: frozenset[str]) -> None:
    """Give a drill what its run had found out. Steps of `again` are done in every session, those that give `access` to
    the copy while something is left to be proven.
    """
    run, drill.was_restored, drill.restored = found.run, found.copy is not None, found.copy
    drill.started_at, drill.session_at = parse_time(str(run.entries[0]["at"])), drill.clock.now()
    drill.reads_before = called.looks(drill)
    if found.known is not None:
        checkpoint.fill(drill, found.known)
        drill.had_ended = drill.has_ended
        redone = again if drill.has_ended else again | access
        drill.done = [step for step in found.known.done if step not in redone]
        _see_again(drill, run)
    drill.earlier_calls += called.unheard(run.entries, drill.earlier_calls, drill.there.region)
    if run.calls(RESTORES):
        since_s = max(staying.since_request_s(run, drill.clock), *drill.reached_s.values(), 0.0)
        drill.requested_at_s = drill.clock.monotonic() - since_s
    if found.copy is None and any(one.get("target") == drill.target_id for one in run.calls(_DELETES)):
        drill.deleted.append(drill.target_id)


def _see_again(drill: Drill, run: Run) -> None:
    """What the source held, as it was read; read again where that is not whole, as far as it still can be."""
    seen = checkpoint.load_seen(run)
    if seen is not None:
        drill.baseline, drill.markers = seen.baseline, seen.markers
    elif not drill.has_ended:
        drill.progress.note("what the source held is not known whole any more: read again as far as that tells")
        drill.done = [step for step in drill.done if step != SEEING]
        drill.target = drill.target if drill.was_restored else None
    if not drill.has_chosen:  # the target has to be in the window still
        drill.done = [step for step in drill.done if step != CHOOSING]
