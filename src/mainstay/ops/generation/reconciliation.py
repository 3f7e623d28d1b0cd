"""The evidence that a stack holds another generation: what it holds now, how far that is as its template says, and that
nothing was deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from mainstay.ops import evidence
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.drill.model import Check, Outcome
from mainstay.ops.generation import moved
from mainstay.ops.generation.reconciled import Reconciling, listed, not_serving
from mainstay.ops.generation.standing import Stand
from mainstay.ops.steps import there

_BESIDE: dict[str, Outcome] = {"IN_SYNC": "passed", "NOT_CHECKED": "open"}


def store(work: Reconciling, held: DbState, filing: moved.Filing) -> evidence.Document:
    """Write the evidence, once for a run; `held` is what the stack calls its database now."""
    where = Stand(site=work.site, run=work.run, progress=work.progress, clock=work.clock)
    leaving = not_serving(work.swapped)
    other = work.site.doors.rds.find_by_resource(leaving)
    return moved.store(
        moved.Moved(
            kind=moved.RECONCILE,
            run=work.run.id,
            stack=work.stack,
            where=where,
            away_from=other or moved.Known("", leaving, held.engine, held.engine_version),
            to=held,
            entries=work.run.entries,
            checks=(*_holds(work, held), *_beside(work), _kept(other, leaving), _policy(work), *_agreed(work)),
            cost=(0.0, "the sandbox costs nothing" if work.site.is_sandbox else "a change of a stack costs nothing"),
        ),
        filing,
    )


def _holds(work: Reconciling, held: DbState) -> Iterator[Check]:
    name = f"{work.key} of stack {work.stack} is the generation that clients reach"
    yield moved.compared(
        name, f"{work.new.identifier} ({work.new.resource_id})", f"{held.identifier} ({held.resource_id})"
    )


def _beside(work: Reconciling) -> Iterator[Check]:
    """How far it is as the template says, by CloudFormation's own word."""
    drift = there(work.drift, "nothing was compared")
    told = "; ".join(f"{path}: {wanted} written, {seen} there" for path, wanted, seen in drift.differences)
    outcome = _BESIDE.get(drift.status, "failed")
    observed = f"{drift.status}: {told}" if told else drift.status
    yield Check("instance", "it is as the template says", outcome, "IN_SYNC", observed)
    pending = ", ".join(work.pending) or "nothing"
    yield moved.compared("an update to the same template would change nothing", "nothing", pending)


def _kept(other: DbState | None, resource: str) -> Check:
    if other is not None:
        return moved.kept(other)
    return Check("instance", "the other generation is kept", "failed", "an instance", f"{resource} is gone")


def _policy(work: Reconciling) -> Check:
    before, now = work.run.fact("policy"), work.site.doors.cloudformation.policy(work.stack)
    return moved.compared("the stack's policy is as it was", _digest(before), _digest(now))


def _agreed(work: Reconciling) -> Iterator[Check]:
    yield moved.compared("somebody agreed by the stack's name", work.stack, str(work.run.fact("confirmed")))
    leaving = ", ".join(listed(work.run, "leaving"))
    yield Check("instance", "what left the stack and was imported again", "noted", "nothing is deleted", leaving)
    told = f"{work.before.name}, {_digest(work.before.read_text(encoding='utf-8'))}"
    yield Check("instance", "the template at the beginning is kept", "noted", "beside the journal", told)


def _digest(document: object) -> str:
    """What stands for a JSON text, however it is laid out."""
    return evidence.digest_of(json.loads(str(document))) if document else "none"
