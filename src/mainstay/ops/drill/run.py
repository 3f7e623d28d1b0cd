"""`drill`: restore to a point in time into a new instance, prove what came out of it, and take it away again.

Steps:
 1. Look at the source: its state, its restorable window; refuse a time outside it
 2. See what the source holds: markers, and every database on both sides of the target
 3. Choose the target, and wait until it can be restored to
 4. Restore into a new instance: explicit groups, a parameter group of its own in which nothing acts by itself, not
    public, no backups, tagged in the same call
 5. Wait until it is available, in two looks
 6. Give it a password of its own
 7. Log in over TLS; see that nothing could act, and switch off what would
 8. Verify the point: markers on both sides of the target
 9. Verify the data: tables, sequences, catalog
10. Ask the user's own questions
11. Use it: take a commit
12. Delete the restored instance, and its parameter group
13. Prove that nothing is left
14. Write the evidence

Steps 1 to 3 create nothing and may refuse. Whatever stops a step from 4 to 11, Ctrl-C included, the drill goes on
with step 12. After each step what it found is kept beside the journal: a run that was killed is taken up by the next
drill, which does again what gives access (6 and 7, since no password is kept) and no step that is done. What cannot be
taken up is cleaned up first.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from mainstay.core.clock import Clock, SystemClock
from mainstay.core.errors import CredentialsEnded, InputRefused, Interrupted, MainstayError, NotFound
from mainstay.core.progress import Progress
from mainstay.ops import evidence, lease
from mainstay.ops.aws.errors import is_logged_out
from mainstay.ops.drill import adopting, checkpoint, choosing, document, reaping, restoring, verdict, verifying
from mainstay.ops.drill.absence import Living
from mainstay.ops.drill.adopting import Ground, Open
from mainstay.ops.drill.model import DrillRequest, DrillResult, Verdict
from mainstay.ops.drill.state import Drill, Elsewhere, Stage
from mainstay.ops.journal import Journal, Run
from mainstay.ops.routes import Routes
from mainstay.ops.site import Site
from mainstay.ops.steps import Step, run_steps, step_row
from mainstay.ops.validation_function import FunctionSpent
from mainstay.plan.intent import PROOF_METRIC

Action = Callable[[Drill], None]
_STOPPED: Final = "The operator stopped the drill."


def _step(number: int, name: str, kind: Stage, action: Action) -> Step[Drill]:
    """A step whose time and outcome are kept for the evidence, and whose stop leads where its kind says."""

    def timed(drill: Drill) -> None:
        if name in drill.done or (kind == "proving" and drill.had_ended):
            drill.at = number
            drill.progress.note("done before the drill was stopped")
            return
        drill.at, drill.stage = number, kind
        if kind == "cleaning":
            drill.forget(name)
        known = len(drill.checks)
        started_at, start = drill.clock.now(), drill.clock.monotonic()
        drill.began = (started_at, start)
        outcome = "skipped"
        try:
            if kind != "proving" or not drill.stopped_by:
                outcome = "failed"
                _act(drill, action)
                outcome = "done"
        except MainstayError as error:
            if kind in {"choosing", "telling"} or is_logged_out(error):
                raise
            _go_on(drill, kind, error)
        except KeyboardInterrupt:
            if kind != "proving":
                raise
            drill.stop(_STOPPED)
            drill.progress.note("stopped by the operator; cleaning up (Ctrl-C again: the next run goes on with it)")
        finally:
            drill.steps.append(step_row(number, name, started_at, drill.clock.monotonic() - start, outcome))
        drill.remember(name, known)
        if kind != "telling":
            _keep(drill, name, kind, outcome)

    return Step(name, timed)


def _act(drill: Drill, action: Action) -> None:
    """What a step does; once more, through the bastion, where it is beyond what a function can do.

    What the function answered before stays; what this step had made of it is found again.
    """
    found: tuple[list[Any], ...] = (drill.checks, drill.exclusions, drill.positions)  # Any: three types of rows
    known = [len(each) for each in found]
    try:
        action(drill)
    except FunctionSpent as error:
        if not drill.leave_function(error):
            raise
        for each, count in zip(found, known, strict=True):
            del each[count:]
        action(drill)


def _keep(drill: Drill, name: str, kind: Stage, outcome: str) -> None:
    """What is known after a step, for a session that may have to take the run up.

    A proving that was stopped is not kept, so that it is tried again; but a contradiction is an answer.
    """
    if kind == "proving":
        is_contradicted = bool(drill.stopped_by) and verdict.is_contradicted(drill)
        drill.has_ended |= is_contradicted or (outcome == "done" and name == _LAST_PROVING)
    if drill.has_ended or (outcome == "done" and not drill.stopped_by):
        drill.done.append(name)
        checkpoint.save(drill)


def _see_source(drill: Drill) -> None:
    choosing.see_source(drill)
    checkpoint.save_seen(drill)


def _go_on(drill: Drill, kind: Stage, error: MainstayError) -> None:
    """After a stop, cleaning up comes next; what cannot be cleaned up is a leak, which fails the drill."""
    drill.progress.note(f"stopped: {error.summary}; cleaning up")
    if kind == "proving":
        drill.stop(error)
        return
    drill.left = sorted({*drill.left, drill.target_id})
    observed = f"{error.summary}: {error.detail}"
    drill.note_check("cleanup", "restored instance is deleted", "failed", "deleted", observed)


def _write_evidence(drill: Drill) -> None:
    drill.evidence_path = evidence.path_of(drill.workspace, drill.run.id)
    if drill.evidence_path.exists():  # the run was killed just after it was written
        evidence.enter(drill.workspace)
    else:
        verdict.note_objectives(drill)
        composed = document.compose(drill, verdict.judge(drill))
        evidence.store(drill.workspace, composed, secrets=drill.passwords, signer=_signer(drill))
    stored = evidence.load(drill.evidence_path)
    judged = drill.verdict = Verdict.from_json(stored["verdict"])
    sealed = stored["digest"]  # in the journal, which remembers it if the chain is cut
    if reason := stored["signed_by"].get("instead_of"):
        drill.progress.note(f"signed by the operator's own key instead of {reason}")
    if drill.left:  # a run that is not finished is what the next one cleans up after
        drill.run.write("leaked", left=list(drill.left), verdict=judged.word, evidence=sealed)
    else:
        drill.run.finish(judged.word, level=judged.level, evidence=sealed)
    if judged.word == "PROVEN" and drill.request.is_heard:
        _tell_alarm(drill)


def _signer(drill: Drill) -> evidence.Signer | None:
    return evidence.signer_of(drill.site, drill.request.signing_key)


def _tell_alarm(drill: Drill) -> None:
    """The value that the dead man's clock waits for. Without it the alarm fires, which is the safe side."""
    source = drill.require_source().identifier
    try:
        drill.site.doors.cloudwatch.put_one(
            PROOF_METRIC.namespace, PROOF_METRIC.metric, {PROOF_METRIC.dimension: source}
        )
    except MainstayError as error:
        drill.progress.note(f"the alarm was not told that the database is proven: {error.summary}")
        drill.run.write("proof not told", reason=error.summary)


