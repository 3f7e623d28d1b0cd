"""An operation as a visible tuple of numbered steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from mainstay.core.clock import render_time
from mainstay.core.errors import Interrupted, MainstayError, TargetRefused
from mainstay.core.progress import Progress
from mainstay.ops.interrupts import catching_signals
from mainstay.ops.journal import Run
from mainstay.plan.values import Json

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    """A step: its name as it is shown, and what it does to the operation's state. Run twice, it is done once."""

    name: str
    action: Callable[[S], None]


def run_steps(
    steps: Sequence[Step[S]], state: S, *, run: Run, progress: Progress, resume: str, before: int = 0
) -> None:
    """Run the steps in order, each journalled. Ctrl-C ends in Interrupted, whose hint is `resume`.

    `before` is how many steps of the operation came before these.
    The operation itself calls `run.finish`, because only it knows the outcome. What stops here stays unfinished, to be
    taken up again, unless it was refused before anything was done.
    """
    total = before + len(steps)
    with catching_signals():
        for number, step in enumerate(steps, start=before + 1):
            try:
                progress.step(number, total, step.name)
                run.write("step", number=number, name=step.name)
                step.action(state)
            except KeyboardInterrupt as error:
                run.write("interrupted", number=number, name=step.name)
                raise Interrupted(
                    "stopped",
                    detail=f"Stopped in step {number} of {total}: {step.name}. Run {run.id} is in the journal.",
                    hint=resume,
                ) from error
            except MainstayError as error:
                run.write("stopped", number=number, name=step.name, reason=error.summary)
                if not run.has_acted:
                    run.finish("refused")
                raise


def step_row(number: int, name: str, at: datetime, seconds: float, outcome: str) -> dict[str, Json]:
    """A step as it stands in evidence: when it began, how long it took, and `done`, `failed` or `skipped`."""
    started_at, took = render_time(at), round(seconds, 4)
    return {"number": number, "name": name, "started_at": started_at, "seconds": took, "outcome": outcome}


def there(value: T | None, what: str) -> T:
    """What an earlier step left behind; TargetRefused, with `what` was not done, where it left nothing."""
    if value is None:
        raise TargetRefused("a step is missing", detail=what)
    return value
