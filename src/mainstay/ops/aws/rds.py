"""Databases: what they are, what they can be restored to, and the few ways in which we change them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mainstay.core.units import Duration
from mainstay.ops.aws.door import Door, found
from mainstay.ops.aws.rds_states import (
    AutomatedBackup,
    DbEvent,
    DbState,
    RestorableWindow,
    SnapshotState,
    automated_backup,
    db_event,
    db_state,
    snapshot_state,
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreRequest:
    """A restore to a time into a new instance; `time` None means the latest that can be had."""

    source: str
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

    def restore_to_time(self, request: RestoreRequest) -> DbState:
        """Begin a restore to a time; the tags are set by the same call."""
        answer = self._ask(
            "RestoreDBInstanceToPointInTime",
            SourceDBInstanceIdentifier=request.source,
            TargetDBInstanceIdentifier=request.target,
            RestoreTime=request.time,
            UseLatestRestorableTime=True if request.time is None else None,
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
    """What both ways to restore have in common: nothing public, no backups of its own, no protection, tagged."""
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
        "BackupRetentionPeriod": 0,
        "DeletionProtection": False,
        "CopyTagsToSnapshot": False,
        "Tags": _tag_list(tags),
    }


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