_ACTIONS: Final[tuple[tuple[str, Stage, Action], ...]] = (
    ("Look at the source", "choosing", choosing.look_at_source),
    (choosing.SEEING, "choosing", _see_source),
    (choosing.CHOOSING, "choosing", choosing.choose_target),
    ("Restore into a new instance", "proving", restoring.request_restore),
    ("Wait until it is available", "proving", restoring.await_available),
    ("Give it a password of its own", "proving", restoring.give_password),
    ("Log in over TLS", "proving", restoring.log_in),
    ("Verify the point", "proving", verifying.verify_point),
    ("Verify the data", "proving", verifying.verify_data),
    ("Ask the user's own questions", "proving", verifying.ask_questions),
    ("Use it", "proving", verifying.use_it),
    ("Delete the restored instance", "cleaning", restoring.delete_restored),
    ("Prove that nothing is left", "cleaning", restoring.take_inventory),
    ("Write the evidence", "telling", _write_evidence),
)
_LAST_PROVING: Final = [name for name, kind, _ in _ACTIONS if kind == "proving"][-1]
# What is done in every session of a run; what gives access is, until all is proven.
_AGAIN: Final = frozenset(
    name for name, kind, action in _ACTIONS if action is choosing.look_at_source or kind in {"cleaning", "telling"}
)
_ACCESS: Final = frozenset(
    name for name, _, action in _ACTIONS if action in (restoring.give_password, restoring.log_in)
)
STEPS: Final = tuple(_step(number, *action) for number, action in enumerate(_ACTIONS, 1))


