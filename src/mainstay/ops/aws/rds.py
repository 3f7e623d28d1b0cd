"""Databases: what they are, what they can be restored to, and the few ways in which we change them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from mainstay.core.errors import NotFound
from mainstay.core.units import Bytes, Duration
from mainstay.ops.aws.door import Door, found
from mainstay.ops.aws.rds_states import (
    AutomatedBackup,
    DbEvent,
    DbState,
    Monitoring,
    RestorableWindow,
    SnapshotState,
    automated_backup,
    db_event,
    db_state,
    snapshot_state,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """How an instance that stays is kept: what a copy that goes again does without. None leaves RDS's own default.

    `maintenance_window` is no member of a restore, so that it is set once the instance is available
    (RDS API Reference, RestoreDBInstanceToPointInTime and ModifyDBInstance, checked 2026-11-21).
    """

    retention: Duration | None = None
    is_protected: bool = True
    copies_tags: bool = True
    backup_window: str | None = None
    maintenance_window: str | None = None
    has_iam_authentication: bool | None = None
    upgrades_minor_versions: bool | None = None
    max_storage: Bytes | None = None
    log_exports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a restored instance stands and how it is set: everything that RDS would otherwise take from defaults.

    A restore that leaves these out lands in the default subnet, security and parameter group
    (RDS API Reference, RestoreDBInstanceToPointInTime, checked 2026-11-20).
    """

    subnet_group: str | None
    security_group_ids: tuple[str, ...]
    parameter_group: str | None
    option_group: str | None = None
    instance_class: str | None = None
    port: int | None = None
    is_multi_az: bool = False
    ca_certificate: str | None = None
    keeping: Keeping | None = None

    def kept_as(self, keeping: Keeping) -> Placement:
        """The same place, for an instance that stays."""
        return replace(self, keeping=keeping)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreRequest:
    """A restore to a time into a new instance; `time` None means the latest that can be had.

    With `backup_arn` it is restored from that automated backup, whose instance may be of another region, or gone.
    """

    source: str
    backup_arn: str | None = None
    target: str
    placement: Placement
    time: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRestore:
    """A restore of a snapshot into a new instance."""

    snapshot: str
    target: str
    placement: Placement
    tags: Mapping[str, str] = field(default_factory=dict)


