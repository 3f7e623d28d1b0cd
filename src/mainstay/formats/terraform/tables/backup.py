"""AWS Backup in Terraform: the provider keeps a vault's policy, lock and notifications in blocks of their own."""

from __future__ import annotations

from typing import Final

from mainstay.formats.lists import Named, link, links, texts
from mainstay.formats.scalars import boolean, days, hours, minutes, schedule, text
from mainstay.formats.table import Row, block, blocks
from mainstay.formats.terraform.blocks import NOWHERE, Beside, Blocks
from mainstay.formats.terraform.codecs import NamedBlocks
from mainstay.formats.terraform.policies import policy
from mainstay.formats.terraform.tables.rows import tags
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

_LOCK: Final = "aws_backup_vault_lock_configuration"
_NOTIFICATIONS: Final = "aws_backup_vault_notifications"
_VAULT: Final = {"backup_vault_name": "name"}

BACKUP_VAULT = Blocks(
    "aws_backup_vault",
    BackupVault,
    (
        Row("name", "aws_backup_vault.name", text),
        Row("key_id", "aws_backup_vault.kms_key_arn", link("arn")),
        tags("aws_backup_vault"),
        Row("access_policy", "aws_backup_vault_policy.policy", policy),
        Row(
            "lock",
            _LOCK,
            block(
                VaultLock,
                Row("min_retention", "min_retention_days", days),
                Row("max_retention", "max_retention_days", days),
                Row("changeable_for", "changeable_for_days", days),
            ),
        ),
        Row(
            "notifications",
            _NOTIFICATIONS,
            block(
                VaultNotifications,
                Row("topic", "sns_topic_arn", link("arn")),
                Row("events", "backup_vault_events", texts),
            ),
        ),
    ),
    ref_is="name",
    beside=(
        Beside(type_name="aws_backup_vault_policy", joins=_VAULT),
        Beside(type_name=_LOCK, joins=_VAULT),
        Beside(type_name=_NOTIFICATIONS, joins=_VAULT),
    ),
)

_LIFECYCLE = (
    Row("delete_after", "lifecycle.delete_after", days),
    Row("cold_after", "lifecycle.cold_storage_after", days),
)

BACKUP_PLAN = Blocks(
    "aws_backup_plan",
    BackupPlan,
    (
        Row("name", "aws_backup_plan.name", text),
        Row(
            "rules",
            "aws_backup_plan.rule",
            blocks(
                BackupRule,
                Row("name", "rule_name", text),
                Row("vault", "target_vault_name", link("name")),
                Row("schedule", "schedule", schedule),
                Row("time_zone", "schedule_expression_timezone", text),
                Row("start_window", "start_window", minutes),
                Row("completion_window", "completion_window", minutes),
                Row("is_continuous", "enable_continuous_backup", boolean),
                *_LIFECYCLE,
                Row(
                    "copies",
                    "copy_action",
                    blocks(CopyAction, Row("vault", "destination_vault_arn", link("arn")), *_LIFECYCLE),
                ),
                Row("recovery_point_tags", "recovery_point_tags", Named(text)),
            ),
        ),
        tags("aws_backup_plan"),
    ),
    attributes={"version_id": "version"},
)

_CONDITIONS = blocks(TagCondition, Row("tag", "key", text), Row("value", "value", text))

BACKUP_SELECTION = Blocks(
    "aws_backup_selection",
    BackupSelection,
    (
        Row("plan", "aws_backup_selection.plan_id", link("id")),
        Row("name", "aws_backup_selection.name", text),
        Row("role", "aws_backup_selection.iam_role_arn", link("arn")),
        Row("resources", "aws_backup_selection.resources", links("arn")),
        Row("excluded_resources", "aws_backup_selection.not_resources", links("arn")),
        Row(
            "any_tag",
            "aws_backup_selection.selection_tag",
            blocks(TagMatch, Row("operator", "type", text), Row("tag", "key", text), Row("value", "value", text)),
        ),
        Row("equal", "aws_backup_selection.condition.string_equals", _CONDITIONS),
        Row("like", "aws_backup_selection.condition.string_like", _CONDITIONS),
        Row("not_equal", "aws_backup_selection.condition.string_not_equals", _CONDITIONS),
        Row("not_like", "aws_backup_selection.condition.string_not_like", _CONDITIONS),
    ),
    attributes={"selection_id": "id"},
)

_TEST = "aws_backup_restore_testing_plan"
_TESTED = "aws_backup_restore_testing_selection"
_TAGS = NamedBlocks("key", "value")

RESTORE_TESTING_PLAN = Blocks(
    _TEST,
    RestoreTestingPlan,
    (
        Row("name", f"{_TEST}.name", text),
        Row("schedule", f"{_TEST}.schedule_expression", schedule),
        Row("time_zone", f"{_TEST}.schedule_expression_timezone", text),
        Row("start_window", f"{_TEST}.start_window_hours", hours),
        Row("algorithm", f"{_TEST}.recovery_point_selection.algorithm", text),
        Row("vaults", f"{_TEST}.recovery_point_selection.include_vaults", links("arn")),
        Row("excluded_vaults", f"{_TEST}.recovery_point_selection.exclude_vaults", links("arn")),
        Row("recovery_point_types", f"{_TEST}.recovery_point_selection.recovery_point_types", texts),
        Row("selection_window", f"{_TEST}.recovery_point_selection.selection_window_days", days),
        tags(_TEST),
    ),
    attributes={"id": "name"},
    ref_is="name",
)

RESTORE_TESTING_SELECTION = Blocks(
    _TESTED,
    RestoreTestingSelection,
    (
        Row("plan", f"{_TESTED}.restore_testing_plan_name", link("name", "id")),
        Row("name", f"{_TESTED}.name", text),
        Row("role", f"{_TESTED}.iam_role_arn", link("arn")),
        Row("resource_type", f"{_TESTED}.protected_resource_type", text),
        Row("resources", f"{_TESTED}.protected_resource_arns", links("arn")),
        Row("tags_equal", f"{_TESTED}.protected_resource_conditions.string_equals", _TAGS),
        Row("tags_not_equal", f"{_TESTED}.protected_resource_conditions.string_not_equals", _TAGS),
        Row("overrides", f"{_TESTED}.restore_metadata_overrides", Named(text)),
        Row("validation_window", f"{_TESTED}.validation_window_hours", hours),
    ),
    attributes={"id": NOWHERE},
)

TABLES: tuple[Blocks, ...] = (
    BACKUP_VAULT,
    BACKUP_PLAN,
    BACKUP_SELECTION,
    RESTORE_TESTING_PLAN,
    RESTORE_TESTING_SELECTION,
)
