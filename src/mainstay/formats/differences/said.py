"""What formats say in other words to the same end: whatever Terraform's tables write beside a plan's own fields."""

from __future__ import annotations

from typing import Final

from mainstay.core.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing with the same meaning in other words. `at` are the paths in Terraform's tables that it explains."""

    kind: str
    field: str
    cloudformation: str
    terraform: str
    reason: str
    source: str
    at: tuple[str, ...]


_PROVIDER: Final = "documentation of the AWS provider 6"

SAID: Final[tuple[Said, ...]] = (
    Said(
        kind="DbInstance",
        field="on_delete, source",
        cloudformation="`DeletionPolicy`; without one a final snapshot is taken of every instance that is no replica",
        terraform="`skip_final_snapshot` is always written, false unless the plan deletes or the instance is a "
        "replica; `final_snapshot_identifier` names the snapshot after the instance",
        reason="The provider takes no snapshot unless it is told its name, and fails without one. A replica has none. "
        "`delete_automated_backups` needs no row: both default to true.",
        source="CloudFormation Template Reference, aws-attribute-deletionpolicy; "
        f"{_PROVIDER}, aws_db_instance; 2026-11-21",
        at=("aws_db_instance.skip_final_snapshot", "aws_db_instance.final_snapshot_identifier"),
    ),
    Said(
        kind="DbInstance",
        field="on_delete",
        cloudformation="`DeletionPolicy: Retain` leaves the instance when the stack goes",
        terraform="`lifecycle.prevent_destroy`, also where nothing is said; only a plan that deletes goes without",
        reason="Terraform cannot leave a thing behind on destroy, it can only refuse. What must not be lost stops it. "
        "Every kind whose fate is to be kept has it; databases have it even without.",
        source="Terraform, the lifecycle meta-argument; 2026-11-21",
        at=("aws_db_instance.lifecycle.prevent_destroy",),
    ),
    Said(
        kind="DbInstance",
        field="applies_immediately",
        cloudformation="a change is applied at once unless `ApplyImmediately: false`",
        terraform="`apply_immediately = true` is written where the plan is silent",
        reason="The provider's default is the other one: it waits for the maintenance window.",
        source=f"CloudFormation Template Reference, AWS::RDS::DBInstance; {_PROVIDER}, aws_db_instance; 2026-11-21",
        at=("aws_db_instance.apply_immediately",),
    ),
    Said(
        kind="DbInstance",
        field="password",
        cloudformation="`MasterUserPassword` with a dynamic reference, resolved by the service",
        terraform="`password_wo` from an ephemeral value, with `password_wo_version = 1`",
        reason="`password` would stand in the state. A write-only argument is stored nowhere, and is sent when its "
        "version changes.",
        source="Terraform 1.11, write-only arguments; 2026-11-21",
        at=("aws_db_instance.password_wo_version",),
    ),
    Said(
        kind="DbInstance",
        field="storage, engine_version, snapshot",
        cloudformation="compared with the last template, so that growth, upgrades and the snapshot do no harm",
        terraform="`lifecycle.ignore_changes` where storage may grow, minor versions are upgraded, or the instance "
        "came from a snapshot",
        reason="Terraform compares with the real thing: it would shrink the storage, downgrade the engine, or replace "
        "the database because its snapshot is no longer named.",
        source=f"{_PROVIDER}, aws_db_instance; 2026-11-21",
        at=(
            "aws_db_instance.lifecycle.allocated_storage",
            "aws_db_instance.lifecycle.engine_version",
            "aws_db_instance.lifecycle.snapshot_identifier",
        ),
    ),
    Said(
        kind="DbInstance",
        field="backup_replica_region, backup_replica_retention, backup_replica_key",
        cloudformation="properties of the instance",
        terraform="a block of its own, `aws_db_instance_automated_backups_replication`, in the other region",
        reason="The provider has no such arguments on the instance; `region` of a block came with version 6.",
        source=f"{_PROVIDER}, aws_db_instance_automated_backups_replication; 2026-11-21",
        at=("aws_db_instance_automated_backups_replication",),
    ),
    Said(
        kind="ParameterGroup",
        field="parameters",
        cloudformation="names and values; the service knows which of them need a reboot",
        terraform="`apply_method` stands in every `parameter`: `pending-reboot` for a static one",
        reason="The provider defaults to `immediate`, which RDS refuses for a static parameter.",
        source=f"{_PROVIDER}, aws_db_parameter_group; 2026-11-21",
        at=("aws_db_parameter_group:reshaped",),
    ),
    Said(
        kind="SecurityGroup",
        field="egress",
        cloudformation="a group without egress may reach everything; a rule to 127.0.0.1/32 takes that away",
        terraform="a group without egress reaches nothing; the rule to everywhere is written where the plan has it, "
        "and ports 0 to 0 with protocol -1",
        reason="Terraform removes the rule to everywhere from a new group. Rules of their own are "
        "`aws_vpc_security_group_ingress_rule` and `_egress_rule`, one each as in CloudFormation.",
        source=f"{_PROVIDER}, aws_security_group, “Egress rules”; 2026-11-21",
        at=("aws_security_group:reshaped",),
    ),
    Said(
        kind="Secret",
        field="generate",
        cloudformation="`GenerateSecretString`, made by the service",
        terraform="an ephemeral `aws_secretsmanager_random_password`, put into a secret version by `secret_string_wo`",
        reason="The provider cannot let the service make one; a `random_password` resource would keep it in the state.",
        source=f"{_PROVIDER}, aws_secretsmanager_random_password (ephemeral); 2026-11-21",
        at=(
            "aws_secretsmanager_secret:reshaped",
            "aws_secretsmanager_random_password",
            "aws_secretsmanager_secret_version",
        ),
    ),
    Said(
        kind="SecretAttachment",
        field="secret, target, target_type",
        cloudformation="`SecretTargetAttachment` adds host and port to the secret, for rotation",
        terraform="a second version of the secret, with engine, host, port and instance, write-only",
        reason="The provider has no attachment. Rotation needs those fields; `aws_secretsmanager_secret_rotation` "
        "itself is the same in both. The kind of target is kept in the comment.",
        source=f"{_PROVIDER}, aws_secretsmanager_secret_rotation; 2026-11-21",
        at=(
            "aws_secretsmanager_secret_version:reshaped",
            "aws_secretsmanager_secret_version.//.target_type",
        ),
    ),
    Said(
        kind="Role",
        field="policies, managed_policies",
        cloudformation="lists of the role",
        terraform="a block for each: `aws_iam_role_policy` and `aws_iam_role_policy_attachment`",
        reason="The role's own arguments for them are deprecated. Documents are `aws_iam_policy_document` data blocks.",
        source=f"{_PROVIDER}, aws_iam_role; 2026-11-21",
        at=("aws_iam_role_policy", "aws_iam_role_policy_attachment"),
    ),
    Said(
        kind="DbProxyTargetGroup",
        field="instances, name, tags",
        cloudformation="`DBInstanceIdentifiers` of the target group, which has a name and tags",
        terraform="an `aws_db_proxy_target` for each instance; name and tags stand in the comment",
        reason="The provider manages the proxy's one default group, which it neither names nor tags.",
        source=f"{_PROVIDER}, aws_db_proxy_default_target_group, aws_db_proxy_target; 2026-11-21",
        at=(
            "aws_db_proxy_target",
            "aws_db_proxy_default_target_group.//.name",
            "aws_db_proxy_default_target_group.//.tags",
        ),
    ),
    Said(
        kind="EventSubscription",
        field="source_ids",
        cloudformation="`Ref` of an instance or a group gives what RDS wants",
        terraform="`identifier` of an instance, `name` of a parameter group, `id` of a security group",
        reason="An instance's `id` is the DBI resource id since version 5 of the provider, which RDS does not take.",
        source=f"{_PROVIDER}, aws_db_event_subscription; version 5 upgrade guide; 2026-11-21",
        at=("aws_db_event_subscription.source_ids",),
    ),
    Said(
        kind="LogGroup",
        field="on_delete",
        cloudformation="`DeletionPolicy: Retain`",
        terraform="`skip_destroy = true`",
        reason="Here the provider can leave the thing behind: it only forgets it.",
        source=f"{_PROVIDER}, aws_cloudwatch_log_group; 2026-11-21",
        at=("aws_cloudwatch_log_group.skip_destroy",),
    ),
    Said(
        kind="BackupVault",
        field="access_policy, lock, notifications",
        cloudformation="properties of the vault",
        terraform="blocks of their own: policy, lock and notifications",
        reason="The provider has no such arguments on the vault.",
        source=f"{_PROVIDER}, aws_backup_vault; 2026-11-21",
        at=("aws_backup_vault_policy", "aws_backup_vault_lock_configuration", "aws_backup_vault_notifications"),
    ),
    Said(
        kind="Bucket",
        field="encryption, versioning, public_access, ownership, lifecycle, logging, object_lock",
        cloudformation="properties of the bucket",
        terraform="a block of its own for each; a lifecycle rule always has a filter and a name, logging always a "
        "prefix and a bucket, its own where none is named",
        reason="They left the bucket with version 4. Without a filter or a name the provider refuses the rule.",
        source=f"{_PROVIDER}, aws_s3_bucket_lifecycle_configuration; version 4 upgrade guide; 2026-11-21",
        at=(
            "aws_s3_bucket:reshaped",
            "aws_s3_bucket_server_side_encryption_configuration",
            "aws_s3_bucket_versioning",
            "aws_s3_bucket_public_access_block",
            "aws_s3_bucket_ownership_controls",
            "aws_s3_bucket_lifecycle_configuration",
            "aws_s3_bucket_logging",
            "aws_s3_bucket_object_lock_configuration",
        ),
    ),
    Said(
        kind="Function",
        field="log_format",
        cloudformation="text unless something else is said",
        terraform="`log_format` is always written beside a log group",
        reason="The provider requires it there.",
        source=f"{_PROVIDER}, aws_lambda_function; "
        "Lambda Developer Guide, monitoring-cloudwatchlogs-logformat; 2026-11-21",
        at=("aws_lambda_function.logging_config.log_format",),
    ),
    Said(
        kind="EventRule",
        field="targets",
        cloudformation="a list of the rule",
        terraform="an `aws_cloudwatch_event_target` for each",
        reason="The provider has no such argument on the rule.",
        source=f"{_PROVIDER}, aws_cloudwatch_event_target; 2026-11-21",
        at=("aws_cloudwatch_event_target",),
    ),
    Said(
        kind="Instance",
        field="block_devices",
        cloudformation="a list; the root device is the one with its name",
        terraform="`root_block_device` without a name, `ebs_block_device` for the others",
        reason="The provider would add a second volume for a root device among the others.",
        source=f"{_PROVIDER}, aws_instance; 2026-11-21",
        at=("aws_instance:reshaped",),
    ),
    Said(
        kind="FlowLog",
        field="resource_type, log_group",
        cloudformation="`ResourceType` and `LogGroupName`",
        terraform="`vpc_id` says the kind, `log_destination` takes the group's ARN",
        reason="`log_group_name` went with version 6. The word for the kind is kept in the comment.",
        source=f"{_PROVIDER}, aws_flow_log; version 6 upgrade guide; 2026-11-21",
        at=("aws_flow_log:reshaped", "aws_flow_log.//.resource_type"),
    ),
    Said(
        kind="Dashboard",
        field="tags",
        cloudformation="`Tags`",
        terraform="kept in the comment; the dashboard has none",
        reason="The provider has no such argument.",
        source=f"{_PROVIDER}, aws_cloudwatch_dashboard; 2026-11-21",
        at=("aws_cloudwatch_dashboard.//.tags",),
    ),
    Said(
        kind="Alarm, CompositeAlarm, Dashboard, Function, MetricFilter",
        field="name",
        cloudformation="made up by the service where the plan gives none",
        terraform="written always: the stack's name and the block's label",
        reason="The provider requires them.",
        source=f"{_PROVIDER}, the pages of these resources; 2026-11-21",
        at=(
            "aws_cloudwatch_metric_alarm.alarm_name",
            "aws_cloudwatch_composite_alarm.alarm_name",
            "aws_cloudwatch_dashboard.dashboard_name",
            "aws_lambda_function.function_name",
            "aws_cloudwatch_log_metric_filter.name",
        ),
    ),
)
"""Same meaning, other words."""
