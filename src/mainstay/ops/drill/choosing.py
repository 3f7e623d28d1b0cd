"""Steps before anything is created: look at the source, see what it holds, choose the time, refuse what cannot be."""

from __future__ import annotations

import math
import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from mainstay.core.clock import render_time
from mainstay.core.errors import EnvironmentLacking, InputRefused, MainstayError, NotFound, TargetRefused
from mainstay.ops.aws.rds_states import RestorableWindow
from mainstay.ops.distant import Distant
from mainstay.ops.drill import baseline
from mainstay.ops.drill.snapshots import find_snapshot
from mainstay.ops.drill.state import Drill
from mainstay.ops.wait import wait_for
from mainstay.probe.fence import Fence, set_fence
from mainstay.probe.session import Connection, DriverError, said

# RDS moves the latest restorable time about every five minutes (RDS User Guide, USER_PIT, 2026-11-20).
_PACE_S: Final = 30.0
_CLOCK_SKEW_S: Final = 60.0
_CLOCK_NOTED_S: Final = 2.0
SEEING: Final = "See what the source holds"
CHOOSING: Final = "Choose the target"
_FIRST: Final = "wait for the first backup and what follows it, or leave the time to `latest`"


def look_at_source(drill: Drill) -> None:
    """The source's state, its restorable window, and how old the latest restorable time is."""
    drill.source = drill.site.doors.rds.instance(drill.request.source)
    if drill.source.is_replica:
        raise InputRefused(
            "not a primary",
            detail=f"{drill.source.identifier} is a replica of {drill.source.source_id}.",
            hint=f"drill {drill.source.source_id}",
        )
    if drill.routes is not None:
        drill.routes.require(drill.source)
    if drill.has_chosen:
        _read_login_again(drill)
        return
    if not drill.source.retention and not drill.request.is_of_snapshot:
        raise InputRefused(
            "no automated backups",
            detail=f"{drill.source.identifier} keeps automated backups for 0 days, so there is nothing to restore.",
            hint="give it a backup retention first",
        )
    if drill.request.is_of_snapshot:
        _see_snapshot(drill)
    drill.window = _window(drill)
    latest = drill.window.latest or (drill.snapshot.taken_at if drill.snapshot else None)
    if latest is not None and drill.exposure_s is None:
        drill.exposure_s = max(0.0, (drill.clock.now() - latest).total_seconds())
    _refuse_impossible(drill.request.time, drill.window, drill.clock.now())


def _read_login_again(drill: Drill) -> None:
    """What the steps that are done had read, and what is never written down."""
    with suppress(NotFound, TargetRefused, EnvironmentLacking):
        drill.source_login = drill.site.doors.secrets.read_login(drill.request.secret)


def _see_snapshot(drill: Drill) -> None:
    if drill.snapshot is None:
        drill.snapshot = find_snapshot(drill)
    else:  # chosen before the run was stopped: it has to be there still
        drill.snapshot = drill.there.doors.rds.snapshot(str(drill.way["name"]))


def _window(drill: Drill) -> RestorableWindow:
    """From when to when the source can be restored, where it is to be restored."""
    source = drill.require_source()
    if drill.elsewhere is None or drill.snapshot is not None:
        return drill.site.doors.rds.restorable_window(source.identifier)
    backups = drill.elsewhere.site.doors.rds.replicated_backups(drill.site.region)
    backup = next((one for one in backups if one.resource_id == source.resource_id), None)
    if backup is None:
        raise InputRefused(
            "nothing is replicated there",
            detail=f"{drill.elsewhere.site.region} holds no automated backup of {source.identifier}.",
            hint="write disaster_recovery with a keep and deploy; its first copy takes a while",
        )
    drill.backup_arn = backup.arn
    drill.way = {"kind": "replicated backup", "region": drill.elsewhere.site.region, "name": backup.arn,
                 "reason": "it holds every second up to its latest restorable time"}  # fmt: skip
    return backup.window


def _refuse_impossible(time: datetime | None, window: RestorableWindow, now: datetime) -> None:
    """Stop for a time that no waiting brings into the window."""
    if time is None:
        return
    is_early = window.earliest is not None and time < window.earliest
    if is_early or time > now + timedelta(seconds=_CLOCK_SKEW_S):
        earliest, latest = (render_time(end) if end else "unknown" for end in (window.earliest, window.latest))
        side = "before" if is_early else "after"
        raise InputRefused(
            "time outside the restorable window",
            detail=f"{render_time(time)} is {side} the window from {earliest} to {latest}.",
            hint="choose a time within the window, or leave it out to drill the latest",
        )


