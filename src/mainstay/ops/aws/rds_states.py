"""What RDS answers, in the plan's words and units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mainstay.core.units import Bytes, Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """How an instance is watched: 0 seconds is no enhanced monitoring, days None no Performance Insights."""

    interval_s: int = 0
    role_arn: str | None = None
    insights_days: int | None = None
    insights_key_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DbState:
    """A database instance as it is now.

    `status` is RDS's own word (`available`, `creating`, `incompatible-restore`…); `address` is None until it has an
    endpoint. `pending` names changes that are not in force yet, with their values as text (a password as `****`).
    `source_id` is set for a replica. `backup_owner_arn` is set when AWS Backup owns the retention, `secret_arn`
    when RDS manages the master user's password. `replicated_backup_arns` are the copies of its automated backups in
    other regions. `zone` is where its primary is at present.
    """

    identifier: str
    resource_id: str
    arn: str
    status: str
    engine: str
    engine_version: str
    instance_class: str = ""
    address: str | None = None
    port: int | None = None
    database_name: str | None = None
    username: str = ""
    storage: Bytes = field(default_factory=lambda: Bytes(0))
    max_storage: Bytes | None = None
    storage_type: str = ""
    is_encrypted: bool = False
    key_id: str | None = None
    is_multi_az: bool = False
    is_public: bool = False
    has_deletion_protection: bool = False
    retention: Duration = field(default_factory=lambda: Duration(0))
    latest_restorable_time: datetime | None = None
    created_at: datetime | None = None
    source_id: str | None = None
    replica_ids: tuple[str, ...] = ()
    pending: Mapping[str, str] = field(default_factory=dict)
    ca_certificate: str | None = None
    parameter_group: str | None = None
    parameter_status: str | None = None
    option_group: str | None = None
    subnet_group: str | None = None
    vpc_id: str | None = None
    security_group_ids: tuple[str, ...] = ()
    log_exports: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    backup_owner_arn: str | None = None
    replicated_backup_arns: tuple[str, ...] = ()
    secret_arn: str | None = None
    zone: str | None = None
    monitoring: Monitoring = field(default_factory=Monitoring)

    @property
    def is_available(self) -> bool:
        """Whether it takes connections and changes."""
        return self.status == "available"

    @property
    def is_replica(self) -> bool:
        """Whether it follows another instance."""
        return self.source_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorableWindow:
    """Between which times an instance can be restored; None where RDS does not say yet."""

    earliest: datetime | None
    latest: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Whether RDS takes this time: not before the earliest, strictly before the latest."""
        return self.latest is not None and (self.earliest is None or self.earliest <= moment) and moment < self.latest


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotState:
    """A snapshot; `kind` is `manual`, `automated` or `awsbackup`. A copy is created later than it was `taken`.

    What was committed by `holds_until` is in it, and nothing that was written after `taken_at`.
    """

    identifier: str
    arn: str
    instance_id: str
    source_resource_id: str
    status: str
    kind: str
    storage: Bytes
    is_encrypted: bool
    key_id: str | None = None
    engine: str = ""
    engine_version: str = ""
    username: str = ""
    created_at: datetime | None = None
    taken_at: datetime | None = None
    holds_until: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomatedBackup:
    """The automated backup of an instance: `active`, or `retained` after the instance is gone.

    In another region it is a copy of its own: `pending`, `replicating`, then `retained`. `region` is that of the
    instance; `key_id` encrypts the backup, and whatever is restored from it.
    """

    arn: str
    instance_id: str
    resource_id: str
    status: str
    window: RestorableWindow
    retention: Duration
    region: str = ""
    instance_arn: str = ""
    engine: str = ""
    engine_version: str = ""
    username: str = ""
    key_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DbEvent:
    """Something that RDS tells about an instance."""

    at: datetime
    message: str
    categories: tuple[str, ...]


