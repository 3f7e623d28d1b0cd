"""`failover`: the database restored in another region, to the newest second there is, to stay.

Steps:
 1. See where it would stand, and what of it is there
 2. Choose the newest point, or the one that was asked for, and say why
 3. Ask for the name of the stack there
 4. Restore into a new instance: in the groups of the stack there, with the primary's settings, tagged
 5. Wait until it is available
 6. Give it a password of its own, kept in a secret of that region
 7. Set what a restore leaves at its default
 8. Log in over TLS
 9. Verify the point and the data
10. Ask the user's own questions
11. Take a commit
12. Write the evidence, and say what is left to do

Nothing is asked of the region that may be lost but how its database is, once and in seconds, and no answer is an
answer. Steps 1 to 3 create nothing. What was chosen is in the journal before the restore is asked for, so that a
failover which was killed anywhere goes on with the same command, to the same point. Steps 8 to 11 only look: what stops
one of them is in the evidence, and the database stands.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from mainstay.core.clock import Clock, SystemClock, parse_time
from mainstay.core.errors import InputRefused, MainstayError, NotFound, TargetRefused
from mainstay.core.progress import Progress
from mainstay.ops import evidence, tags
from mainstay.ops.drill import document, staying, verdict
from mainstay.ops.failover import points, proving, standing
from mainstay.ops.failover.model import FailedOver, Failover, FailoverRequest
from mainstay.ops.failover.points import BACKUP, Choice
from mainstay.ops.failover.remaining import remaining
from mainstay.ops.journal import Journal
from mainstay.ops.lease import hold
from mainstay.ops.restoration import Restoration, Wish, point_in_words
from mainstay.ops.restore import begin, compare_with_window, look_at_source, result_of, wait
from mainstay.ops.routes import Routes
from mainstay.ops.settling import give_password_once, set_the_rest
from mainstay.ops.site import Site
from mainstay.ops.steps import run_steps

Action = Callable[[Failover], None]


def failover(
    site: Site,
    request: FailoverRequest,
    *,
    confirm: str | None,
    workspace: Path,
    journal: Journal,
    progress: Progress,
    old: Site | None = None,
    clock: Clock | None = None,
    routes: Routes | None = None,
    signer: evidence.Signer | None = None,
) -> FailedOver:
    """Fail over into the region of this site. `old` is the primary's site, asked once; None asks nobody. `routes` lead
    to the databases of this site, None directly. `signer` signs the evidence in the operator's place.

    NotFound when there is nothing to restore or no stack to stand in, InputRefused without the stack's name (with what
    would be done), TargetRefused when the name is taken or the restore failed, Inconclusive at a deadline.
    """
    ticking = clock or SystemClock()
    with hold(journal.directory, f"failover-{request.stack}-{site.region}", operation="failover", clock=ticking):
        subject = f"{request.source} into {site.region}"
        point = point_in_words(request.time)
        told = {"stack": request.stack}
        run = journal.resume_or_begin("failover", subject, told, target=request.target, point=point)
        work = Failover(
            site=site,
            old=old,
            request=request,
            confirm=confirm,
            run=run,
            journal=journal,
            workspace=workspace,
            progress=progress,
            clock=ticking,
            started_at=parse_time(str(run.entries[0]["at"])),
            routes=routes,
            signer=signer,
        )
        again = f"run the same command again to go on; {request.target} is restored without us meanwhile"
        run_steps(STEPS, work, run=run, progress=progress, resume=again)
        return _result(work)


def _see(work: Failover) -> None:
    work.outputs = standing.outputs_of(work.site, work.request.stack)
    work.existing = work.site.doors.rds.find_instance(work.request.target)
    if work.existing is not None and work.existing.tags.get(tags.RUN_ID) != work.run.id:
        raise TargetRefused(
            "the name is taken",
            detail=f"Instance '{work.existing.identifier}' in {work.site.region} exists ({work.existing.status}), and "
            "this failover did not make it.",
            hint="if an earlier failover did, use that one; else name another --target",
        )
    work.primary = _ask_primary(work)
    work.progress.note(f"the primary: {work.primary}")


def _ask_primary(work: Failover) -> str:
    """How the primary is, in a sentence; whatever goes wrong is the answer."""
    if work.old is None:
        return "its region was not asked"
    try:
        state = work.old.doors.rds.instance(work.request.source)
    except NotFound:
        return "its region says that it is gone"
    except MainstayError as error:
        return f"its region does not answer ({error.summary})"
    return f"its region says that it is {state.status}"


def _choose(work: Failover) -> None:
    known = work.run.fact("chosen")
    if isinstance(known, dict):
        work.choice = Choice.from_json(known)
    else:
        request = work.request
        there = points.look(work.site, request.source, request.source_region, standing.vaults(work.outputs))
        work.choice = points.choose(work.site, there, request.source, request.time, work.clock.now())
    work.progress.note(f"{work.choice.kind} {work.choice.arn}: {work.choice.reason}")


def _ask(work: Failover) -> None:
    if work.confirm == work.request.stack:
        if not work.run.fact("chosen"):
            work.run.write("chosen", chosen=work.chosen.as_json())
        return
    given = f"'{work.confirm}' is not its name" if work.confirm else "its name was not given"
    request, choice = work.request, work.chosen
    lines = [
        f"Nothing was restored, because stack {request.stack} was not confirmed: {given}. This would happen:",
        f"restore {request.source} of {request.source_region} into {work.site.region} as {request.target}, from "
        f"{choice.kind} {choice.arn}",
        f"{choice.reason}; what was committed later stays behind",
        f"the primary: {work.primary}; it is not touched",
    ]
    raise InputRefused(
        "not confirmed",
        detail="\n".join(lines),
        hint=f"confirm with the name of the stack in {work.site.region}: --confirm {request.stack}",
    )


def _restore(work: Failover) -> None:
    request, choice = work.request, work.chosen
    is_backup = choice.kind == BACKUP
    wish = Wish(
        source=request.source,
        time=choice.time if is_backup else None,
        backup=choice.arn if is_backup else None,
        snapshot=None if is_backup else choice.arn,
        from_region=request.source_region,
        target=request.target,
        purpose=tags.FAILOVER,
        tags=request.tags,
        placement=standing.placement(work.outputs, request),
        is_multi_az=request.is_multi_az,
    )
    restoring = work.restoration = Restoration(
        site=work.site,
        wish=wish,
        target=request.target,
        run=work.run,
        journal=work.journal,
        progress=work.progress,
        clock=work.clock,
        deadline_s=float(request.restore_deadline),
        placement=wish.placement,
    )
    look_at_source(restoring)
    compare_with_window(restoring)
    begin(restoring)
    work.reach("t_request")
    work.reach("t_create")


def _wait(work: Failover) -> None:
    wait(work.restoring)
    work.reach("t_available")


def _give_password(work: Failover) -> None:
    give_password_once(work.restoring)


def _keep(work: Failover) -> None:
    set_the_rest(work.restoring, work.request.keeping)
    proving.begin(work)


def _tell(work: Failover) -> None:
    drill = work.looking
    staying.tell_objectives(drill)
    work.remaining = remaining(work)
    work.verdict = drill.verdict = verdict.judge(drill)
    stored = work.workspace / "evidence" / work.run.id / "evidence.json"
    if not stored.exists():
        composed = document.compose(drill, work.verdict)
        stored = evidence.store(work.workspace, composed, secrets=drill.passwords, signer=work.signer)
    work.evidence_path = stored
    sealed = evidence.load(stored)["digest"]
    work.run.finish(
        "failed over",
        target=work.request.target,
        verdict=work.verdict.word,
        level=work.verdict.level,
        evidence=sealed,
    )


_ACTIONS: Final[tuple[tuple[str, Action, bool], ...]] = (
    ("See where it would stand, and what of it is there", _see, False),
    ("Choose the newest point, or the one that was asked for", _choose, False),
    ("Ask for the name of the stack there", _ask, False),
    ("Restore into a new instance", _restore, False),
    ("Wait until it is available", _wait, False),
    ("Give it a password of its own", _give_password, False),
    ("Set what a restore leaves at its default", _keep, False),  # after the password: both wait for what is pending
    ("Log in over TLS", proving.log_in, True),
    ("Verify the point and the data", proving.verify, True),
    ("Ask the user's own questions", proving.ask, True),
    ("Take a commit", proving.use, True),
    ("Write the evidence, and say what is left to do", _tell, False),
)
STEPS: Final = tuple(
    staying.staying_step(number, name, act, looks=looks) for number, (name, act, looks) in enumerate(_ACTIONS, 1)
)


def _result(work: Failover) -> FailedOver:
    if work.verdict is None or work.evidence_path is None:
        raise MainstayError("failover without a verdict", detail=f"Run {work.run.id} ended without evidence.")
    return FailedOver(
        restored=result_of(work.restoring),
        region=work.site.region,
        choice=work.chosen,
        exposure_s=work.exposure_s,
        primary=work.primary,
        verdict=work.verdict,
        remaining=work.remaining,
        evidence=evidence.load(work.evidence_path),
        evidence_path=work.evidence_path,
    )
