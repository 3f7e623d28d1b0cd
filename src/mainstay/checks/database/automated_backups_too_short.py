"""DB003: automated backups that are off, or kept for less time than it takes to notice a mistake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance


def _bad() -> Plan:
    """A retention of 0 days"""
    return plan_of(database(backup_retention=Duration(0)))


def _good() -> Plan:
    """7 days in production"""
    return plan_of(database(backup_retention=Duration.days(7)))


@rule(
    id="DB003",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="automated backups are off or kept too short",
    source="botocore RDS model, BackupRetentionPeriod; Security Hub RDS.11 (2026-11-20)",
    applies_to=(DbInstance,),
    field="backup_retention",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """With a retention of 0 there are no automated backups and no point-in-time recovery, and those that existed are
    deleted. A template that says nothing gets 1 day: a table dropped on Friday is gone on Monday.
    """
    if not scene.stands_alone(db) or (db.backup_retention is None and db.snapshot is not None):
        return
    days_known = load("retention").data["automated_backup_days"]
    written = literal(db.backup_retention, Duration)
    if db.backup_retention is not None and written is None:
        return
    days = days_known["default"] if written is None else written // Duration.days(1)
    least = days_known["security_hub_least"] if scene.is_production else 1
    if days >= least:
        return
    said = "says nothing of retention, so AWS keeps 1 day" if written is None else f"keeps {days} days"
    yield Fault(
        db,
        f"{db.key} {said}; {scene.plan.intent.profile} wants at least {least}."
        + (" There is no point in time to which it can be restored." if days == 0 else "")
        + (" Its standby is no backup: it repeats every DROP TABLE." if db.is_multi_az is True else ""),
        f"set the backup retention to {least} days or more (35 at most)",
        None if days == 0 or written is None else Severity.WARNING,
        mend=(replace(db, backup_retention=Duration.days(least)),),
    )
