"""Waiting for a database instance: until it is available, has taken a change, or is gone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from mainstay.core.clock import Clock
from mainstay.core.errors import Busy, Inconclusive, NotFound, TargetRefused
from mainstay.core.progress import Progress
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.journal import Run
from mainstay.ops.site import Site
from mainstay.ops.wait import wait_for

# From these an instance does not become available by itself (RDS User Guide, accessing-monitoring, DB instance
# status, not re-read but for incompatible-restore, 2026-11-20).
DEAD: Final = frozenset(
    {
        "failed",
        "incompatible-restore",
        "incompatible-parameters",
        "incompatible-network",
        "incompatible-option-group",
        "incompatible-credentials",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "insufficient-capacity",
        "restore-error",
        "storage-full",
        "stopped",
        "deleting",
    }
)
# RDS throttles per account, so a restore that takes hours is not asked about more often than this.
_PACE_S: Final = 30.0
# Just after creation RDS may answer that there is no such instance.
APPEARS_WITHIN_S: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    state: DbState | None
    at_s: float


def wait_available(
    site: Site, identifier: str, *, deadline_s: float, progress: Progress, clock: Clock, settled: bool = False
) -> DbState:
    """The instance once two looks in a row found it available; with `settled` also without pending changes.

    TargetRefused when it failed or never appeared, Inconclusive at the deadline.
    """
    start = clock.monotonic()

    def look() -> _Look:
        return _Look(state=site.doors.rds.find_instance(identifier), at_s=clock.monotonic() - start)

    def done(seen: _Look) -> bool:
        return seen.state is not None and seen.state.is_available and not (settled and seen.state.pending)

    def message(seen: _Look) -> str:
        status = seen.state.status if seen.state else "not visible yet"
        pending = ", ".join(seen.state.pending) if seen.state and seen.state.is_available else ""
        return f"{identifier} is {status}" + (f", pending: {pending}" if pending else "")

    def failed(seen: _Look) -> str | None:
        if seen.state is None:
            late = seen.at_s > APPEARS_WITHIN_S
            return f"{identifier} has not appeared in {APPEARS_WITHIN_S:.0f} s" if late else None
        return _why_dead(site, seen.state, clock) if seen.state.status in DEAD else None

    seen = wait_for(
        look,
        done,
        message=message,
        deadline_s=deadline_s,
        pace_s=site.pace(_PACE_S),
        progress=progress,
        clock=clock,
        failed=failed,
        holds=2,
    )
    if seen.state is None:  # `done` has seen one: this only tells the type checker
        raise NotFound("not found", detail=identifier)
    return seen.state


def change_instance(
    site: Site,
    run: Run,
    identifier: str,
    what: str,
    change: Callable[[], DbState],
    *,
    deadline_s: float,
    progress: Progress,
    clock: Clock,
) -> DbState:
    """Ask for a change (`what`, in words), each time journalled, and wait until it is in force.

    While RDS is busy with the instance, as with what a run that was killed had asked for, it is asked again.
    TargetRefused when the instance failed, Inconclusive at the deadline.
    """

    def ask() -> DbState:
        try:
            with run.acting("rds:ModifyDBInstance", target=identifier, change=what):
                return change()
        except Busy:
            state = site.doors.rds.find_instance(identifier)
            if state is not None and state.status in DEAD:
                raise TargetRefused("it failed while it was waited for", detail=_why_dead(site, state, clock)) from None
            raise

    wait_for(
        ask,
        lambda _: True,
        message=f"{identifier} takes its {what}",
        deadline_s=deadline_s,
        pace_s=site.pace(_PACE_S),
        progress=progress,
        clock=clock,
    )
    return wait_available(site, identifier, deadline_s=deadline_s, progress=progress, clock=clock, settled=True)


def find_made(
    site: Site,
    identifier: str,
    *,
    is_whole: Callable[[DbState | None], bool],
    within_s: float,
    progress: Progress,
    clock: Clock,
) -> DbState | None:
    """An instance that we made, looked at until it `is_whole`, at most so long: RDS shows a new one late, and its tags
    later still. Whatever is there after that; the sandbox shows all at once.
    """

    def look() -> DbState | None:
        return site.doors.rds.find_instance(identifier)

    if site.is_sandbox or within_s <= 0:
        return look()
    with suppress(Inconclusive):
        return wait_for(
            look,
            is_whole,
            message=f"{identifier} is not visible with its tags yet",
            deadline_s=within_s,
            pace_s=site.pace(_PACE_S),
            progress=progress,
            clock=clock,
        )
    return look()


def wait_gone(site: Site, identifier: str, *, deadline_s: float, progress: Progress, clock: Clock) -> None:
    """Until there is no instance of that name; Inconclusive at the deadline."""
    wait_for(
        lambda: site.doors.rds.find_instance(identifier),
        lambda state: state is None,
        message=lambda state: f"{identifier} is {state.status if state else 'gone'}",
        deadline_s=deadline_s,
        pace_s=site.pace(_PACE_S),
        progress=progress,
        clock=clock,
    )


def _why_dead(site: Site, state: DbState, clock: Clock) -> str:
    events = site.doors.rds.events(state.identifier, clock.now() - timedelta(days=1))[-1:]
    last = f" RDS says: {events[0].message}" if events else ""
    return f"{state.identifier} is {state.status} and will not become available by itself.{last}"
