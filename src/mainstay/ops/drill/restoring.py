"""Steps that make the restored instance and take it away again. They touch nothing that this run did not create."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final

from mainstay.core.clock import Clock, render_time
from mainstay.core.errors import Busy, Inconclusive, MainstayError, TargetRefused
from mainstay.core.progress import Progress
from mainstay.ops.aws.errors import is_already_there
from mainstay.ops.aws.rds import Placement, RestoreRequest, SnapshotRestore
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.drill import copy_login, silent_group
from mainstay.ops.drill.model import Outcome
from mainstay.ops.drill.state import Drill, refuse_foreign
from mainstay.ops.instances import APPEARS_WITHIN_S, change_instance, find_made, wait_available, wait_gone
from mainstay.ops.journal import Run
from mainstay.ops.restore import placement_of
from mainstay.ops.site import Site
from mainstay.ops.tags import DRILL, EXPIRES_AT, MANAGED_BY, PURPOSE, RUN_ID, SOURCE
from mainstay.ops.wait import wait_for
from mainstay.probe.session import Connection, DriverError, said

RESTORES: Final = "rds:RestoreDB"
"""What the calls that restore begin with in a journal."""
_DELETE_DEADLINE_S: Final = 3600.0
_LOGIN_DEADLINE_S: Final = 300.0
_LOGIN_PACE_S: Final = 5.0
_LOOK_PACE_S: Final = 30.0
_DELETE_PACE_S: Final = 30.0
# In these a restore has ended for good and the backup is to blame (RDS User Guide, "Viewing DB instance status",
# 2026-11-20); elsewhere the account, the network or a key may be.
_ACCUSING: Final = frozenset({"failed", "incompatible-restore", "restore-error"})


def request_restore(drill: Drill) -> None:
    """Ask for the restore, with a group of the drill's own in which nothing acts; what RDS would otherwise take from
    defaults, and the tags, go into the same call.

    Not when a killed session of this run was heard, whose answer nobody wrote down.
    """
    if drill.restored is None:
        silent_group.make(drill, _place(drill).parameter_group, _tags(drill))
    source, request = drill.require_source(), _request(drill)
    is_snapshot = isinstance(request, SnapshotRestore)
    call = "rds:RestoreDBInstanceFromDBSnapshot" if is_snapshot else "rds:RestoreDBInstanceToPointInTime"
    if not drill.run.calls(RESTORES):
        drill.requested_at_s = drill.clock.monotonic()
    try:
        if drill.restored is None:
            with drill.run.acting(call, target=drill.target_id, source=source.resource_id):
                drill.restored = _restore_or_adopt(drill, request)
    except (Busy, KeyboardInterrupt):  # it may have been heard
        drill.is_unanswered = drill.restored is None
        raise
    drill.reach("t_request")
    drill.run.write("restoring", target=drill.target_id, resource_id=drill.restored.resource_id)


def _request(drill: Drill) -> RestoreRequest | SnapshotRestore:
    if drill.snapshot is not None:
        name = str(drill.way["name"])
        return SnapshotRestore(snapshot=name, target=drill.target_id, placement=_placement(drill), tags=_tags(drill))
    return RestoreRequest(
        source=drill.require_source().identifier,
        backup_arn=drill.backup_arn,
        target=drill.target_id,
        placement=_placement(drill),
        time=drill.require_target(),
        tags=_tags(drill),
    )


def _placement(drill: Drill) -> Placement:
    return replace(_place(drill), parameter_group=silent_group.name_of(drill))


def _place(drill: Drill) -> Placement:
    """Where and how the source's copy would stand, if it were to stay."""
    return drill.elsewhere.placement if drill.elsewhere is not None else placement_of(drill.require_source())


def _restore_or_adopt(drill: Drill, request: RestoreRequest | SnapshotRestore) -> DbState:
    """The new instance; the one that is there when an earlier try of this very run had been heard."""
    rds = drill.there.doors.rds
    try:
        if isinstance(request, SnapshotRestore):
            return rds.restore_from_snapshot(request)
        return rds.restore_to_time(request)
    except TargetRefused as error:
        if not is_already_there(error):
            raise
        found = drill.there.doors.rds.instance(drill.target_id)
        refuse_foreign(found, drill)
        return found


