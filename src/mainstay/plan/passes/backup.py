"""AWS Backup: a vault with a key of its own, a plan of tiers, and a role that reaches this database only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.core.schedules import Cron
from mainstay.core.units import Duration
from mainstay.plan.passes.backup_times import CONTINUOUS, start_times
from mainstay.plan.passes.draft import Draft, refusal, tags
from mainstay.plan.passes.keys import key
from mainstay.plan.passes.logical import (
    BACKUP_KEY,
    BACKUP_PLAN,
    BACKUP_VAULT,
    DATABASE,
)
from mainstay.plan.passes.recovery import COPIES_KEY
from mainstay.plan.passes.roles import trust, using_keys
from mainstay.plan.passes.snapshot import storage_key
from mainstay.plan.passes.vault import EVENTS, vault, vault_arn
from mainstay.plan.policies import InlinePolicy, Policy, Statement
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    BackupSelection,
    CopyAction,
    Role,
)
from mainstay.plan.values import REGION, Attr, Param, Ref, Value, arn
from mainstay.spec import Spec, backup_plan

_ROLE: Final = "BackupRole"
_PATH: Final = "protection.backup_plan"
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
        vault(spec, _PATH, lock=plan.lock, admits=plan.admits, events=EVENTS),
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
            copies=(*_copies_elsewhere(plan), *_copy_for_recovery(spec, name)),
            recovery_point_tags={**tags(spec), "Tier": name},
        )
        for name, schedule in schedules.items()
    )
    return BackupPlan(key=BACKUP_PLAN, name=spec.identifier, rules=rules, tags=tags(spec), origin=spec.origin_of(_PATH))


def _copies_elsewhere(plan: backup_plan.BackupPlan) -> Iterator[CopyAction]:
    for copy in plan.copies:
        yield CopyAction(vault=copy.vault, delete_after=Duration(copy.keep))


def _copy_for_recovery(spec: Spec, tier: str) -> Iterator[CopyAction]:
    recovery = spec.disaster_recovery
    if recovery and recovery.copies and tier in recovery.copies.tiers:
        keep = Duration(recovery.copies.tiers[tier])
        yield CopyAction(vault=vault_arn(spec, recovery.region), delete_after=keep)


def _role(spec: Spec, plan: backup_plan.BackupPlan) -> Role:
    return Role(
        key=_ROLE,
        description="AWS Backup of this database",
        trust=trust("backup.amazonaws.com"),
        policies=(InlinePolicy("BackUp", Policy(tuple(_backing_up(spec, plan)))),),
        tags=tags(spec),
        origin=spec.origin_of(_PATH),
    )


def _backing_up(spec: Spec, plan: backup_plan.BackupPlan) -> Iterator[Statement]:
    """The part about RDS of AWSBackupServiceRolePolicyForBackup, narrowed to this database and its keys.

    AWS Backup Developer Guide, security-iam-awsmanpol and encryption, 2026-11-20.
    """
    database: Value[str] = Attr(DATABASE, "arn")
    recovery = spec.disaster_recovery if spec.disaster_recovery and spec.disaster_recovery.copies else None
    regions: tuple[Value[str], ...] = (REGION, recovery.region) if recovery else (REGION,)
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
        # A copy is a snapshot of the other region, made there.
        resources=(database, *(arn("rds", _SNAPSHOTS, region=region) for region in regions)),
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
        resources=(
            Attr(BACKUP_VAULT, "arn"),
            *(copy.vault for copy in plan.copies),
            *((vault_arn(spec, recovery.region),) if recovery else ()),
        ),
    )
    elsewhere = (Param(COPIES_KEY),) if recovery else ()
    yield from using_keys(storage_key(spec), Attr(BACKUP_KEY, "arn"), *elsewhere)