def drill(
    site: Site,
    request: DrillRequest,
    *,
    workspace: Path,
    journal: Journal,
    progress: Progress,
    clock: Clock | None = None,
    elsewhere: Elsewhere | None = None,
    routes: Routes | None = None,
    anew: bool = False,
) -> DrillResult:
    """Run a drill, with `elsewhere` in another region; the result tells the verdict, and never raises it.

    A run of the same source that was stopped is taken up, unless another target is asked for or it begins `anew`.
    `routes` lead to the databases, None directly; their tunnels end with the drill.

    Errors: InputRefused for a time outside the window (named) or a source without backups; NotFound without a
    source; Busy while somebody else works on the stack; Inconclusive when the target does not become restorable;
    CredentialsEnded when nobody may call any more, Interrupted at a second Ctrl-C: the journal then knows what the next
    run takes up.
    """
    ticking = clock or SystemClock()
    place = elsewhere.site if elsewhere else site
    # What an earlier run left is looked for where it was restored.
    subject = f"{request.source} in {place.region}" if elsewhere else request.source
    ground = Ground(
        place=place, journal=journal, subject=subject, workspace=workspace, progress=progress, clock=ticking
    )

    def state_of(run: Run, wanted: DrillRequest) -> Drill:
        return Drill(
            site=site,
            request=wanted,
            run=run,
            workspace=workspace,
            progress=Living(progress, run),
            clock=ticking,
            started_at=ticking.now(),
            elsewhere=elsewhere,
            routes=routes,
        )

    try:
        with lease.hold(journal.directory, request.stack, operation="drill", clock=ticking):
            found = None if anew else adopting.find(ground, request)
            _reap(ground, request, spare=found)
            if found is not None and (ended := _taken_up(ground, state_of(found.run, found.request), found)):
                return ended
            run = journal.begin("drill", subject, **adopting.facts_of(request))
            return _drilled(state_of(run, request))
    finally:
        for ways in filter(None, (routes, elsewhere.routes if elsewhere else None)):
            ways.close()


def _reap(ground: Ground, request: DrillRequest, *, spare: Open | None = None) -> None:
    reaping.reap_earlier(
        ground.place,
        ground.journal,
        request.source,
        ground.progress,
        ground.clock,
        subject=ground.subject,
        spare=spare.run if spare else None,
    )


def _taken_up(ground: Ground, state: Drill, found: Open) -> DrillResult | None:
    """The result of a run that goes on; None when there is nothing to go on with after all, and it was cleaned up."""
    adopting.resume(ground.journal, found.run)
    adopting.take_up(state, found, again=_AGAIN, access=_ACCESS)
    try:
        return _drilled(state)
    except (InputRefused, NotFound) as error:
        if state.stage != "choosing":
            raise
        ground.progress.note(f"run {found.run.id} cannot be gone on with: {error.summary}: {error.detail}")
        _reap(ground, state.request)
        return None


def _drilled(state: Drill) -> DrillResult:
    try:
        _run(state)
    except MainstayError as error:
        if not state.run.has_acted:
            state.run.finish("refused", reason=error.summary)
        elif is_logged_out(error):
            raise _credentials_ended(state, error) from error
        raise
    return _result(state)


def _run(state: Drill) -> None:
    """Every step; Ctrl-C between two of them counts as one in the next, so that cleaning up still comes."""
    resume = "run the same command again: it goes on where it can; --anew cleans up first and begins again"
    try:
        run_steps(STEPS, state, run=state.run, progress=state.progress, resume=resume)
    except (KeyboardInterrupt, Interrupted) as error:
        if isinstance(error, Interrupted) and state.run.fact("number") == state.at:
            raise  # in a step of those that end a drill
        if state.stage == "choosing":
            detail = f"Run {state.run.id} is in the journal." if state.run.has_acted else "Nothing was created yet."
            raise Interrupted("stopped", detail=detail, hint="run the same command again") from error
        state.stop(_STOPPED)
        rest = STEPS[state.at :]
        run_steps(rest, state, run=state.run, progress=state.progress, resume=resume, before=state.at)


def _credentials_ended(state: Drill, error: MainstayError) -> CredentialsEnded:
    """Without a caller nothing can be cleaned up either: that is left to the next run, which the journal tells."""
    return CredentialsEnded(
        "credentials ended on the way",
        detail=f"{error.detail}\n{state.target_id} may be left; run {state.run.id} in the journal knows it.",
        hint="log in again and run the same command: it goes on where it can (`mainstay drill --reap` only cleans up)",
    )


def _result(state: Drill) -> DrillResult:
    if state.verdict is None or state.evidence_path is None:
        raise MainstayError("drill without a verdict", detail=f"Run {state.run.id} ended without evidence.")
    stored = evidence.load(state.evidence_path)
    return DrillResult(state.run.id, state.verdict, stored, state.evidence_path)
