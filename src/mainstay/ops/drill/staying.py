"""A restored instance that stays: what is asked of it beside a drill's own questions, and steps that only look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from mainstay.core.clock import Clock, parse_time
from mainstay.core.errors import MainstayError
from mainstay.core.progress import Progress
from mainstay.ops.aws.rds import Keeping
from mainstay.ops.drill.model import Outcome
from mainstay.ops.drill.state import Drill
from mainstay.ops.journal import Run
from mainstay.ops.restoration import Restoration
from mainstay.ops.steps import Step, step_row
from mainstay.plan.values import Json


class Staying(Protocol):
    """An operation that makes an instance to stay, and looks at it."""

    clock: Clock
    progress: Progress
    steps: list[dict[str, Json]]

    @property
    def looking(self) -> Drill:
        """The questions asked of the instance."""
        ...


S = TypeVar("S", bound=Staying)


def since_request_s(run: Run, clock: Clock) -> float:
    """Seconds since the restore was asked for, also when that was in a run that was stopped since."""
    asked = run.calls("rds:RestoreDB")
    return (clock.now() - parse_time(str(asked[0]["at"]))).total_seconds() if asked else 0.0


def staying_step(number: int, name: str, action: Callable[[S], None], *, looks: bool) -> Step[S]:
    """A step whose time and outcome are kept; what stops one that only looks is kept too, and stops nothing."""

    def timed(work: S) -> None:
        at, start, outcome = work.clock.now(), work.clock.monotonic(), "skipped"
        try:
            if not (looks and work.looking.stopped_by):
                outcome = "failed"
                if looks:
                    work.looking.began = (at, start)
                action(work)
                outcome = "done"
        except MainstayError as error:
            if not looks:
                raise
            work.looking.stop(error)
            work.progress.note(f"not verified: {error.summary}")
        finally:
            work.steps.append(step_row(number, name, at, work.clock.monotonic() - start, outcome))

    return Step(name, timed)


def compare_settings(drill: Drill, restoring: Restoration, keeping: Keeping) -> None:
    """What was asked for beside what there is."""
    state, wanted = restoring.state, restoring.placement
    if state is None or wanted is None:
        return
    rows: dict[str, tuple[object, object]] = {
        "subnet group": (wanted.subnet_group, state.subnet_group),
        "security groups": (list(wanted.security_group_ids), list(state.security_group_ids)),
        "parameter group": (wanted.parameter_group, state.parameter_group),
        "two zones": (wanted.is_multi_az, state.is_multi_az),
        "not public": (False, state.is_public),
        "protected from deletion": (keeping.is_protected, state.has_deletion_protection),
        "automated backups": (str(keeping.retention or state.retention), str(state.retention)),
    }
    for name, (expected, observed) in rows.items():
        outcome: Outcome = "passed" if expected == observed else "open"
        drill.note_check("instance", name, outcome, _shown(expected), _shown(observed))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def tell_objectives(drill: Drill) -> None:
    """The promises beside what was measured. They are told, not judged: the database is needed whether or not."""
    rto, rpo, measured = drill.request.rto, drill.request.rpo, drill.reached_s.get("t_data_verified")
    if rto is not None and measured is not None:
        drill.note_check("objective", "recovery time", "noted", f"at most {rto}", f"{measured:.1f} s")
    if rpo is not None and drill.exposure_s is not None:
        drill.note_check("objective", "recovery point", "noted", f"at most {rpo}", f"{drill.exposure_s:.1f} s")
