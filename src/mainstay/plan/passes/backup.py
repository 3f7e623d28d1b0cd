"""AWS Backup: a vault with a key of its own, a plan of tiers, and a role that reaches this database only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.core.schedules import Cron
from mainstay.core.units import Duration
from mainstay.plan.passes.backup_times import CONTINUOUS, start_times
from mainstay.plan.passes.draft import Draft, kept_on_delete, kept_on_replace, refusal, tags
from mainstay.plan.passes.keys import key
from mainstay.plan.passes.logical import (
    ALERTS_TOPIC,
    ALERTS_TOPIC_POLICY,
    BACKUP_KEY,
    BACKUP_PLAN,
    BACKUP_VAULT,
    DATABASE,
    DATABASE_KEY,
)
from mainstay.plan.passes.roles import trust, using_keys
from mainstay.plan.policies import ANYBODY, InlinePolicy, Policy, Principal, Statement
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    BackupSelection,
    BackupVault,
    CopyAction,
    Role,
    VaultLock,
    VaultNotifications,
)
from mainstay.plan.values import PARTITION, Attr, Ref, Value, arn, join
from mainstay.spec import Spec, backup_plan

_ROLE: Final = "BackupRole"
_PATH: Final = "protection.backup_plan"
# COMPLETED comes with every state that a job can end in (AWS Backup Developer Guide, backup-notifications, 2026-11-20).
_EVENTS: Final = (
    "BACKUP_JOB_COMPLETED",
    "COPY_JOB_FAILED",
    "RESTORE_JOB_COMPLETED",
    "RECOVERY_POINT_MODIFIED",
    "CONTINUOUS_BACKUP_INTERRUPTED",
)
_SNAPSHOTS: Final = "snapshot:awsbackup:*"


def build_backup(spec: Spec, draft: Draft) -> Draft:
    """The draft with vault, plan, selection and role; InputRefused says which times collide."""
    plan = spec.protection.backup_plan
    if plan is None:
        return draft
    schedules, faults = start_times(spec, plan)
    if faults:
        raise refusal(faults)
    return draft.adding(
        *key(spec, BACKUP_KEY, "backups", "Recovery points of AWS Backup", _PATH),
        _vault(spec, plan),
        _plan(spec, plan, schedules),
        BackupSelection(
            key="BackupSelection",
            plan=Ref(BACKUP_PLAN),
            name=spec.identifier,
            role=Ref(_ROLE),
            # By ARN: a selection without resources would take everything, one by tag whatever wears it.
            resources=(Ref(DATABASE),),
            origin=spec.origin_of(_PATH),
        ),
        _role(spec, plan),
    )


def _vault(spec: Spec, plan: backup_plan.BackupPlan) -> BackupVault:
    return BackupVault(
        key=BACKUP_VAULT,
        name=f"{spec.identifier}-backups",
        key_id=Ref(BACKUP_KEY),
        access_policy=_access(spec, plan),
        lock=_lock(plan.lock) if plan.lock else None,
        notifications=VaultNotifications(topic=Ref(ALERTS_TOPIC), events=_EVENTS),
        depends_on=(Ref(ALERTS_TOPIC_POLICY),),
        on_delete=kept_on_delete(spec),
        on_replace=kept_on_replace(spec),
        tags=tags(spec),
        origin=spec.origin_of(_PATH),
    )


def _access(spec: Spec, plan: backup_plan.BackupPlan) -> Policy | None:
    """Who may not delete recovery points, which is everybody, and which accounts may copy some in."""
    statements = []
    if spec.protection.on_delete != "destroy":
        deny = Statement(
            sid="NobodyDeletes",
            effect="Deny",
            principals=(ANYBODY,),
            actions=("backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"),
            resources=("*",),
        )
        statements.append(deny)
    if plan.admits:
        accounts = tuple(Principal("AWS", join("arn:", PARTITION, f":iam::{one}:root")) for one in plan.admits)
        allow = Statement(
            sid="CopiesComeIn", principals=accounts, actions=("backup:CopyIntoBackupVault",), resources=("*",)
        )
        statements.append(allow)
    return Policy(tuple(statements)) if statements else None


def _lock(lock: backup_plan.Lock) -> VaultLock:
    return VaultLock(
        min_retention=Duration(lock.least),
        max_retention=Duration(lock.most) if lock.most else None,
        changeable_for=Duration(lock.compliance.after) if lock.compliance else None,
    )


def _plan(spec: Spec, plan: backup_plan.BackupPlan, schedules: dict[str, Cron]) -> BackupPlan:
    keep = {CONTINUOUS: spec.protection.backups.keep} | {name: tier.keep for name, tier in plan.tiers.items()}
    rules = tuple(
        BackupRule(
            name=name,
            vault=Ref(BACKUP_VAULT),
            schedule=schedule,
            start_window=Duration(plan.start_window),
            completion_window=Duration(plan.completion_window),
            # One owner of retention: the instance says the same number of days.
            is_continuous=name == CONTINUOUS,
            delete_after=Duration(keep[name]),
            copies=tuple(CopyAction(vault=copy.vault, delete_after=Duration(copy.keep)) for copy in plan.copies),
            recovery_point_tags={**tags(spec), "Tier": name},
        )
        for name, schedule in schedules.items()
    )
    return BackupPlan(key=BACKUP_PLAN, name=spec.identifier, rules=rules, tags=tags(spec), origin=spec.origin_of(_PATH))


def _role(spec: Spec, plan: backup_plan.BackupPlan) -> Role:
    return Role(
        key=_ROLE,
        description="AWS Backup of this database",
        trust=trust("backup.amazonaws.com"),
        policies=(InlinePolicy("BackUp", Policy(tuple(_backing_up(plan)))),),
        tags=tags(spec),
        origin=spec.origin_of(_PATH),
    )


def _backing_up(plan: backup_plan.BackupPlan) -> Iterator[Statement]:
    """The part about RDS of AWSBackupServiceRolePolicyForBackup, narrowed to this database and its keys.

    AWS Backup Developer Guide, security-iam-awsmanpol and encryption, 2026-11-20.
    """
    database: Value[str] = Attr(DATABASE, "arn")
    snapshots = arn("rds", _SNAPSHOTS)
    yield Statement(
        sid="Snapshots",
        actions=(
            "rds:AddTagsToResource",
            "rds:CopyDBSnapshot",
            "rds:CreateDBSnapshot",
            "rds:DeleteDBSnapshot",
            "rds:DescribeDBInstances",
            "rds:DescribeDBSnapshots",
            "rds:ListTagsForResource",
            "rds:ModifyDBSnapshotAttribute",
        ),
        resources=(database, snapshots),
    )
    if plan.continuous:
        yield Statement(
            sid="Continuous",
            actions=("rds:DescribeDBInstanceAutomatedBackups", "rds:ModifyDBInstance"),
            resources=(database, arn("rds", "auto-backup:*")),
        )
    yield Statement(
        sid="Vaults",
        actions=("backup:CopyFromBackupVault", "backup:CopyIntoBackupVault", "backup:DescribeBackupVault"),
        resources=(Attr(BACKUP_VAULT, "arn"), *(copy.vault for copy in plan.copies)),
    )
    yield from using_keys(Attr(DATABASE_KEY, "arn"), Attr(BACKUP_KEY, "arn"))
