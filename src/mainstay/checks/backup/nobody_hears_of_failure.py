"""BK038: a plan whose failures go nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
    vault,
)
from mainstay.checks.backup.reach import reached, rules_of
from mainstay.checks.patterns import hears_of_backups, is_unseen
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    Alarm,
    BackupPlan,
    BackupVault,
    EventRule,
    Opaque,
    VaultNotifications,
)
from mainstay.plan.values import (
    Ref,
)

_ENDS = ("BACKUP_JOB_COMPLETED", "BACKUP_JOB_FAILED", "BACKUP_JOB_EXPIRED")


def _bad() -> Plan:
    """A vault without notifications, no alarm and no rule"""
    return backed_up(Vault=vault(notifications=None))


def _good() -> Plan:
    """A vault that tells of jobs that failed"""
    return backed_up(Vault=vault(notifications=VaultNotifications(topic=Ref("Topic"), events=("BACKUP_JOB_FAILED",))))


@rule(
    id="BK038",
    severity=Severity.WARNING,
    harm=Harm.BLIND,
    summary="nobody hears of a backup that failed",
    source="AWS Backup Developer Guide, backup-notifications, eventbridge and cloudwatch (2026-11-20)",
    applies_to=(BackupPlan,),
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """A job that fails, expires or never starts changes a line in a console. Without a notification of the vault, an
    EventBridge rule or an alarm on AWS/Backup the first who notices is the one who needs the backup.
    """
    vaults = [scene.region.resolve(each.vault, BackupVault) for each in rules_of(plan)]
    if not scene.is_production or not reached(plan, scene) or not vaults or None in vaults:
        return
    tells = any(_tells(vault) for vault in scene.region.of(BackupVault))
    hears = any(hears_of_backups(one) or is_unseen(one) for one in scene.region.of(EventRule))
    watches = any(literal(one.namespace, str) in ("AWS/Backup", None) for one in scene.region.of(Alarm))
    # The provider's block of its own, where it could not be joined to its vault.
    elsewhere = any(literal(one.type, str) == "aws_backup_vault_notifications" for one in scene.region.of(Opaque))
    if not (tells or hears or watches or elsewhere):
        yield Fault(
            plan,
            f"Nothing here tells anybody when a job of {plan.key} fails.",
            "let the vault notify a topic of BACKUP_JOB_COMPLETED, which comes with every end of a job, or put an alarm"
            " on NumberOfBackupJobsFailed",
        )


def _tells(vault: BackupVault) -> bool:
    """Whether a vault tells a topic of jobs that went wrong, or of what cannot be seen."""
    told: object = vault.notifications
    if not isinstance(told, VaultNotifications):
        return told is not None or hides(vault, "notif")
    return any(not isinstance(one, str) or one in _ENDS for one in told.events)
