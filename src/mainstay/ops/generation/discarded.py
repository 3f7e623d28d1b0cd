"""The evidence that a generation was given up for good: why it could go, who agreed, and what is left of it.

Why it could go was seen before it was deleted, and cannot be seen again: it is in the journal from before the call.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from pydantic import TypeAdapter

from mainstay.core.clock import Clock
from mainstay.ops import evidence
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.drill.model import Check, Outcome
from mainstay.ops.generation import moved
from mainstay.ops.generation.standing import Stand
from mainstay.ops.inventory import Inventory, Left
from mainstay.ops.journal import Run
from mainstay.plan.values import Json

_KNOWN = TypeAdapter(moved.Known)
_CHECKS = TypeAdapter(tuple[Check, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Discarded:
    """What was given up and what is left of it, the run that did it, and where its evidence is."""

    inventory: Inventory
    run_id: str
    evidence_file: str

    def as_json(self) -> dict[str, object]:
        """The result as a JSON document."""
        return {**self.inventory.as_json(), "run_id": self.run_id, "evidence_file": self.evidence_file}


def facts(old: DbState, checks: Sequence[Check], confirm: str | None, clock: Clock) -> dict[str, Json]:
    """What the journal has to know once it is gone."""
    shown = tuple(replace(check, started_at=clock.now()) for check in checks)
    return {
        "gone": asdict(moved.Known.of(old)),
        "shown": _CHECKS.dump_python(shown, mode="json"),
        "confirmed": confirm,
    }


def store(where: Stand, stack: str, serving: DbState, left: Sequence[Left], filing: moved.Filing) -> evidence.Document:
    """Write the evidence, once for a run, from what its journal knows."""
    run, gone = where.run, _KNOWN.validate_python(where.run.fact("gone"))
    checks = (*_CHECKS.validate_python(run.fact("shown")), *_agreed(run, gone), *_become(where, gone))
    return moved.store(
        moved.Moved(
            kind=moved.DISCARD,
            run=run.id,
            stack=stack,
            where=where,
            away_from=gone,
            to=serving,
            entries=run.entries,
            checks=checks,
            cost=_cost(where, run),
            deleted=(f"{gone.identifier} ({gone.resource_id})",),
            left=tuple(f"{one.kind} {one.name}: {one.why}" for one in left),
        ),
        filing,
    )


def _agreed(run: Run, gone: moved.Known) -> Iterator[Check]:
    yield moved.compared("somebody agreed by its resource id", gone.resource_id, str(run.fact("confirmed")))
    if run.calls("rds:ModifyDBInstance"):
        yield Check("instance", "its deletion protection", "noted", "off", "was on, and switched off with consent")


def _become(where: Stand, gone: moved.Known) -> Iterator[Check]:
    """That it is gone, and what holds its data still."""
    state = where.site.doors.rds.find_by_resource(gone.resource_id)
    there = f"no instance {gone.resource_id}"
    seen = there if state is None else f"{state.identifier}: {state.status}"
    yield Check("cleanup", "it is gone", "passed" if state is None else "failed", there, seen)
    name = "a last snapshot was taken of it"
    wanted = where.run.fact("snapshot")
    if wanted is None:
        yield Check("cleanup", name, "noted", "as was asked", "none: it was to go without one")
        return
    known = [one for one in where.site.doors.rds.snapshots(gone.identifier) if one.identifier == wanted]
    status = known[0].status if known else "not there"
    outcome: Outcome = "passed" if status == "available" else "failed"
    yield Check("cleanup", name, outcome, f"{wanted}: available", f"{wanted}: {status}")


def _cost(where: Stand, run: Run) -> tuple[float | None, str]:
    if where.site.is_sandbox:
        return 0.0, "the sandbox costs nothing"
    if run.fact("snapshot") is None:
        return 0.0, "nothing of it is kept by this run"
    return None, "the last snapshot is paid for by its size until it is deleted"
