"""Getting data back: a new instance with the data of a time or a snapshot. The source is only read.

Steps:
1. look at the source, and at what has the new name
2. compare the time with the restorable window
3. begin the restore
4. wait until it is available
5. give it a password of its own

The new instance's name follows from the wish, its tags say which run made it, and the journal says that it was about
to: so a restore that was killed anywhere is taken up again by the same command, and nobody else's instance is
ever adopted. RDS has no client token for a restore (RDS API Reference, RestoreDBInstanceToPointInTime,
checked 2026-11-20): the name is the only key.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from datetime import UTC
from typing import Final

from mainstay.core.clock import Clock, SystemClock, render_time
from mainstay.core.errors import Busy, InputRefused, NotFound, TargetRefused
from mainstay.core.progress import Progress, Silent
from mainstay.ops import tags
from mainstay.ops.aws.errors import is_already_there
from mainstay.ops.aws.rds import Placement, RestoreRequest, SnapshotRestore
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.aws.secrets import Login
from mainstay.ops.instances import change_instance, wait_available
from mainstay.ops.journal import Journal, Run
from mainstay.ops.lease import hold
from mainstay.ops.restoration import Restoration, Restored, Wish, cut_identifier, secret_name
from mainstay.ops.site import Site
from mainstay.ops.steps import Step, run_steps
from mainstay.plan.values import Json

# Restores of terabytes take many hours; past a day somebody should look.
_DEADLINE_S: Final = 86_400.0
# Taken by every engine: some take 41 characters at most, none takes / ' " @ and space (table of limits).
_PASSWORD_LETTERS: Final = string.ascii_letters + string.digits + "-_"
_PASSWORD_LENGTH: Final = 40


def restore(
    site: Site,
    wish: Wish,
    *,
    journal: Journal,
    run: Run | None = None,
    progress: Progress | None = None,
    clock: Clock | None = None,
    deadline_s: float = _DEADLINE_S,
) -> Restored:
    """Restore what is wished for. With `run` it is part of that run, which its caller finishes.

    InputRefused for a time outside the window, with the window; TargetRefused when the name belongs to an
    instance that we did not make, or when the restore failed; Inconclusive at the deadline.
    """
    clock, progress = clock or SystemClock(), progress or Silent()
    target = target_name(wish, journal, clock)
    with hold(journal.directory, f"restore-{target}", operation="restore", clock=clock):
        facts: dict[str, Json] = {
            "source": wish.source,
            "point": wish.point,
            "purpose": wish.purpose,
            "is_named": wish.target is not None,
        }
        own = run or journal.resume_or_begin("restore", target, **facts)
        work = Restoration(
            site=site,
            wish=wish,
            target=target,
            run=own,
            journal=journal,
            progress=progress,
            clock=clock,
            deadline_s=deadline_s,
        )
        resume = f"run the same command again to go on; instance {target} is restored without us meanwhile"
        run_steps(STEPS, work, run=own, progress=progress, resume=resume)
        result = result_of(work)
        if run is None:
            own.finish("restored", identifier=target, resource_id=result.resource_id)
    return result


def target_name(wish: Wish, journal: Journal, clock: Clock) -> str:
    """The new instance's name: the given one, or one that the same wish leads to again after an interruption."""
    if wish.target is not None:
        return wish.target.lower()
    for run in reversed(journal.runs()):
        asked = (run.operation, run.fact("source"), run.fact("point"), run.fact("purpose"), run.fact("is_named"))
        if asked == ("restore", wish.source, wish.point, wish.purpose, False) and not run.is_finished:
            return run.subject
    moment = wish.time or clock.now()
    end = f"-{wish.purpose}-{moment.astimezone(UTC):%Y%m%d-%H%M%S}"
    return cut_identifier(wish.source.lower(), end)


def placement_of(source: DbState, *, is_multi_az: bool = False) -> Placement:
    """Where and how the source stands, for an instance beside it."""
    return Placement(
        subnet_group=source.subnet_group,
        security_group_ids=source.security_group_ids,
        parameter_group=source.parameter_group,
        option_group=source.option_group,
        instance_class=source.instance_class or None,
        port=source.port,
        is_multi_az=is_multi_az,
        ca_certificate=source.ca_certificate,
    )


