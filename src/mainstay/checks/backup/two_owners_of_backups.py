"""BK013: a setting of automated backups that AWS Backup owns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.backup.examples import (
    backed_up,
    tier,
)
from mainstay.checks.backup.reach import plans_reaching, rules_of, title
from mainstay.checks.examples import database
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, is_shown, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.core.windows import DailyWindow
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    DbInstance,
)

_MOST_DAYS = 35  # of automated backups; BK011 says what is wrong with a rule that keeps more


def _bad() -> Plan:
    """Continuous for 35 days, BackupRetentionPeriod 7"""
    return backed_up(tier(is_continuous=True), Database=database(backup_window=None, backup_retention=Duration.days(7)))


def _good() -> Plan:
    """Continuous for 35 days, BackupRetentionPeriod 35, no PreferredBackupWindow"""
    return backed_up(
        tier(is_continuous=True), Database=database(backup_window=None, backup_retention=Duration.days(35))
    )


@rule(
    id="BK013",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="two owners of the automated backups",
    conflicts=("continuous-window", "continuous-retention"),
    applies_to=(DbInstance,),
    field="backup_window",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """The first deployment succeeds. From then on every update that says something else fails with `You can leave
    BackupRetentionPeriod blank, or you can specify it only with the current value`.
    """
    owners = [each for plan in plans_reaching(db, scene) for each in rules_of(plan) if each.is_continuous is True]
    # A state that Terraform shows has the window that AWS Backup chose itself.
    if owners and isinstance(db.backup_window, DailyWindow) and not is_shown(db):
        yield Fault(
            db,
            f"{db.key} has PreferredBackupWindow {db.backup_window}, and {title(owners[0])} backs it up continuously.",
            "remove PreferredBackupWindow: AWS Backup chooses it",
            mend=(replace(db, backup_window=None),),
        )
    kept = literal(db.backup_retention, Duration)
    days = [found for each in owners if (found := literal(each.delete_after, Duration)) is not None]
    if kept is not None and days and kept not in days:
        yield Fault(
            db,
            f"{db.key} keeps automated backups for {kept}, and {title(owners[0])} for {max(days)}.",
            f"set BackupRetentionPeriod to {max(days) // Duration.days(1)}, or leave it out",
            mend=(replace(db, backup_retention=max(days)),) if max(days) <= Duration.days(_MOST_DAYS) else (),
        )
