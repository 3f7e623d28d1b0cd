"""A drill in a process of its own, killed as it begins a step: the next drill has to take it up, and to prove."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Final

import psutil

import mainstay
from mainstay.api._self_test.ground import Ground
from mainstay.core.errors import TargetRefused
from mainstay.engines.process import spawn_detached
from mainstay.ops.drill import STEPS
from mainstay.ops.drill.restoring import RESTORES
from mainstay.ops.journal import Entry, Run

_CHILD: Final = "mainstay.api._self_test.child"
_PATIENCE_S: Final = 180.0
_POLL_S: Final = 0.005
_FIRST: Final = "Restore into a new instance"
# What the servers' programs are found by, and what measures a test: a child has to know both.
_PASSED_ON: Final = ("MAINSTAY_ENGINE_USER", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")


def steps_to_die_in() -> tuple[str, ...]:
    """Every step from the one that creates something on."""
    names = [step.name for step in STEPS]
    return tuple(names[names.index(_FIRST) :])


def die_in(ground: Ground, step: str) -> Run:
    """Run a drill to the beginning of a step, and no further: its run."""
    known = {run.id for run in ground.journal.runs()}
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment["PYTHONPATH"] = str(Path(mainstay.__file__).parent.parent)
    log = ground.workspace / "killed.log"
    proof = spawn_detached(
        [sys.executable, "-m", _CHILD, str(ground.directory), str(ground.workspace)],
        env=environment,
        log_path=log,
        cwd=ground.workspace,
    )
    child = psutil.Process(proof.pid)
    deadline = time.monotonic() + _PATIENCE_S
    try:
        while (dying := _begun(ground, step, known)) is None:
            if time.monotonic() > deadline or not child.is_running() or child.status() == psutil.STATUS_ZOMBIE:
                raise TargetRefused(
                    "the drill to be killed did not get there",
                    detail=f"It never began '{step}'; {log} says: {log.read_text(errors='replace')[-400:]}",
                )
            time.sleep(_POLL_S)
    finally:
        child.kill()
        child.wait(_PATIENCE_S)
    return dying


def why_not_taken_up(ground: Ground, killed: Run) -> str:
    """What is wrong with how a killed run ended; empty when it was gone on with, on one copy."""
    run = ground.journal.run(killed.id)
    restores = len(run.calls(RESTORES))
    if not run.is_finished or run.fact("outcome") == "reaped":
        return f"run {run.id} was not taken up"
    return "" if restores == 1 else f"run {run.id} asked for {restores} restores"


def _begun(ground: Ground, step: str, known: set[str]) -> Run | None:
    """A new run that has begun a step."""
    runs = (run for run in ground.journal.runs() if run.id not in known)
    return next((run for run in runs if ("step", step) in map(_what, run.entries)), None)


def _what(entry: Entry) -> tuple[object, object]:
    return entry.get("event"), entry.get("name")
