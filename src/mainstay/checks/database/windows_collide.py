"""DB001: a backup window that meets the maintenance window, or a window shorter than RDS takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import database, plan_of
from mainstay.checks.free_windows import free_maintenance
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal, misread
from mainstay.core.findings import Harm, Severity
from mainstay.core.windows import DAY, DailyWindow, WeeklyWindow, overlap_minutes
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance


def _bad() -> Plan:
    """Backups daily 04:30-05:30, maintenance sun:05:00-sun:06:00"""
    return plan_of(
        database(
            backup_window=DailyWindow.parse("04:30-05:30"), maintenance_window=WeeklyWindow.parse("sun:05:00-sun:06:00")
        )
    )


def _good() -> Plan:
    """Windows that only touch: backups until 05:00, maintenance from 05:00"""
    return plan_of(
        database(
            backup_window=DailyWindow.parse("04:30-05:00"), maintenance_window=WeeklyWindow.parse("sun:05:00-sun:05:30")
        )
    )


@rule(
    id="DB001",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="windows that RDS refuses",
    source="botocore RDS model and RDS User Guide, USER_WorkingWithAutomatedBackups (2026-11-20)",
    applies_to=(DbInstance,),
    field="maintenance_window",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """RDS refuses the instance with `The backup window and maintenance window must not overlap.`, or because a
    window is under 30 minutes; the stack rolls back. Backups recur daily, so they meet the weekly window too.
    """
    backup, maintenance = literal(db.backup_window, DailyWindow), literal(db.maintenance_window, WeeklyWindow)
    least = load("limits").data["windows"]["least_minutes"]
    yield from _unreadable(db)
    for name, window in (("backup", backup), ("maintenance", maintenance)):
        if window is not None and window.minutes < least:
            yield Fault(
                db,
                f"The {name} window {window} is open for {window.minutes} minutes; RDS wants at least {least}.",
                f"make the {name} window {least} minutes or longer",
                field=f"{name}_window",
            )
    if maintenance is not None and maintenance.minutes >= DAY:
        # How RDS words this is not known; moto refuses it as well (2026-11-20).
        yield Fault(
            db,
            f"The maintenance window {maintenance} is open for {maintenance.minutes // 60} hours; RDS wants under 24.",
            "choose an hour of the week in which an outage hurts least",
            Severity.WARNING,
        )
    if backup and maintenance and (shared := overlap_minutes(backup, maintenance)):
        yield Fault(
            db,
            f"The daily backup window {backup} and the maintenance window {maintenance} are both open for {shared}"
            f" minutes of every week (UTC).",
            f"move one of them, so that backups end by {str(maintenance)[4:9]} or begin after the maintenance",
            mend=(replace(db, maintenance_window=free),) if (free := free_maintenance(db, maintenance, scene)) else (),
        )


def _unreadable(db: DbInstance) -> Iterator[Fault]:
    for name, value, form in (
        ("backup", db.backup_window, "03:00-04:00"),
        ("maintenance", db.maintenance_window, "sun:04:30-sun:05:30"),
    ):
        if text := misread(value):
            yield Fault(
                db, f"'{text}' is no {name} window.", f"write it in UTC, in this form: {form}", field=f"{name}_window"
            )
