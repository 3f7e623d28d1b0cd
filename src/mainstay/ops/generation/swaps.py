"""Swaps as the journal knows them."""

from __future__ import annotations

from collections.abc import Callable

from mainstay.core.errors import NotFound
from mainstay.ops.generation.run import OPERATION
from mainstay.ops.journal import Journal, Run


def find_swap(
    journal: Journal,
    stack: str,
    run_id: str | None,
    is_wanted: Callable[[Run], bool],
    *,
    nothing: str,
    which: str,
    hint: str,
) -> Run:
    """The run of a stack's swap that is named, or the newest one that is wanted.

    NotFound with the summary `nothing` when there is no swap `which` would do.
    """
    for run in reversed(journal.runs()):
        if run_id in (None, run.id) and (run.operation, run.subject) == (OPERATION, stack) and is_wanted(run):
            return run
    named = f"run {run_id}" if run_id else "a run"
    raise NotFound(
        nothing,
        detail=f"The journal in {journal.directory} knows of {named} of stack {stack} no swap {which}.",
        hint=hint,
    )
