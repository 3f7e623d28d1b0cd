"""What a reconciliation asks of the journal, what its steps know of each other, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from mainstay.core.clock import Clock
from mainstay.core.errors import NotFound
from mainstay.core.progress import Progress
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.aws.stack_states import Drift
from mainstay.ops.generation import moves
from mainstay.ops.generation.carrying import Carrier
from mainstay.ops.generation.forms import Forms
from mainstay.ops.generation.run import OPERATION
from mainstay.ops.generation.swaps import find_swap
from mainstay.ops.journal import Journal, Run
from mainstay.ops.site import Site
from mainstay.ops.steps import there

RECONCILE: Final = "reconcile"
_BEFORE: Final = "stack-before.json"
TAKING_OUT: Final = 2
"""Which of the forms takes the other generation out of the stack."""
IMPORTING: Final = 3
"""Which one imports the one that serves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What the stack's database is now, and how far it is as the template says.

    `was_imported` is False where nothing was to be done. `differences` are paths with what the template says and what
    there is; `pending` are logical ids that an update to the same template would still change; `remaining` is left to
    people. `evidence_file` is empty where nothing was changed.
    """

    site: str
    run_id: str
    stack: str
    key: str
    identifier: str
    resource_id: str
    was_imported: bool
    drift: str
    differences: tuple[tuple[str, str, str], ...]
    pending: tuple[str, ...]
    remaining: tuple[str, ...]
    evidence_file: str = ""

    @property
    def exit_code(self) -> int:
        """0 when the stack holds it as its template says; 1 when something differs."""
        return 0 if self.drift == "IN_SYNC" and not self.pending else 1

    def as_json(self) -> dict[str, object]:
        """The result as a JSON document."""
        names = ("path", "expected", "actual")
        told = [dict(zip(names, each, strict=True)) for each in self.differences]
        lists = {"pending": list(self.pending), "remaining": list(self.remaining)}
        return {**asdict(self), **lists, "differences": told}


@dataclass(slots=True, kw_only=True)
class Reconciling:
    """What the steps know of each other; what a later run has to know too is in the journal, or beside it."""

    site: Site
    stack: str
    key: str
    secret: str
    planned: str
    confirm: str | None
    swapped: Run
    run: Run
    journal: Journal
    workspace: Path
    progress: Progress
    clock: Clock
    serving: DbState | None = None
    forms: Forms | None = None
    is_in_step: bool = False
    drift: Drift | None = None
    pending: tuple[str, ...] = ()
    carrier: Carrier = field(init=False)

    def __post_init__(self) -> None:
        """The carrier works on this stack and writes to this run."""
        self.carrier = Carrier(self.site, self.stack, self.run, self.progress, self.clock)

    @property
    def new(self) -> DbState:
        """The generation that clients reach."""
        return there(self.serving, "the generations were not looked at")

    @property
    def before(self) -> Path:
        """The stack's template as it was."""
        return before_of(self.workspace, self.run)


def before_of(workspace: Path, run: Run) -> Path:
    """Where a run keeps the template of the stack as it was."""
    return workspace / RECONCILE / run.id / _BEFORE


def literals_in(run: Run) -> dict[str, dict[str, str]]:
    """The values that were read when it was agreed to, by logical id and attribute."""
    known = run.fact("literals")
    held = known.items() if isinstance(known, Mapping) else ()
    return {key: {name: str(value) for name, value in each.items()} for key, each in held if isinstance(each, Mapping)}


def listed(run: Run, name: str) -> tuple[str, ...]:
    """The names that a run wrote down under this one."""
    known = run.fact(name)
    return tuple(str(one) for one in known) if isinstance(known, list) else ()


def reconcilable(journal: Journal, stack: str, run_id: str | None) -> Run:
    """The swap that is named, or the newest one; undone ones too."""
    return find_swap(
        journal,
        stack,
        run_id,
        lambda run: bool(run.fact("swapped")),
        nothing="no swap to reconcile",
        which="that came to its end",
        hint="a swap says the id of its run; one that was stopped half way goes on by the same command",
    )


def serving(swapped: Run) -> str:
    """The resource id of the generation that clients reach after a swap, or after its undoing."""
    return moves.old_resource(swapped) if swapped.fact("undone") else moves.new_resource(swapped)


def not_serving(swapped: Run) -> str:
    """The resource id of the other one."""
    return moves.new_resource(swapped) if swapped.fact("undone") else moves.old_resource(swapped)


def serving_after(site: Site, journal: Journal, stack: str, run_id: str | None) -> DbState:
    """The generation that clients reach after a swap, the newest one without `run_id`, or after its undoing."""
    found = site.doors.rds.find_by_resource(serving(reconcilable(journal, stack, run_id)))
    if found is None:
        raise NotFound("the generation is gone", detail=f"stack {stack}", hint="see: mainstay status")
    return found


def believed(journal: Journal, stack: str) -> str:
    """The DbiResourceId of the generation that the stack's attributes were last read of."""
    runs = journal.runs()
    done = [run for run in runs if run.operation == RECONCILE and run.subject == stack and run.fact("reconciled")]
    if done:
        return str(done[-1].fact("reconciled"))
    first = next(
        (run for run in runs if (run.operation, run.subject) == (OPERATION, stack) and run.fact("swapped")), None
    )
    return moves.old_resource(first) if first else ""