def look_at_source(work: Restoration) -> None:
    """What there is to restore from, and what has the new name already: ours is gone on with, another refused."""
    rds, wish = work.site.doors.rds, work.wish
    work.source = rds.find_instance(wish.source) if wish.from_region is None else None
    if work.source is not None:
        work.source_resource_id = work.source.resource_id
    if wish.backup is not None:
        work.backup = rds.automated_backup(wish.backup)
        work.source_resource_id = work.backup.resource_id
    elif wish.snapshot is not None:
        work.source_resource_id = rds.snapshot(wish.snapshot).source_resource_id
    elif work.source is None:
        raise NotFound(
            "no such instance",
            detail=f"There is no instance '{wish.source}' in {work.site.region} to restore from.",
            hint="check the name and the region; an instance that is gone can be restored from its last snapshot",
        )
    existing = rds.find_instance(work.target)
    if existing is not None:
        _adopt(work, existing)
    elif wish.placement is not None:
        work.placement = wish.placement
    elif work.source is not None:
        work.placement = placement_of(work.source, is_multi_az=wish.is_multi_az)
    else:
        raise InputRefused(
            "nowhere to put it",
            detail=f"'{wish.source}' is gone, so its subnet, security and parameter groups are not known.",
            hint="name them",
        )


def compare_with_window(work: Restoration) -> None:
    """InputRefused for a time that cannot be restored to, with what can."""
    if work.wish.snapshot is not None or work.state is not None:
        work.requested_time = work.wish.time
        return
    window = work.window = (
        work.backup.window if work.backup else work.site.doors.rds.restorable_window(work.wish.source)
    )
    if window.latest is None:
        raise Busy(
            "nothing to restore yet",
            detail=f"{work.wish.source} has no restorable time: its first backup is not finished, or it keeps none.",
            hint="wait for the first backup; `mainstay status` shows the restorable time",
        )
    work.requested_time = work.wish.time or window.latest
    if work.wish.time is not None and not window.holds(work.wish.time):
        earliest = render_time(window.earliest) if window.earliest else "(RDS does not say)"
        raise InputRefused(
            "time outside the restorable window",
            detail=f"{work.wish.source} can be restored from {earliest} to just before {render_time(window.latest)}, "
            f"not to {render_time(work.wish.time)}.",
            hint="choose a time inside; the latest one moves on by itself every five minutes",
        )


def begin(work: Restoration) -> None:
    """Ask for it once; the tags that make it ours are in the same call."""
    if work.state is not None:
        return
    started = work.clock.monotonic()
    ours = {
        **work.wish.tags,
        tags.RUN_ID: work.run.id,
        tags.PURPOSE: work.wish.purpose,
        tags.SOURCE: work.source_resource_id,
        tags.MANAGED_BY: "mainstay",
    }
    try:
        work.state = _request(work, ours)
    except TargetRefused as error:
        if not is_already_there(error):
            raise
        # Our own call, answered to somebody who was killed before they heard it.
        _adopt(work, work.site.doors.rds.instance(work.target))
    work.phases_s["request"] = work.clock.monotonic() - started


def _request(work: Restoration, ours: Mapping[str, str]) -> DbState:
    rds, wish = work.site.doors.rds, work.wish
    if work.placement is None:
        raise InputRefused("nowhere to put it", detail=work.target)
    facts = {"target": work.target, "source": wish.source, "point": wish.point}
    if wish.snapshot is not None:
        with work.run.acting("rds:RestoreDBInstanceFromDBSnapshot", **facts):
            return rds.restore_from_snapshot(
                SnapshotRestore(snapshot=wish.snapshot, target=work.target, placement=work.placement, tags=ours)
            )
    with work.run.acting("rds:RestoreDBInstanceToPointInTime", **facts):
        return rds.restore_to_time(
            RestoreRequest(
                source=wish.source,
                backup_arn=wish.backup,
                target=work.target,
                time=wish.time,
                placement=work.placement,
                tags=ours,
            )
        )