def see_source(drill: Drill) -> None:
    """What the source holds: as handed in, or read now. A source that does not answer is only a loss of proof.

    Once something was restored, no reading can stand before its target any more: only the markers are read, then.
    """
    drill.baseline, drill.markers = drill.request.baseline, drill.request.markers
    request, is_late = drill.request, drill.has_chosen
    if not request.is_fenced and drill.baseline and drill.markers:
        return
    try:
        drill.source_login = drill.site.doors.secrets.read_login(drill.request.secret)
        with drill.source_database("") as connection:
            if not is_late:
                _compare_clocks(drill, drill.dialect.database_clock(connection))
            if request.is_fenced and not is_late:
                _fence(drill, connection)
            elif not drill.markers:
                drill.markers = drill.dialect.read_markers(connection)
                drill.note_position("source", "when it was looked at", connection)
    except (*DriverError, TargetRefused, EnvironmentLacking) as error:
        if request.is_fenced and drill.baseline is None:
            drill.markers = ()
        drill.progress.note(f"the source could not be read: {_first_line(error)}")
        drill.note_check("instance", "source answers", "open", "a login to the source", _first_line(error))


def _compare_clocks(drill: Drill, theirs: datetime) -> None:
    """Times that people write come from their clock, and commits have the server's. InputRefused when they disagree."""
    apart = (drill.clock.now() - theirs).total_seconds()
    words = f"{abs(apart):.0f} s {'ahead of' if apart > 0 else 'behind'} the clock of {drill.request.source}"
    if abs(apart) > _CLOCK_SKEW_S:
        raise InputRefused(
            "clocks disagree", detail=f"This machine's clock is {words}.", hint="set the clock, then drill again"
        )
    if abs(apart) > _CLOCK_NOTED_S:
        drill.note_check("instance", "clocks agree", "noted", f"within {_CLOCK_NOTED_S:.0f} s", words)


def _fence(drill: Drill, connection: Connection) -> None:
    """A fenced second, and what the databases held on both sides of it."""
    timeout_s = float(drill.request.statement_timeout)
    most = drill.request.parallel or baseline.CAREFUL
    before = baseline.read(drill.dialect, drill.source_database, timeout_s=timeout_s, most=most)
    drill.note_position("source", "just before the target", connection)
    fence = _set_fence(drill, connection)
    drill.note_position("source", "just after the target", connection)
    after = baseline.read(drill.dialect, drill.source_database, timeout_s=timeout_s, most=most)
    # Read after the target: what is there now and was committed by then has to be in the copy.
    beats = {marker.id: marker for marker in drill.dialect.read_markers(connection)}
    drill.target = fence.target
    drill.markers = tuple((beats | {marker.id: marker for marker in (fence.first, fence.last)}).values())
    drill.baseline = baseline.Baseline(before, after)


def _set_fence(drill: Drill, connection: Connection) -> Fence:
    if isinstance(connection, Distant):
        return connection.fence(drill.run.id)
    return set_fence(drill.dialect, connection, drill.run.id, drill.clock.sleep)


def choose_target(drill: Drill) -> None:
    """Fix the time, and wait, up to a deadline, until the service can restore to it."""
    drill.target = _target(drill)
    target = drill.require_target()
    drill.run.write("target chosen", time=render_time(target))
    if drill.snapshot is not None:
        drill.progress.note(f"{drill.way['kind']} {drill.way['name']}: {drill.way['reason']}")
        return
    drill.window = wait_for(
        lambda: _window(drill),
        lambda window: window.latest is not None and window.latest > target,
        message=lambda window: _reach(drill.request.source, window, target),
        deadline_s=float(drill.request.catch_up_deadline),
        pace_s=drill.site.pace(_PACE_S),
        progress=drill.progress,
        clock=drill.clock,
    )
    _refuse_impossible(target, drill.window, drill.clock.now())
    drill.progress.note(f"target {render_time(target)}")


def _target(drill: Drill) -> datetime | None:
    if drill.target is not None:  # by a fence, or before the run was stopped
        return drill.target
    if drill.snapshot is not None:
        return drill.snapshot.taken_at
    if drill.request.is_random:
        return _any_second(drill.window)
    return drill.request.time or drill.window.latest


def _any_second(window: RestorableWindow) -> datetime:
    """A whole second of the window, each as likely as any other. InputRefused when it holds none."""
    if window.earliest is None or window.latest is None:
        raise InputRefused(
            "no restorable window", detail="The service names no first or no last restorable time yet.", hint=_FIRST
        )
    first, end = math.ceil(window.earliest.timestamp()), math.ceil(window.latest.timestamp())
    if first >= end:
        earliest, latest = render_time(window.earliest), render_time(window.latest)
        raise InputRefused("a window without a whole second", detail=f"It is from {earliest} to {latest}.", hint=_FIRST)
    return datetime.fromtimestamp(first + secrets.randbelow(end - first), UTC)


def _reach(source: str, window: RestorableWindow, target: datetime) -> str:
    latest = render_time(window.latest) if window.latest else "no time yet"
    return f"{source} can be restored until {latest}, waiting for {render_time(target)}"


def _first_line(error: Exception) -> str:
    if isinstance(error, MainstayError):
        return " ".join(f"{error.summary}: {error.detail}".split())
    return said(error)
