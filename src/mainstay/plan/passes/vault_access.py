"""Whoever touches a vault is seen: a rule on the calls that take recovery points or their protection away.

The calls come from CloudTrail, by way of EventBridge: the account needs a trail of management events (AWS Backup
Developer Guide, logging-using-cloudtrail; EventBridge User Guide, eb-service-event-cloudtrail; 2026-11-21).
"""

from __future__ import annotations

from typing import Final

from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.logical import ALERTS_TOPIC, ALERTS_TOPIC_POLICY
from mainstay.plan.passes.vault import vault_name
from mainstay.plan.patterns import EventPattern, Match
from mainstay.plan.resources import BackupVault, EventRule, EventTarget
from mainstay.plan.values import Attr, Ref
from mainstay.spec import Spec

# Operations of AWS Backup with `backupVaultName` among their parameters (botocore 1.44, service model backup).
_CALLS: Final = (
    "DeleteBackupVault",
    "DeleteBackupVaultAccessPolicy",
    "DeleteBackupVaultLockConfiguration",
    "DeleteBackupVaultNotifications",
    "DeleteRecoveryPoint",
    "DisassociateRecoveryPoint",
    "PutBackupVaultAccessPolicy",
    "PutBackupVaultLockConfiguration",
    "PutBackupVaultNotifications",
    "UpdateRecoveryPointLifecycle",
)


def build_vault_access(spec: Spec, draft: Draft) -> Draft:
    """The draft with a rule that tells the topic of calls on the vault, where there is one."""
    if not any(isinstance(one, BackupVault) for one in draft.resources):
        return draft
    rule = EventRule(
        key="VaultAccess",
        name=f"{spec.identifier}-vault-access",
        description="Recovery points, or what protects them, were taken away or changed",
        pattern=EventPattern(
            (
                Match(("source",), ("aws.backup",)),
                Match(("detail-type",), ("AWS API Call via CloudTrail",)),
                Match(("detail", "eventSource"), ("backup.amazonaws.com",)),
                Match(("detail", "eventName"), _CALLS),
                Match(("detail", "requestParameters", "backupVaultName"), (vault_name(spec),)),
            )
        ),
        state="ENABLED",
        targets=(EventTarget(name="Topic", arn=Attr(ALERTS_TOPIC, "arn")),),
        depends_on=(Ref(ALERTS_TOPIC_POLICY),),
        tags=tags(spec),
        origin=spec.origin_of("protection.backup_plan"),
    )
    return draft.adding(rule)