class RdsDoor(Door):
    """Questions to RDS."""

    def instance(self, identifier: str) -> DbState:
        """An instance; NotFound when there is none of that name."""
        return db_state(self._ask("DescribeDBInstances", DBInstanceIdentifier=identifier)["DBInstances"][0])

    def find_instance(self, identifier: str) -> DbState | None:
        """An instance, or None."""
        return found(lambda: self.instance(identifier))

    def find_by_resource(self, resource_id: str) -> DbState | None:
        """The instance with that DbiResourceId under whatever name it bears, or None."""
        only = [{"Name": "dbi-resource-id", "Values": [resource_id]}]
        known = self._pages("DescribeDBInstances", "DBInstances", Filters=only)
        return db_state(known[0]) if known else None

    def instances(self) -> tuple[DbState, ...]:
        """Every instance in the region."""
        return tuple(db_state(raw) for raw in self._pages("DescribeDBInstances", "DBInstances"))

    def instances_tagged(self, key: str, value: str | None = None) -> tuple[DbState, ...]:
        """The instances that carry a tag, with this value when one is given; read from RDS, not a tag index."""
        return tuple(state for state in self.instances() if key in state.tags and value in (None, state.tags[key]))

    def restorable_window(self, identifier: str) -> RestorableWindow:
        """From when to when an instance can be restored."""
        state = self.instance(identifier)
        active = [kept for kept in self.automated_backups(identifier) if kept.resource_id == state.resource_id]
        return RestorableWindow(
            earliest=active[0].window.earliest if active else None, latest=state.latest_restorable_time
        )

    def automated_backups(self, identifier: str) -> tuple[AutomatedBackup, ...]:
        """The automated backups under an instance's name, of instances that are gone too."""
        member = "DBInstanceAutomatedBackups"
        pages = self._pages("DescribeDBInstanceAutomatedBackups", member, DBInstanceIdentifier=identifier)
        return tuple(automated_backup(raw) for raw in pages)

    def automated_backup(self, arn: str) -> AutomatedBackup:
        """The automated backup of an ARN; NotFound when there is none."""
        member = "DBInstanceAutomatedBackups"
        known = self._ask("DescribeDBInstanceAutomatedBackups", DBInstanceAutomatedBackupsArn=arn)[member]
        if not known:
            raise NotFound(
                "no such backup", detail=f"There is no automated backup {arn}.", hint="its retention may have ended"
            )
        return automated_backup(known[0])

    def replicated_backups(self, region: str) -> tuple[AutomatedBackup, ...]:
        """The automated backups here whose instances are, or were, in that other region."""
        raw = self._pages("DescribeDBInstanceAutomatedBackups", "DBInstanceAutomatedBackups")
        return tuple(backup for backup in map(automated_backup, raw) if backup.region == region)

    def restore_to_time(self, request: RestoreRequest) -> DbState:
        """Begin a restore to a time; the tags are set by the same call."""
        answer = self._ask(
            "RestoreDBInstanceToPointInTime",
            SourceDBInstanceIdentifier=None if request.backup_arn else request.source,
            SourceDBInstanceAutomatedBackupsArn=request.backup_arn,
            TargetDBInstanceIdentifier=request.target,
            RestoreTime=request.time,
            UseLatestRestorableTime=True if request.time is None else None,
            MaxAllocatedStorage=_growing_to(request.placement.keeping),
            **_placed(request.placement, request.tags),
        )
        return db_state(answer["DBInstance"])

    def restore_from_snapshot(self, request: SnapshotRestore) -> DbState:
        """Begin a restore of a snapshot; the tags are set by the same call."""
        answer = self._ask(
            "RestoreDBInstanceFromDBSnapshot",
            DBSnapshotIdentifier=request.snapshot,
            DBInstanceIdentifier=request.target,
            **_placed(request.placement, request.tags),
        )
        return db_state(answer["DBInstance"])

    def set_password(self, identifier: str, password: str) -> DbState:
        """Begin to give the master user a password; it is in force when it is no longer pending."""
        return self._modify(identifier, MasterUserPassword=password)

    def set_maintenance_window(self, identifier: str, window: str) -> DbState:
        """Set when RDS may work on an instance, as `sun:05:30-sun:06:00`; takes effect without a restart."""
        return self._modify(identifier, PreferredMaintenanceWindow=window)

    def set_monitoring(self, identifier: str, monitoring: Monitoring) -> DbState:
        """Watch an instance as another one is watched: a restore has no member for it."""
        insights = monitoring.insights_days is not None
        return self._modify(
            identifier,
            MonitoringInterval=monitoring.interval_s,
            MonitoringRoleArn=monitoring.role_arn if monitoring.interval_s else None,
            EnablePerformanceInsights=insights,
            PerformanceInsightsRetentionPeriod=monitoring.insights_days,
            PerformanceInsightsKMSKeyId=monitoring.insights_key_id if insights else None,
        )

    def rename(self, identifier: str, name: str) -> DbState:
        """Begin to give an instance another name; its endpoint's DNS name goes with it, and it is restarted."""
        return self._modify(identifier, NewDBInstanceIdentifier=name)

    def subscriptions_to(self, identifier: str) -> tuple[str, ...]:
        """The event subscriptions that name an instance."""
        known = self._pages("DescribeEventSubscriptions", "EventSubscriptionsList")
        return tuple(one["CustSubscriptionId"] for one in known if identifier in one.get("SourceIdsList", ()))

    def set_deletion_protection(self, identifier: str, *, is_on: bool) -> DbState:
        """Switch deletion protection; takes effect without a restart."""
        return self._modify(identifier, DeletionProtection=is_on)

    def set_retention(self, identifier: str, retention: Duration) -> DbState:
        """Keep automated backups for so long (whole days); 0 ends them and restarts the instance."""
        return self._modify(identifier, BackupRetentionPeriod=retention // 86_400)

    def reboot(self, identifier: str, *, with_failover: bool = False) -> DbState:
        """Restart an instance, on its standby when `with_failover`."""
        answer = self._ask("RebootDBInstance", DBInstanceIdentifier=identifier, ForceFailover=with_failover)
        return db_state(answer["DBInstance"])

    def delete_without_snapshot(self, identifier: str) -> DbState:
        """Delete an instance and its automated backups: only for what we restored ourselves."""
        answer = self._ask(
            "DeleteDBInstance", DBInstanceIdentifier=identifier, SkipFinalSnapshot=True, DeleteAutomatedBackups=True
        )
        return db_state(answer["DBInstance"])

    def delete_with_snapshot(self, identifier: str, snapshot: str) -> DbState:
        """Delete an instance after a last snapshot of that name; automated backups stay for their retention."""
        answer = self._ask(
            "DeleteDBInstance",
            DBInstanceIdentifier=identifier,
            SkipFinalSnapshot=False,
            FinalDBSnapshotIdentifier=snapshot,
            DeleteAutomatedBackups=False,
        )
        return db_state(answer["DBInstance"])

    def take_snapshot(self, identifier: str, snapshot: str, tags: Mapping[str, str]) -> SnapshotState:
        """Begin a manual snapshot."""
        answer = self._ask(
            "CreateDBSnapshot", DBInstanceIdentifier=identifier, DBSnapshotIdentifier=snapshot, Tags=_tag_list(tags)
        )
        return snapshot_state(answer["DBSnapshot"])

    def snapshot(self, snapshot: str) -> SnapshotState:
        """A snapshot; NotFound when there is none of that name."""
        return snapshot_state(self._ask("DescribeDBSnapshots", DBSnapshotIdentifier=snapshot)["DBSnapshots"][0])

    def snapshots(self, identifier: str) -> tuple[SnapshotState, ...]:
        """The snapshots of an instance, also of one that is gone."""
        pages = self._pages("DescribeDBSnapshots", "DBSnapshots", DBInstanceIdentifier=identifier)
        return tuple(snapshot_state(raw) for raw in pages)

    def delete_snapshot(self, snapshot: str) -> None:
        """Delete a manual snapshot."""
        self._ask("DeleteDBSnapshot", DBSnapshotIdentifier=snapshot)

    def events(self, identifier: str, since: datetime) -> tuple[DbEvent, ...]:
        """What RDS tells about an instance since then, oldest first (RDS keeps 14 days)."""
        pages = self._pages(
            "DescribeEvents", "Events", SourceIdentifier=identifier, SourceType="db-instance", StartTime=since
        )
        return tuple(db_event(raw) for raw in pages)

    def parameters(self, group: str) -> dict[str, str]:
        """What a parameter group sets itself, apart from the engine's defaults."""
        pages = self._pages("DescribeDBParameters", "Parameters", DBParameterGroupName=group, Source="user")
        return {raw["ParameterName"]: raw["ParameterValue"] for raw in pages if "ParameterValue" in raw}

    def _modify(self, identifier: str, **changes: Any) -> DbState:  # Any: API members, only from methods above
        answer = self._ask("ModifyDBInstance", DBInstanceIdentifier=identifier, ApplyImmediately=True, **changes)
        return db_state(answer["DBInstance"])


def _placed(placement: Placement, tags: Mapping[str, str]) -> dict[str, Any]:
    """What both ways to restore have in common: where it stands, nothing public, how it is kept, tagged."""
    return {
        "DBSubnetGroupName": placement.subnet_group,
        "VpcSecurityGroupIds": list(placement.security_group_ids) or None,
        "DBParameterGroupName": placement.parameter_group,
        "OptionGroupName": placement.option_group,
        "DBInstanceClass": placement.instance_class,
        "Port": placement.port,
        "MultiAZ": placement.is_multi_az,
        "CACertificateIdentifier": placement.ca_certificate,
        "PubliclyAccessible": False,
        "Tags": _tag_list(tags),
        **(_kept(placement.keeping) if placement.keeping else _PASSING),
    }


# A copy that goes again: no backups of its own, and nothing that holds it.
_PASSING: Final = {"BackupRetentionPeriod": 0, "DeletionProtection": False, "CopyTagsToSnapshot": False}


def _kept(keeping: Keeping) -> dict[str, Any]:
    return {
        "BackupRetentionPeriod": keeping.retention // 86_400 if keeping.retention is not None else None,
        "DeletionProtection": keeping.is_protected,
        "CopyTagsToSnapshot": keeping.copies_tags,
        "PreferredBackupWindow": keeping.backup_window,
        "EnableIAMDatabaseAuthentication": keeping.has_iam_authentication,
        "AutoMinorVersionUpgrade": keeping.upgrades_minor_versions,
        "EnableCloudwatchLogsExports": list(keeping.log_exports) or None,
    }


def _growing_to(keeping: Keeping | None) -> int | None:
    """Only a restore to a time takes it; after that of a snapshot it is as RDS sets it."""
    return int(keeping.max_storage.in_gib) if keeping is not None and keeping.max_storage is not None else None


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
