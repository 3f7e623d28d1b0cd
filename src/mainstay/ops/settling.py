"""What a restored instance that stays is given once it is there: a password, and what a restore has no member for."""

from __future__ import annotations

from collections.abc import Callable

from mainstay.ops.aws.rds import Keeping
from mainstay.ops.aws.rds_states import DbState, Monitoring
from mainstay.ops.instances import change_instance
from mainstay.ops.restoration import Restoration, secret_name
from mainstay.ops.restore import give_password


def give_password_once(work: Restoration) -> None:
    """Once: whoever has read it from the secret while we were stopped keeps it."""
    if work.run.fact("password"):
        work.login = work.site.doors.secrets.read_login(secret_name(work.target))
        work.secret_arn = work.login.secret_arn
        return
    give_password(work)
    work.run.write("password given", password=work.secret_arn)


def set_the_rest(work: Restoration, keeping: Keeping, monitoring: Monitoring | None = None) -> None:
    """What RestoreDBInstance... has no member for, once the instance is there (RDS API Reference, 2026-11-21)."""
    rds, window = work.site.doors.rds, keeping.maintenance_window
    if window is not None:
        _once(work, "kept", "maintenance window", window, lambda: rds.set_maintenance_window(work.target, window))
    if monitoring is not None and monitoring != Monitoring():
        every = f"every {monitoring.interval_s} s"
        _once(work, "watched", "monitoring", every, lambda: rds.set_monitoring(work.target, monitoring))


def _once(work: Restoration, fact: str, what: str, value: str, change: Callable[[], DbState]) -> None:
    if work.run.fact(fact):
        return
    work.state = change_instance(
        work.site,
        work.run,
        work.target,
        what,
        change,
        deadline_s=work.deadline_s,
        progress=work.progress,
        clock=work.clock,
    )
    work.run.write(fact, **{fact: value})
