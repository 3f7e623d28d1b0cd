"""`generation discard`: the old generation is given up for good, once everything proves that nobody needs it.

Steps:
1. Look at the swap and at both generations
2. Prove that it is ours, and that the other one serves
3. Ask for its resource id
4. Switch its deletion protection off
5. Delete it, after a last snapshot
6. See that it is gone

The journal names it by its DbiResourceId, the new one's tags name it as their source, and its own tags say that it was
made from a spec or by a restore. What anything still leads to or holds is not deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mainstay.core.clock import Clock, SystemClock
from mainstay.core.errors import AnswerIsNo, InputRefused, TargetRefused
from mainstay.core.progress import Progress
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.drill.model import Check
from mainstay.ops.evidence import path_of
from mainstay.ops.generation import discarded, moves
from mainstay.ops.generation.discarded import Discarded
from mainstay.ops.generation.moved import Filing
from mainstay.ops.generation.standing import Stand
from mainstay.ops.generation.swaps import find_swap
from mainstay.ops.generation.unneeded import looked_at
from mainstay.ops.instances import wait_available
from mainstay.ops.inventory import DATABASE, Fated, Inventory, left_after
from mainstay.ops.journal import Journal, Run
from mainstay.ops.lease import hold
from mainstay.ops.restoration import cut_identifier
from mainstay.ops.site import Site
from mainstay.ops.steps import Step, run_steps, there
from mainstay.ops.wait import wait_for

DISCARD: Final = "discard"
_DEADLINE_S: Final = 3 * 3600.0
_PACE_S: Final = 15.0
# Whether deletion protection may be switched off, of which instance.
Unprotect = Callable[[str], bool]


@dataclass(slots=True, kw_only=True)
class Discarding:
    """What the steps know of each other; `swapped` is the run whose old generation goes."""

    site: Site
    stack: str
    secret: str
    confirm: str | None
    unprotect: Unprotect
    takes_snapshot: bool
    swapped: Run
    run: Run
    progress: Progress
    clock: Clock
    old: DbState | None = None
    shown: tuple[Check, ...] = ()

    @property
    def stand(self) -> Stand:
        """Where the steps look."""
        return Stand(site=self.site, run=self.run, progress=self.progress, clock=self.clock)

    @property
    def going(self) -> str:
        """The resource id of the generation that goes."""
        return moves.old_resource(self.swapped)


def discard_old(
    site: Site,
    stack: str,
    *,
    secret: str,
    run_id: str | None,
    confirm: str | None,
    unprotect: Unprotect,
    takes_snapshot: bool = True,
    journal: Journal,
    filing: Filing,
    progress: Progress,
    clock: Clock | None = None,
) -> Discarded:
    """Delete the generation that a swap left behind, the newest one's without `run_id`; what is left is in the answer.
    `filing` says where the evidence goes.

    NotFound when there is none; TargetRefused when something still leads to it or holds it, or nothing proves that it
    is ours; InputRefused without its resource id as `confirm`; AnswerIsNo when its protection is to stay.
    """
    ticking = clock or SystemClock()
    with hold(journal.directory, stack, operation=DISCARD, clock=ticking):
        swapped = _find(journal, stack, run_id)
        work = Discarding(
            site=site,
            stack=stack,
            secret=secret,
            confirm=confirm,
            unprotect=unprotect,
            takes_snapshot=takes_snapshot,
            swapped=swapped,
            run=journal.resume_or_begin(DISCARD, swapped.id),
            progress=progress,
            clock=ticking,
        )
        run_steps(DISCARD_STEPS, work, run=work.run, progress=progress, resume="run the same command again to go on")
        name, snapshot = str(work.run.fact("identifier")), work.run.fact("snapshot")
        left = left_after(site, [Fated(stack, name, DATABASE, "Snapshot")])
        serving = work.stand.find(moves.new_resource(swapped))
        sealed = discarded.store(work.stand, stack, serving, left, filing)
        swapped.write("discarded", discarded=work.going, last_snapshot=snapshot)
        work.run.finish("discarded", left=[one.name for one in left], evidence=sealed["digest"])
    gone = (f"{name} ({work.going})",)
    return Discarded(
        inventory=Inventory(site=site.label, region=site.region, stack=stack, deleted=gone, left=left),
        run_id=work.run.id,
        evidence_file=str(path_of(filing.workspace, work.run.id)),
    )


def _find(journal: Journal, stack: str, run_id: str | None) -> Run:
    return find_swap(
        journal,
        stack,
        run_id,
        lambda run: bool(run.fact("swapped") and not run.fact("undone") and not run.fact("discarded")),
        nothing="nothing to discard",
        which="that left a generation",
        hint="a swap that was undone left its new generation, which mainstay destroy --discard gives up",
    )


def _see(work: Discarding) -> None:
    if work.run.fact("deleting"):
        work.old = work.site.doors.rds.find_by_resource(work.going)
        return
    work.old = work.stand.find(work.going)


def _prove(work: Discarding) -> None:
    if work.run.fact("deleting"):
        return
    old, new = there(work.old, "it was not looked at"), work.stand.find(moves.new_resource(work.swapped))
    work.shown = tuple(looked_at(old, new, site=work.site, stack=work.stack, secret=work.secret, swapped=work.swapped))
    failed = [check for check in work.shown if check.outcome == "failed"]
    if failed:
        raise TargetRefused(
            "not deleted",
            detail=f"{old.identifier} ({old.resource_id}) stays: {failed[0].observed}",
            hint="put that right and run the same command again",
        )


def _ask(work: Discarding) -> None:
    if work.run.fact("deleting"):
        return
    old = there(work.old, "it was not looked at")
    if work.confirm != old.resource_id:
        given = f"'{work.confirm}' is not its resource id" if work.confirm else "its resource id was not given"
        last = (
            "after a last snapshot" if work.takes_snapshot else "WITHOUT a snapshot, and its automated backups go too"
        )
        raise InputRefused(
            "not confirmed",
            detail=f"Nothing was deleted: {given}. {old.identifier} would go for good, {last}, and no way leads back "
            f"then: mainstay restore --undo {work.swapped.id}.",
            hint=f"confirm: --confirm {old.resource_id}",
        )


def _unprotect(work: Discarding) -> None:
    if work.run.fact("deleting"):
        return
    old = there(work.old, "it was not looked at")
    if not old.has_deletion_protection:
        return
    if not work.unprotect(old.identifier):
        raise AnswerIsNo(
            "still protected",
            detail=f"{old.identifier} has deletion protection, and it was not to be switched off. Nothing was deleted.",
            hint="switch it off with --yes",
        )
    with work.run.acting("rds:ModifyDBInstance", target=old.identifier, change="deletion protection"):
        work.site.doors.rds.set_deletion_protection(old.identifier, is_on=False)
    work.old = wait_available(
        work.site, old.identifier, deadline_s=_DEADLINE_S, progress=work.progress, clock=work.clock, settled=True
    )


def _delete(work: Discarding) -> None:
    if work.old is None or work.old.status == "deleting":
        return
    rds, old = work.site.doors.rds, work.old
    snapshot = (
        cut_identifier(old.identifier, f"-last-{work.run.id.rpartition('-')[2]}") if work.takes_snapshot else None
    )
    told = discarded.facts(old, work.shown, work.confirm, work.clock)
    work.run.write("deleting", deleting=True, identifier=old.identifier, snapshot=snapshot, **told)
    with work.run.acting("rds:DeleteDBInstance", target=old.identifier, resource_id=old.resource_id, snapshot=snapshot):
        if snapshot:
            rds.delete_with_snapshot(old.identifier, snapshot)
        else:
            rds.delete_without_snapshot(old.identifier)


def _see_gone(work: Discarding) -> None:
    wait_for(
        lambda: work.site.doors.rds.find_by_resource(work.going),
        lambda seen: seen is None,
        message=lambda seen: f"{seen.identifier} is {seen.status}" if seen else "it is gone",
        deadline_s=_DEADLINE_S,
        pace_s=work.site.pace(_PACE_S),
        progress=work.progress,
        clock=work.clock,
    )


DISCARD_STEPS: Final = (
    Step("Look at the swap and at both generations", _see),
    Step("Prove that it is ours, and that the other one serves", _prove),
    Step("Ask for its resource id", _ask),
    Step("Switch its deletion protection off", _unprotect),
    Step("Delete it, after a last snapshot", _delete),
    Step("See that it is gone", _see_gone),
)