def _tags(drill: Drill) -> dict[str, str]:
    expires = drill.clock.now() + timedelta(seconds=drill.request.lifetime)
    return {
        MANAGED_BY: "mainstay",
        RUN_ID: drill.run.id,
        PURPOSE: DRILL,
        SOURCE: drill.require_source().resource_id,
        EXPIRES_AT: render_time(expires),
    }


def await_available(drill: Drill) -> None:
    """Until it is there, and until it holds in two looks that it is available; then what it is like."""
    _await_visible(drill)
    drill.reach("t_create")
    try:
        drill.restored = _wait(drill)
    except TargetRefused:
        _accuse(drill)
        raise
    drill.reach("t_available")
    _check_instance(drill, drill.restored)


def _await_visible(drill: Drill) -> None:
    """Just after it was made, an instance may not be found yet."""
    wait_for(
        lambda: drill.there.doors.rds.find_instance(drill.target_id),
        lambda state: state is not None,
        message=f"{drill.target_id} is not visible yet",
        deadline_s=APPEARS_WITHIN_S,
        pace_s=drill.site.pace(_LOOK_PACE_S),
        progress=drill.progress,
        clock=drill.clock,
    )


def _wait(drill: Drill) -> DbState:
    return wait_available(
        drill.there,
        drill.target_id,
        deadline_s=float(drill.request.restore_deadline),
        progress=drill.progress,
        clock=drill.clock,
    )


def _accuse(drill: Drill) -> None:
    state = drill.there.doors.rds.find_instance(drill.target_id)
    status = state.status if state else "not there"
    outcome: Outcome = "failed" if status in _ACCUSING else "open"
    events = drill.there.doors.rds.events(drill.target_id, drill.started_at)[-2:]
    said = "; ".join([status, *(event.message for event in events)])
    drill.note_check("instance", "restore ends in available", outcome, "available", said)


def _check_instance(drill: Drill, state: DbState) -> None:
    """What was asked for is what there is: RDS takes defaults for whatever a restore leaves out."""
    source, placement = drill.require_source(), _placement(drill)
    wanted: dict[str, tuple[object, object]] = {
        "restore ends in available": ("available", state.status),
        "another instance than the source": (True, state.resource_id != source.resource_id),
        "not public": (False, state.is_public),
        "no backups of its own": ("0s", str(state.retention)),
        "subnet group": (placement.subnet_group, state.subnet_group),
        "security groups": (sorted(placement.security_group_ids), sorted(state.security_group_ids)),
        "parameter group": (placement.parameter_group, state.parameter_group),
        "parameter group is in force": ("in-sync", state.parameter_status),
        "encrypted as the source": (source.is_encrypted, state.is_encrypted),
    }
    for name, (expected, observed) in wanted.items():
        outcome: Outcome = "passed" if expected == observed else "open"
        drill.note_check("instance", name, outcome, _shown(expected), _shown(observed))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (", ".join(map(str, value)) if isinstance(value, list) else str(value or "")) or "none"


def give_password(drill: Drill) -> None:
    """A password of its own, random and kept in memory: the restored one is that of the source at the target time."""
    restored = drill.require_restored()
    drill.password = secrets.token_urlsafe(24)
    drill.restored = change_instance(
        drill.there,
        drill.run,
        restored.identifier,
        "master password",
        lambda: drill.there.doors.rds.set_password(restored.identifier, drill.password),
        deadline_s=float(drill.request.restore_deadline),
        progress=drill.progress,
        clock=drill.clock,
    )
    copy_login.keep(drill, _tags(drill))


def log_in(drill: Drill) -> None:
    """The first login, over TLS with issuer and name checked; what the server says it is."""
    last: list[str] = []

    def attempt() -> Connection | None:
        try:
            return drill.restored_database("")
        except TargetRefused as error:
            last[:] = [error.detail]
            return None

    connection = wait_for(
        attempt,
        lambda opened: opened is not None,
        message=lambda _: f"login to {drill.target_id}: {' '.join(last) or 'accepted'}",
        deadline_s=_LOGIN_DEADLINE_S,
        pace_s=drill.site.pace(_LOGIN_PACE_S),
        progress=drill.progress,
        clock=drill.clock,
    )
    if connection is None:  # `done` has seen one: this only tells the type checker
        raise TargetRefused("the database did not let us in", detail=drill.target_id)
    with connection:
        drill.engine_build = drill.dialect.version(connection)
        tls = drill.dialect.tls_version(connection)
        drill.reach("t_login")
        drill.note_position("copy", "when recovery had ended", connection)
        drill.program = drill.there.program_of(drill.target_id)
        outcome: Outcome = "passed" if tls else "failed"
        drill.note_check("instance", "login over verified TLS", outcome, "yes", _shown(bool(tls)))
        if drill.restored_as is None:  # what was failed over to stay is meant to act
            _silence(drill, connection)


