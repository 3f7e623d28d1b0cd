"""RDS in CloudFormation."""

from mainstay.formats.cloudformation.codecs import option_settings, tags
from mainstay.formats.lists import Named, link, links, texts
from mainstay.formats.scalars import (
    boolean,
    daily_window,
    days,
    gib,
    gib_text,
    integer,
    integer_text,
    seconds,
    text,
    weekly_window,
)
from mainstay.formats.table import Row, Table, blocks
from mainstay.plan.resources import (
    DbInstance,
    DbOption,
    EventSubscription,
    OptionGroup,
    ParameterGroup,
    SubnetGroup,
)

_TAGS = Row("tags", "Tags", tags)
_KEY = link("arn", "id", "key_id")

SUBNET_GROUP = Table(
    "AWS::RDS::DBSubnetGroup",
    SubnetGroup,
    (
        Row("name", "DBSubnetGroupName", text),
        Row("description", "DBSubnetGroupDescription", text),
        Row("subnets", "SubnetIds", links("id")),
        _TAGS,
    ),
    attributes={"arn": "DBSubnetGroupArn"},
    ref_is="name",
)

PARAMETER_GROUP = Table(
    "AWS::RDS::DBParameterGroup",
    ParameterGroup,
    (
        Row("name", "DBParameterGroupName", text),
        Row("family", "Family", text),
        Row("description", "Description", text),
        Row("parameters", "Parameters", Named(text)),
        _TAGS,
    ),
    attributes={"arn": "DBParameterGroupArn"},
    ref_is="name",
)

OPTION_GROUP = Table(
    "AWS::RDS::OptionGroup",
    OptionGroup,
    (
        Row("name", "OptionGroupName", text),
        Row("engine", "EngineName", text),
        Row("major_version", "MajorEngineVersion", text),
        Row("description", "OptionGroupDescription", text),
        Row(
            "options",
            "OptionConfigurations",
            blocks(
                DbOption,
                Row("name", "OptionName", text),
                Row("version", "OptionVersion", text),
                Row("port", "Port", integer),
                Row("security_groups", "VpcSecurityGroupMemberships", links("id", "group_id")),
                Row("settings", "OptionSettings", option_settings),
            ),
        ),
        _TAGS,
    ),
    ref_is="name",
)

DB_INSTANCE = Table(
    "AWS::RDS::DBInstance",
    DbInstance,
    (
        Row("identifier", "DBInstanceIdentifier", text),
        Row("source", "SourceDBInstanceIdentifier", link("id", "arn")),
        Row("snapshot", "DBSnapshotIdentifier", text),
        Row("restore_time", "RestoreTime", text),
        Row("engine", "Engine", text),
        Row("engine_version", "EngineVersion", text),
        Row("lifecycle_support", "EngineLifecycleSupport", text),
        Row("instance_class", "DBInstanceClass", text),
        Row("database_name", "DBName", text),
        Row("port", "Port", integer_text),
        Row("storage", "AllocatedStorage", gib_text),
        Row("max_storage", "MaxAllocatedStorage", gib),
        Row("storage_type", "StorageType", text),
        Row("iops", "Iops", integer),
        Row("throughput_mib_s", "StorageThroughput", integer),
        Row("is_encrypted", "StorageEncrypted", boolean),
        Row("key_id", "KmsKeyId", _KEY),
        Row("is_multi_az", "MultiAZ", boolean),
        Row("zone", "AvailabilityZone", text),
        Row("subnet_group", "DBSubnetGroupName", link("name")),
        Row("security_groups", "VPCSecurityGroups", links("id", "group_id")),
        Row("is_public", "PubliclyAccessible", boolean),
        Row("parameter_group", "DBParameterGroupName", link("name")),
        Row("option_group", "OptionGroupName", link("name")),
        Row("ca_certificate", "CACertificateIdentifier", text),
        Row("username", "MasterUsername", text),
        Row("password", "MasterUserPassword", text),
        Row("manages_password", "ManageMasterUserPassword", boolean),
        Row("password_key", "MasterUserSecret.KmsKeyId", _KEY),
        Row("has_iam_authentication", "EnableIAMDatabaseAuthentication", boolean),
        Row("backup_retention", "BackupRetentionPeriod", days),
        Row("backup_window", "PreferredBackupWindow", daily_window),
        Row("backup_replica_region", "AutomaticBackupReplicationRegion", text),
        Row("backup_replica_retention", "AutomaticBackupReplicationRetentionPeriod", days),
        Row("backup_replica_key", "AutomaticBackupReplicationKmsKeyId", text),
        Row("maintenance_window", "PreferredMaintenanceWindow", weekly_window),
        Row("deletes_automated_backups", "DeleteAutomatedBackups", boolean),
        Row("copies_tags_to_snapshots", "CopyTagsToSnapshot", boolean),
        Row("has_deletion_protection", "DeletionProtection", boolean),
        Row("upgrades_minor_versions", "AutoMinorVersionUpgrade", boolean),
        Row("allows_major_upgrade", "AllowMajorVersionUpgrade", boolean),
        Row("applies_immediately", "ApplyImmediately", boolean),
        Row("log_exports", "EnableCloudwatchLogsExports", texts),
        Row("monitoring_interval", "MonitoringInterval", seconds),
        Row("monitoring_role", "MonitoringRoleArn", link("arn")),
        Row("has_performance_insights", "EnablePerformanceInsights", boolean),
        Row("performance_insights_retention", "PerformanceInsightsRetentionPeriod", days),
        Row("performance_insights_key", "PerformanceInsightsKMSKeyId", _KEY),
        Row("insights_mode", "DatabaseInsightsMode", text),
        _TAGS,
    ),
    attributes={
        "arn": "DBInstanceArn",
        "endpoint_address": "Endpoint.Address",
        "endpoint_port": "Endpoint.Port",
        "hosted_zone_id": "Endpoint.HostedZoneId",
        "resource_id": "DbiResourceId",
        "secret_arn": "MasterUserSecret.SecretArn",
    },
)

EVENT_SUBSCRIPTION = Table(
    "AWS::RDS::EventSubscription",
    EventSubscription,
    (
        Row("name", "SubscriptionName", text),
        Row("topic", "SnsTopicArn", link("arn")),
        Row("source_type", "SourceType", text),
        Row("source_ids", "SourceIds", links("id", "name")),  # an instance's id, a parameter group's name
        Row("categories", "EventCategories", texts),
        Row("is_enabled", "Enabled", boolean),
        _TAGS,
    ),
    ref_is="name",
)

TABLES = (SUBNET_GROUP, PARAMETER_GROUP, OPTION_GROUP, DB_INSTANCE, EVENT_SUBSCRIPTION)
