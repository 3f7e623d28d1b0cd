"""`drill`: restore to a point in time into a new instance, prove what came out of it, and take it away again.

Steps:
 1. Look at the source: its state, its restorable window; refuse a time outside it
 2. See what the source holds: markers, and every database on both sides of the target
 3. Choose the target, and wait until it can be restored to
 4. Restore into a new instance: explicit groups, not public, no backups, tagged in the same call
 5. Wait until it is available, in two looks
 6. Give it a password of its own
 7. Log in over TLS
 8. Verify the point: markers on both sides of the target
 9. Verify the data: tables, sequences, catalog
10. Ask the user's own questions
11. Use it: take a commit
12. Delete the restored instance
13. Prove that nothing is left
14. Write the evidence

Steps 1 to 3 create nothing and may refuse. Whatever stops a step from 4 to 11, Ctrl-C included, the drill goes on
with step 12. A run that was killed is cleaned up by the next one, before its own first step.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

from mainstay.core.clock import Clock, SystemClock
from mainstay.core.errors import CredentialsEnded, Interrupted, MainstayError
from mainstay.core.progress import Progress
from mainstay.ops import evidence, lease
from mainstay.ops.aws.errors import is_logged_out
from mainstay.ops.drill import choosing, document, reaping, restoring, verdict, verifying
from mainstay.ops.drill.model import DrillRequest, DrillResult
from mainstay.ops.drill.state import Drill, Elsewhere
from mainstay.ops.evidence.kms_signer import KmsSigner
from mainstay.ops.journal import Journal
from mainstay.ops.routes import Routes
from mainstay.ops.site import Site
from mainstay.ops.steps import Step, run_steps, step_row
from mainstay.plan.intent import PROOF_METRIC

Action = Callable[[Drill], None]
_STOPPED: Final = "The operator stopped the drill."
Kind = Literal["choosing", "proving", "cleaning", "telling"]


def _step(number: int, name: str, kind: Kind, action: Action) -> Step[Drill]:
    """A step whose time and outcome are kept for the evidence, and whose stop leads where its kind says."""

    def timed(drill: Drill) -> None:
        started_at, start = drill.clock.now(), drill.clock.monotonic()
        outcome = "skipped"
        try:
            if kind != "proving" or not drill.stopped_by:
                outcome = "failed"
                action(drill)
                outcome = "done"
        except MainstayError as error:
            if kind in {"choosing", "telling"} or is_logged_out(error):
                raise
            _go_on(drill, kind, error)
        except KeyboardInterrupt:
            if kind != "proving":
                raise
            drill.stop(_STOPPED)
            drill.progress.note("stopped by the operator; cleaning up (Ctrl-C again leaves that to the next run)")
        finally:
            drill.steps.append(step_row(number, name, started_at, drill.clock.monotonic() - start, outcome))

    return Step(name, timed)


def _go_on(drill: Drill, kind: Kind, error: MainstayError) -> None:
    """After a stop, cleaning up comes next; what cannot be cleaned up is a leak, which fails the drill."""
    drill.progress.note(f"stopped: {error.summary}; cleaning up")
    if kind == "proving":
        drill.stop(error)
        return
    drill.left = sorted({*drill.left, drill.target_id})
    observed = f"{error.summary}: {error.detail}"
    drill.note_check("cleanup", "restored instance is deleted", "failed", "deleted", observed)


def _write_evidence(drill: Drill) -> None:
    verdict.note_objectives(drill)
    judged = verdict.judge(drill)
    drill.verdict = judged
    composed = document.compose(drill, judged)
    drill.evidence_path = evidence.store(drill.workspace, composed, secrets=_secrets(drill), signer=_signer(drill))
    stored = evidence.load(drill.evidence_path)
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
    key = drill.request.signing_key
    return KmsSigner(drill.site.doors.kms, key) if key else None


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


def _secrets(drill: Drill) -> tuple[str, ...]:
    return tuple(filter(None, (drill.password, drill.source_login.password if drill.source_login else "")))


_ACTIONS: Final[tuple[tuple[str, Kind, Action], ...]] = (
    ("Look at the source", "choosing", choosing.look_at_source),
    ("See what the source holds", "choosing", choosing.see_source),
    ("Choose the target", "choosing", choosing.choose_target),
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
) -> DrillResult:
    """Run a drill, with `elsewhere` in another region; the result tells the verdict, and never raises it.

    `routes` lead to the databases, None directly; their tunnels end with the drill.

    Errors: InputRefused for a time outside the window (named) or a source without backups; NotFound without a
    source; Busy while somebody else works on the stack; Inconclusive when the target does not become restorable;
    CredentialsEnded when nobody may call any more, Interrupted at a second Ctrl-C: the journal then knows what is left
    for the next run to delete.
    """
    ticking = clock or SystemClock()
    with lease.hold(journal.directory, request.stack, operation="drill", clock=ticking):
        place = elsewhere.site if elsewhere else site
        # What an earlier run left is looked for where it was restored.
        subject = f"{request.source} in {place.region}" if elsewhere else request.source
        reaping.reap_earlier(place, journal, request.source, progress, ticking, subject=subject)
        run = journal.begin("drill", subject, stack=request.stack)
        state = Drill(
            site=site,
            request=request,
            run=run,
            workspace=workspace,
            progress=progress,
            clock=ticking,
            started_at=ticking.now(),
            elsewhere=elsewhere,
            routes=routes,
        )
        try:
            _run(state)
        except MainstayError as error:
            if not _may_have_created(state):
                run.finish("refused", reason=error.summary)
            elif is_logged_out(error):
                raise _credentials_ended(state, error) from error
            raise
        finally:
            for ways in filter(None, (routes, state.routes_there)):
                ways.close()
    return _result(state)


def _run(state: Drill) -> None:
    """Every step; Ctrl-C between two of them counts as one in the next, so that cleaning up still comes."""
    resume = "run the same command again; it cleans up first"
    try:
        run_steps(STEPS, state, run=state.run, progress=state.progress, resume=resume)
    except KeyboardInterrupt as error:
        if not _may_have_created(state):
            raise Interrupted(
                "stopped", detail="Nothing was created yet.", hint="run the same command again"
            ) from error
        state.stop(_STOPPED)
        rest = STEPS[len(state.steps) :]
        run_steps(rest, state, run=state.run, progress=state.progress, resume=resume)


def _credentials_ended(state: Drill, error: MainstayError) -> CredentialsEnded:
    """Without a caller nothing can be cleaned up either: that is left to the next run, which the journal tells."""
    return CredentialsEnded(
        "credentials ended on the way",
        detail=f"{error.detail}\n{state.target_id} may be left; run {state.run.id} in the journal knows it.",
        hint="log in again and run the same command: it deletes what is left first (`mainstay drill --reap` only that)",
    )


def _may_have_created(state: Drill) -> bool:
    """Whether the journal says that a call was about to create something."""
    return any(entry.get("event") == "about to" for entry in state.run.entries)


def _result(state: Drill) -> DrillResult:
    if state.verdict is None or state.evidence_path is None:
        raise MainstayError("drill without a verdict", detail=f"Run {state.run.id} ended without evidence.")
    stored = evidence.load(state.evidence_path)
    return DrillResult(state.run.id, state.verdict, stored, state.evidence_path)
