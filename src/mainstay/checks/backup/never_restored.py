"""BK036: a backup that nobody ever restored, or a restore that nobody looked at."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
    restore_test,
)
from mainstay.checks.backup.reach import reached
from mainstay.checks.patterns import is_unseen, jobs_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    EventRule,
    Resource,
    RestoreTestingPlan,
    RestoreTestingSelection,
)


def _bad() -> Plan:
    """A test whose copy is deleted as soon as it is there"""
    return backed_up(TestedDatabase=restore_test(validation_window=Duration(0)))


def _good() -> Plan:
    """A test whose copy stays for an hour, and an event that somebody answers"""
    return backed_up(TestedDatabase=restore_test(validation_window=Duration.minutes(60)))


@rule(
    id="BK036",
    severity=Severity.WARNING,
    harm=Harm.UNPROTECTED,
    summary="backups that nobody looks into",
    source="AWS Backup Developer Guide, restore-testing and restore-testing-validation (2026-11-20)",
    applies_to=(
        BackupPlan,
        RestoreTestingSelection,
    ),
    bad=_bad,
    good=_good,
)
def faults(one: Resource, scene: Scene) -> Iterator[Fault]:
    """A recovery point proves that a job ended, not that there is a database in it. What nobody restores, and looks
    into, is hope: the wrong key, the empty database and the missing rights come to light on the day they are needed.
    """
    if isinstance(one, BackupPlan):
        tested = any(True for region in scene.plan.regions for _ in region.of(RestoreTestingPlan))
        databases = [db.key for db in reached(one, scene)]
        if databases and scene.is_production and not tested and scene.plan.intent.drill.every is None:
            yield Fault(
                one,
                f"Nothing here restores what {one.key} makes of {', '.join(databases)}.",
                "add a restore testing plan (protection.backup_plan.restore_test), or drill restores (drill.every)",
                Severity.INFO,
            )
        return
    window = literal(getattr(one, "validation_window", None), Duration)
    if window == 0:
        yield Fault(
            one,
            f"{one.key} deletes each copy as soon as it is restored (ValidationWindowHours 0).",
            "set ValidationWindowHours to 1 or more, and let a function look into the copy",
        )
    elif window is not None and not any(
        "Restore Job" in jobs_of(rule) or is_unseen(rule) for rule in scene.region.of(EventRule)
    ):
        yield Fault(
            one,
            f"{one.key} keeps each copy for {window}, and nothing here waits for the event of its restore.",
            "add an EventBridge rule on Restore Job State Change, status COMPLETED, whose target looks into the copy"
            " and calls PutRestoreValidationResult",
            Severity.INFO,
        )
