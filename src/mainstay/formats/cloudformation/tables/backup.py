"""AWS Backup in CloudFormation."""

from mainstay.formats.cloudformation.codecs import conditions, tags
from mainstay.formats.cloudformation.policies import policy
from mainstay.formats.lists import Named, link, links, texts
from mainstay.formats.scalars import boolean, days, hours, minutes, schedule, text
from mainstay.formats.table import Row, Table, block, blocks
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    BackupSelection,
    BackupVault,
    CopyAction,
    RestoreTestingPlan,
    RestoreTestingSelection,
    TagCondition,
    TagMatch,
    VaultLock,
    VaultNotifications,
)

_LIFECYCLE = (
    Row("delete_after", "Lifecycle.DeleteAfterDays", days),
    Row("cold_after", "Lifecycle.MoveToColdStorageAfterDays", days),
)

BACKUP_VAULT = Table(
    "AWS::Backup::BackupVault",
    BackupVault,
    (
        Row("name", "BackupVaultName", text),
        Row("key_id", "EncryptionKeyArn", link("arn")),
        Row("access_policy", "AccessPolicy", policy),
        Row(
            "lock",
            "LockConfiguration",
            block(
                VaultLock,
                Row("min_retention", "MinRetentionDays", days),
                Row("max_retention", "MaxRetentionDays", days),
                Row("changeable_for", "ChangeableForDays", days),
            ),
        ),
        Row(
            "notifications",
            "Notifications",
            block(
                VaultNotifications,
                Row("topic", "SNSTopicArn", link("arn")),
                Row("events", "BackupVaultEvents", texts),
            ),
        ),
        Row("tags", "BackupVaultTags", Named(text)),
    ),
    attributes={"arn": "BackupVaultArn", "name": "BackupVaultName"},
    ref_is="name",
)

_RULES = blocks(
    BackupRule,
    Row("name", "RuleName", text),
    Row("vault", "TargetBackupVault", link("name")),
    Row("schedule", "ScheduleExpression", schedule),
    Row("time_zone", "ScheduleExpressionTimezone", text),
    Row("start_window", "StartWindowMinutes", minutes),
    Row("completion_window", "CompletionWindowMinutes", minutes),
    Row("is_continuous", "EnableContinuousBackup", boolean),
    *_LIFECYCLE,
    Row(
        "copies",
        "CopyActions",
        blocks(CopyAction, Row("vault", "DestinationBackupVaultArn", link("arn")), *_LIFECYCLE),
    ),
    Row("recovery_point_tags", "RecoveryPointTags", Named(text)),
)

BACKUP_PLAN = Table(
    "AWS::Backup::BackupPlan",
    BackupPlan,
    (
        Row("name", "BackupPlan.BackupPlanName", text),
        Row("rules", "BackupPlan.BackupPlanRule", _RULES),
        Row("tags", "BackupPlanTags", Named(text)),
    ),
    attributes={"arn": "BackupPlanArn", "version_id": "VersionId"},
    ref_attributes=("BackupPlanId",),
)

_CONDITIONS = blocks(TagCondition, Row("tag", "ConditionKey", text), Row("value", "ConditionValue", text))

BACKUP_SELECTION = Table(
    "AWS::Backup::BackupSelection",
    BackupSelection,
    (
        Row("plan", "BackupPlanId", link("id")),
        Row("name", "BackupSelection.SelectionName", text),
        Row("role", "BackupSelection.IamRoleArn", link("arn")),
        Row("resources", "BackupSelection.Resources", links("arn")),
        Row("excluded_resources", "BackupSelection.NotResources", links("arn")),
        Row(
            "any_tag",
            "BackupSelection.ListOfTags",
            blocks(
                TagMatch,
                Row("operator", "ConditionType", text),
                Row("tag", "ConditionKey", text),
                Row("value", "ConditionValue", text),
            ),
        ),
        Row("equal", "BackupSelection.Conditions.StringEquals", _CONDITIONS),
        Row("like", "BackupSelection.Conditions.StringLike", _CONDITIONS),
        Row("not_equal", "BackupSelection.Conditions.StringNotEquals", _CONDITIONS),
        Row("not_like", "BackupSelection.Conditions.StringNotLike", _CONDITIONS),
    ),
    attributes={"selection_id": "SelectionId"},
    ref_attributes=("Id",),
)

RESTORE_TESTING_PLAN = Table(
    "AWS::Backup::RestoreTestingPlan",
    RestoreTestingPlan,
    (
        Row("name", "RestoreTestingPlanName", text),
        Row("schedule", "ScheduleExpression", schedule),
        Row("time_zone", "ScheduleExpressionTimezone", text),
        Row("start_window", "StartWindowHours", hours),
        Row("algorithm", "RecoveryPointSelection.Algorithm", text),
        Row("vaults", "RecoveryPointSelection.IncludeVaults", links("arn")),
        Row("excluded_vaults", "RecoveryPointSelection.ExcludeVaults", links("arn")),
        Row("recovery_point_types", "RecoveryPointSelection.RecoveryPointTypes", texts),
        Row("selection_window", "RecoveryPointSelection.SelectionWindowDays", days),
        Row("tags", "Tags", tags),
    ),
    attributes={"arn": "RestoreTestingPlanArn"},
    ref_is="name",
)

RESTORE_TESTING_SELECTION = Table(
    "AWS::Backup::RestoreTestingSelection",
    RestoreTestingSelection,
    (
        Row("plan", "RestoreTestingPlanName", link("name")),
        Row("name", "RestoreTestingSelectionName", text),
        Row("role", "IamRoleArn", link("arn")),
        Row("resource_type", "ProtectedResourceType", text),
        Row("resources", "ProtectedResourceArns", links("arn")),
        Row("tags_equal", "ProtectedResourceConditions.StringEquals", conditions),
        Row("tags_not_equal", "ProtectedResourceConditions.StringNotEquals", conditions),
        Row("overrides", "RestoreMetadataOverrides", Named(text)),
        Row("validation_window", "ValidationWindowHours", hours),
    ),
)

TABLES = (BACKUP_VAULT, BACKUP_PLAN, BACKUP_SELECTION, RESTORE_TESTING_PLAN, RESTORE_TESTING_SELECTION)
