"""Runs that never came to an end, as somebody is told of them who looks at a stack: what, how far, and what goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mainstay.core.clock import render_time
from mainstay.ops.journal import Journal, Run

# How a subject names another region than the first one's, and by which option a command does, by operation.
_PLACES: Final[Mapping[str, str]] = {"drill": " in ", "failover": " into "}
_OPTIONS: Final[Mapping[str, str]] = {"drill": "--from-region", "failover": "--to-region"}


def unfinished(journal: Journal, stack: str, region: str, *, is_first: bool) -> dict[str, str]:
    """The runs of a stack that are open, by id, in words.

    The first region tells of all of them, since it is where one looks; another of those that work there, and of those
    of the stack itself.
    """
    runs = journal.runs()
    names = {run.id for run in runs if stack in (run.subject, run.fact("stack"))}
    found = {}
    for run in runs:
        place = _place(run)
        is_here = is_first or place == region or run.subject == stack
        if not run.is_finished and is_here and (run.id in names or run.subject in names):
            found[run.id] = _told(run, place)
    return found


def _place(run: Run) -> str:
    """The region that a run works in; empty for the first one's."""
    word = _PLACES.get(run.operation)
    return run.subject.partition(word)[2] if word else ""


def _told(run: Run, place: str) -> str:
    where = f" in {place}" if place else ""
    option = _OPTIONS.get(run.operation, "")
    command = f"mainstay {run.operation}" if run.operation in _PLACES else "the same command"
    onwards = f"{command}{f' {option} {place}' if place else ''} goes on with it"
    heard = f"last heard of at {render_time(run.heard_at())[:19]}Z"
    return f"{run.operation}{where}: {run.fact('name') or 'begun'}, {heard}; {onwards}"
