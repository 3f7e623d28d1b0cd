"""DB002: a retention of automated backups that RDS does not take."""

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
from mainstay.plan.resources import BackupPlan, BackupSelection, DbInstance


def _bad() -> Plan:
    """36 days"""
    return plan_of(database(backup_retention=Duration.days(36)))


def _good() -> Plan:
    """35 days, the most there is"""
    return plan_of(database(backup_retention=Duration.days(35)))


@rule(
    id="DB002",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="RDS refuses the retention",
    source="botocore RDS model, CreateDBInstance.BackupRetentionPeriod (2026-11-20)",
    applies_to=(DbInstance,),
    field="backup_retention",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """Automated backups are kept 0 to 35 days; for more, a template wants a tier of AWS Backup or exported snapshots.
    Continuous backups of AWS Backup are made of the automated ones, so they cannot be off.
    """
    kept = literal(db.backup_retention, Duration)
    if kept is None:
        return
    days, bounds = kept // Duration.days(1), load("retention").data["automated_backup_days"]
    if not bounds["least"] <= days <= bounds["most"]:
        yield Fault(
            db,
            f"{db.key} keeps automated backups for {days} days; RDS takes {bounds['least']} to {bounds['most']}.",
            f"write {bounds['most']} or less, and keep what is older by a plan of AWS Backup",
            mend=(replace(db, backup_retention=Duration.days(bounds["most"])),) if days > bounds["most"] else (),
        )
    for plan in _continuous(db, scene) if days == 0 else ():
        yield Fault(
            db,
            f"{plan.key} backs {db.key} up continuously, but its automated backups are off (0 days).",
            "set the backup retention to the days that the continuous rule keeps",
        )


def _continuous(db: DbInstance, scene: Scene) -> Iterator[BackupPlan]:
    for selection in scene.region.of(BackupSelection):
        plan = scene.region.resolve(selection.plan, BackupPlan)
        chosen = any(scene.region.resolve(link, DbInstance) is db for link in selection.resources)
        if plan is not None and chosen and any(getattr(each, "is_continuous", None) is True for each in plan.rules):
            yield plan
