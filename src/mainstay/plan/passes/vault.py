"""The vault of recovery points, in either region: who may not delete from it, who may copy into it, whom it tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.core.units import Duration
from mainstay.plan.passes.draft import kept_on_delete, kept_on_replace, tags
from mainstay.plan.passes.logical import ALERTS_TOPIC, ALERTS_TOPIC_POLICY, BACKUP_KEY, BACKUP_VAULT
from mainstay.plan.policies import ANYBODY, Policy, Principal, Statement
from mainstay.plan.resources import BackupVault, VaultLock, VaultNotifications
from mainstay.plan.values import PARTITION, Ref, Value, arn, join
from mainstay.spec import Spec
from mainstay.spec.backup_plan import Lock

# COMPLETED comes with every state that a job can end in (AWS Backup Developer Guide, backup-notifications, 2026-11-20).
EVENTS: Final = (
    "BACKUP_JOB_COMPLETED",
    "COPY_JOB_FAILED",
    "RESTORE_JOB_COMPLETED",
    "RECOVERY_POINT_MODIFIED",
    "CONTINUOUS_BACKUP_INTERRUPTED",
)
COPY_EVENTS: Final = ("COPY_JOB_SUCCESSFUL", "COPY_JOB_FAILED", "RESTORE_JOB_COMPLETED", "RECOVERY_POINT_MODIFIED")
"""What a vault tells that only takes copies."""


def vault_name(spec: Spec) -> str:
    """Its name: the same in every region, in which names count by themselves."""
    return f"{spec.identifier}-backups"


def vault_arn(spec: Spec, region: str) -> Value[str]:
    """The ARN of the vault in that region, of the same account."""
    return arn("backup", f"backup-vault:{vault_name(spec)}", region=region)


def vault(spec: Spec, path: str, *, lock: Lock | None, admits: tuple[str, ...], events: tuple[str, ...]) -> BackupVault:
    """A vault with the key beside it, locked and opened as written at that path."""
    statements = (*_nobody_deletes(spec), *_copies_come_in(admits))
    return BackupVault(
        key=BACKUP_VAULT,
        name=vault_name(spec),
        key_id=Ref(BACKUP_KEY),
        access_policy=Policy(statements) if statements else None,
        lock=_lock(lock) if lock else None,
        notifications=VaultNotifications(topic=Ref(ALERTS_TOPIC), events=events),
        depends_on=(Ref(ALERTS_TOPIC_POLICY),),
        on_delete=kept_on_delete(spec),
        on_replace=kept_on_replace(spec),
        tags=tags(spec),
        origin=spec.origin_of(path),
    )


def _nobody_deletes(spec: Spec) -> Iterator[Statement]:
    if spec.protection.on_delete != "destroy":
        yield Statement(
            sid="NobodyDeletes",
            effect="Deny",
            principals=(ANYBODY,),
            actions=("backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"),
            resources=("*",),
        )


def _copies_come_in(accounts: tuple[str, ...]) -> Iterator[Statement]:
    if accounts:
        principals = tuple(Principal("AWS", join("arn:", PARTITION, f":iam::{one}:root")) for one in accounts)
        yield Statement(
            sid="CopiesComeIn", principals=principals, actions=("backup:CopyIntoBackupVault",), resources=("*",)
        )


def _lock(lock: Lock) -> VaultLock:
    return VaultLock(
        min_retention=Duration(lock.least),
        max_retention=Duration(lock.most) if lock.most else None,
        changeable_for=Duration(lock.compliance.after) if lock.compliance else None,
    )