def _silence(drill: Drill, connection: Connection) -> None:
    """See that the copy could not act by itself, switch off what would, and note where in the log it stands."""
    name, wanted = "it does nothing by itself", "no enabled event"
    silent_group.note_acting(drill, connection)
    try:
        silenced = drill.dialect.silence(connection)
        position = drill.dialect.log_position(connection)
    except DriverError as error:
        drill.note_check("instance", name, "open", wanted, said(error))
        return
    observed = f"disabled {', '.join(silenced)}" if silenced else "none was enabled"
    drill.note_check("instance", name, "passed", wanted, observed)
    if position:
        drill.note_check("instance", "position in the log", "noted", "told by the server", position)


def delete_restored(drill: Drill) -> None:
    """Delete what this run restored, then its parameter group and its login's secret; nothing when they never came to
    be.
    """
    try:
        _delete_instance(drill)
    except MainstayError:
        with suppress(MainstayError):  # what stays is told by the first error; a group that nothing has need not stay
            if not silent_group.is_in_use(drill):
                silent_group.delete_own(drill)
        raise
    silent_group.delete_own(drill)
    drill.deleted += [copy_login.label(name) for name in copy_login.forget(drill.there, drill.run)]


def _delete_instance(drill: Drill) -> None:
    state = _find_restored(drill)
    if state is None:
        if drill.restored is None or "t_create" in drill.reached_s:
            return
        raise Inconclusive(
            "accepted and not seen",
            detail=f"RDS accepted the restore of {drill.target_id} and has not shown it in {APPEARS_WITHIN_S:.0f} s.",
            hint="run the same command again; it looks for it first",
        )
    refuse_foreign(state, drill)
    delete(drill.there, drill.run, state, drill.progress, drill.clock)
    drill.deleted.append(state.identifier)


def _find_restored(drill: Drill) -> DbState | None:
    made = drill.restored.resource_id if drill.restored else None
    is_hoped_for = drill.restored is not None or drill.is_unanswered

    def is_whole(state: DbState | None) -> bool:
        if state is None:
            return "t_create" in drill.reached_s
        return RUN_ID in state.tags or made not in (None, state.resource_id)

    return find_made(
        drill.there,
        drill.target_id,
        is_whole=is_whole,
        within_s=APPEARS_WITHIN_S if is_hoped_for else 0.0,
        progress=drill.progress,
        clock=drill.clock,
    )


def delete(site: Site, run: Run, state: DbState, progress: Progress, clock: Clock) -> None:
    """Delete an instance that was proven to be a run's own. RDS refuses while it is still making it: then again."""

    def is_accepted() -> bool:
        try:
            with run.acting("rds:DeleteDBInstance", target=state.identifier, resource_id=state.resource_id):
                site.doors.rds.delete_without_snapshot(state.identifier)
        except Busy:
            return False
        return True

    if state.status != "deleting":
        wait_for(
            is_accepted,
            bool,
            message=f"{state.identifier} cannot be deleted yet",
            deadline_s=_DELETE_DEADLINE_S,
            pace_s=site.pace(_DELETE_PACE_S),
            progress=progress,
            clock=clock,
        )
    wait_gone(site, state.identifier, deadline_s=_DELETE_DEADLINE_S, progress=progress, clock=clock)


def take_inventory(drill: Drill) -> None:
    """Everything that carries this run's tag: nothing may be left, instance, snapshot or parameter group."""
    rds = drill.there.doors.rds
    drill.left = [state.identifier for state in rds.instances_tagged(RUN_ID, drill.run.id)]
    drill.left += [snapshot.identifier for snapshot in rds.snapshots(drill.target_id)]
    drill.left += silent_group.left(drill)
    drill.left += [copy_login.label(name) for name in copy_login.left(drill.there, drill.run)]
    outcome: Outcome = "failed" if drill.left else "passed"
    observed = ", ".join(drill.left) or "nothing left"
    drill.note_check("cleanup", "nothing of the drill is left", outcome, "nothing left", observed)