# Any in this file: raw answers, which end here.
def db_state(raw: Mapping[str, Any]) -> DbState:
    """A DBInstance of the API as ours."""
    endpoint = raw.get("Endpoint") or {}
    groups = raw.get("DBParameterGroups") or [{}]
    subnet_group = raw.get("DBSubnetGroup") or {}
    options = raw.get("OptionGroupMemberships") or [{}]
    return DbState(
        identifier=raw["DBInstanceIdentifier"],
        resource_id=raw.get("DbiResourceId", ""),
        arn=raw.get("DBInstanceArn", ""),
        status=raw.get("DBInstanceStatus", ""),
        engine=raw.get("Engine", ""),
        engine_version=raw.get("EngineVersion", ""),
        instance_class=raw.get("DBInstanceClass", ""),
        address=endpoint.get("Address"),
        port=endpoint.get("Port"),
        database_name=raw.get("DBName"),
        username=raw.get("MasterUsername", ""),
        storage=Bytes.gib(raw.get("AllocatedStorage", 0)),
        max_storage=Bytes.gib(raw["MaxAllocatedStorage"]) if raw.get("MaxAllocatedStorage") else None,
        storage_type=raw.get("StorageType", ""),
        is_encrypted=bool(raw.get("StorageEncrypted")),
        key_id=raw.get("KmsKeyId"),
        is_multi_az=bool(raw.get("MultiAZ")),
        is_public=bool(raw.get("PubliclyAccessible")),
        has_deletion_protection=bool(raw.get("DeletionProtection")),
        retention=Duration.days(raw.get("BackupRetentionPeriod", 0)),
        latest_restorable_time=raw.get("LatestRestorableTime"),
        created_at=raw.get("InstanceCreateTime"),
        source_id=raw.get("ReadReplicaSourceDBInstanceIdentifier") or None,
        replica_ids=tuple(raw.get("ReadReplicaDBInstanceIdentifiers", ())),
        pending={name: str(value) for name, value in (raw.get("PendingModifiedValues") or {}).items()},
        ca_certificate=raw.get("CACertificateIdentifier"),
        parameter_group=groups[0].get("DBParameterGroupName"),
        parameter_status=groups[0].get("ParameterApplyStatus"),
        option_group=options[0].get("OptionGroupName"),
        subnet_group=subnet_group.get("DBSubnetGroupName"),
        vpc_id=subnet_group.get("VpcId"),
        security_group_ids=tuple(group["VpcSecurityGroupId"] for group in raw.get("VpcSecurityGroups", ())),
        log_exports=tuple(raw.get("EnabledCloudwatchLogsExports", ())),
        tags=tags(raw.get("TagList", ())),
        backup_owner_arn=raw.get("AwsBackupRecoveryPointArn"),
        replicated_backup_arns=tuple(
            link["DBInstanceAutomatedBackupsArn"] for link in raw.get("DBInstanceAutomatedBackupsReplications") or ()
        ),
        secret_arn=(raw.get("MasterUserSecret") or {}).get("SecretArn"),
        zone=raw.get("AvailabilityZone"),
        monitoring=_monitoring(raw),
    )


def _monitoring(raw: Mapping[str, Any]) -> Monitoring:
    has_insights = bool(raw.get("PerformanceInsightsEnabled"))
    return Monitoring(
        interval_s=raw.get("MonitoringInterval") or 0,
        role_arn=raw.get("MonitoringRoleArn"),
        insights_days=raw.get("PerformanceInsightsRetentionPeriod") if has_insights else None,
        insights_key_id=raw.get("PerformanceInsightsKMSKeyId") if has_insights else None,
    )


def snapshot_state(raw: Mapping[str, Any]) -> SnapshotState:
    """A DBSnapshot of the API as ours."""
    return SnapshotState(
        identifier=raw["DBSnapshotIdentifier"],
        arn=raw.get("DBSnapshotArn", ""),
        instance_id=raw.get("DBInstanceIdentifier", ""),
        source_resource_id=raw.get("DbiResourceId", ""),
        status=raw.get("Status", ""),
        kind=raw.get("SnapshotType", ""),
        storage=Bytes.gib(raw.get("AllocatedStorage", 0)),
        is_encrypted=bool(raw.get("Encrypted")),
        key_id=raw.get("KmsKeyId"),
        engine=raw.get("Engine", ""),
        engine_version=raw.get("EngineVersion", ""),
        username=raw.get("MasterUsername", ""),
        created_at=raw.get("SnapshotCreateTime"),
        taken_at=raw.get("OriginalSnapshotCreateTime") or raw.get("SnapshotCreateTime"),
        # The newest transaction that it has (RDS API Reference, DBSnapshot, SnapshotDatabaseTime, 2026-11-21).
        holds_until=raw.get("SnapshotDatabaseTime"),
        tags=tags(raw.get("TagList", ())),
    )


def automated_backup(raw: Mapping[str, Any]) -> AutomatedBackup:
    """A DBInstanceAutomatedBackup of the API as ours."""
    window = raw.get("RestoreWindow") or {}
    return AutomatedBackup(
        arn=raw.get("DBInstanceAutomatedBackupsArn", ""),
        instance_id=raw.get("DBInstanceIdentifier", ""),
        resource_id=raw.get("DbiResourceId", ""),
        status=raw.get("Status", ""),
        window=RestorableWindow(earliest=window.get("EarliestTime"), latest=window.get("LatestTime")),
        retention=Duration.days(raw.get("BackupRetentionPeriod", 0)),
        region=raw.get("Region", ""),
        instance_arn=raw.get("DBInstanceArn", ""),
        engine=raw.get("Engine", ""),
        engine_version=raw.get("EngineVersion", ""),
        username=raw.get("MasterUsername", ""),
        key_id=raw.get("KmsKeyId"),
    )


def db_event(raw: Mapping[str, Any]) -> DbEvent:
    """An Event of the API as ours."""
    return DbEvent(at=raw["Date"], message=raw.get("Message", ""), categories=tuple(raw.get("EventCategories", ())))


def tags(raw: Any) -> dict[str, str]:
    """A list of Key/Value pairs as a mapping."""
    return {tag["Key"]: tag.get("Value", "") for tag in raw or ()}