def _adopt(work: Restoration, existing: DbState) -> None:
    """Go on with an instance that this journal's run made for the same wish; anything else is not ours."""
    try:
        maker = work.journal.run(existing.tags.get(tags.RUN_ID, ""))
    except NotFound:
        maker = None
    is_ours = maker is not None and existing.tags.get(tags.SOURCE) == work.source_resource_id
    is_same = maker is not None and _asked(maker, existing.identifier) == work.wish.point
    if not is_ours or not is_same:
        why = "was restored to another point" if is_ours else "was not made by a restore of ours from this source"
        raise TargetRefused(
            "the name is taken",
            detail=f"Instance '{existing.identifier}' exists ({existing.status}) and {why}.",
            hint="name another --target",
        )
    work.progress.note(f"{existing.identifier} is {existing.status} already, from run {existing.tags[tags.RUN_ID]}")
    work.state = existing


def _asked(maker: Run, target: str) -> object:
    """The point that a run asked for when it began to restore this target."""
    began = (entry for entry in reversed(maker.entries) if entry.get("event") == "about to")
    return next((entry["point"] for entry in began if entry.get("target") == target and "point" in entry), None)


def wait(work: Restoration) -> None:
    """Until it is available; Inconclusive at the deadline."""
    started = work.clock.monotonic()
    work.state = wait_available(
        work.site, work.target, deadline_s=work.deadline_s, progress=work.progress, clock=work.clock
    )
    if work.state.resource_id == work.source_resource_id:
        raise TargetRefused("the source itself", detail=f"{work.target} is the instance it should be restored from.")
    work.phases_s["available"] = work.clock.monotonic() - started


def give_password(work: Restoration) -> None:
    """The data came with the password of that time. The new one is kept before it is set, so it is never lost."""
    started = work.clock.monotonic()
    state = _state(work)
    login = Login(
        username=state.username,
        password="".join(secrets.choice(_PASSWORD_LETTERS) for _ in range(_PASSWORD_LENGTH)),
        host=state.address,
        port=state.port,
        dbname=state.database_name,
    )
    work.login, work.secret_arn = _keep(work, login)
    work.state = change_instance(
        work.site,
        work.run,
        work.target,
        "master password",
        lambda: work.site.doors.rds.set_password(work.target, login.password),
        deadline_s=work.deadline_s,
        progress=work.progress,
        clock=work.clock,
    )
    work.phases_s["password"] = work.clock.monotonic() - started
    work.progress.note(f"{work.target} is at {state.address}:{state.port}; its login is in secret {work.secret_arn}")


def _keep(work: Restoration, login: Login) -> tuple[Login, str]:
    name = secret_name(work.target)
    vault = work.site.doors.secrets
    labels = {tags.RUN_ID: work.run.id, tags.PURPOSE: work.wish.purpose, tags.MANAGED_BY: "mainstay"}
    try:
        with work.run.acting("secretsmanager:CreateSecret", name=name):
            arn = vault.create_login(name, login, description=f"Master user of {work.target}", tags=labels)
    except TargetRefused as error:
        if not is_already_there(error):
            raise
        # From a run that was stopped here, or from an instance of this name that is gone.
        with work.run.acting("secretsmanager:PutSecretValue", name=name):
            vault.replace_login(name, login)
        arn = vault.read_login(name).secret_arn
    return login, arn


STEPS: Final = (
    Step("look at the source, and at what has the new name", look_at_source),
    Step("compare the time with the restorable window", compare_with_window),
    Step("begin the restore", begin),
    Step("wait until it is available", wait),
    Step("give it a password of its own", give_password),  # after the wait: RDS changes only what is available
)


def _state(work: Restoration) -> DbState:
    if work.state is None:
        raise NotFound("not found", detail=work.target)
    return work.state


def result_of(work: Restoration) -> Restored:
    """What came of it; TargetRefused when there is no endpoint."""
    state = _state(work)
    if state.address is None or state.port is None:
        raise TargetRefused("no endpoint", detail=f"{work.target} is {state.status} and has no address.")
    return Restored(
        site=work.site.label,
        identifier=work.target,
        resource_id=state.resource_id,
        source_id=work.wish.source,
        source_resource_id=work.source_resource_id,
        point=work.wish.point,
        requested_time=work.requested_time,
        address=state.address,
        port=state.port,
        username=state.username,
        login_secret_arn=work.secret_arn,
        run_id=work.run.id,
        phases_s=dict(work.phases_s),
    )
