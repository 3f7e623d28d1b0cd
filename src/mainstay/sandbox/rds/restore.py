"""Restores into a new instance: from a snapshot, or to a point in time.

A restored instance has the data, users and passwords of the point restored, and the defaults for everything that
the request leaves out: default parameter group, one zone, no deletion protection (RDS API reference,
RestoreDBInstanceToPointInTime, read 2026-11-20).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from mainstay.core.clock import parse_time, render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds import automated_backups, building, faults, instances, operations, snapshots, versions
from mainstay.sandbox.rds.records import Record, moment, put_instance, require_instance
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction

INHERITED: Final = (
    "DBInstanceClass", "AllocatedStorage", "MaxAllocatedStorage", "StorageType", "Iops", "StorageThroughput", "Engine",
    "EngineVersion", "MasterUsername", "DBName", "StorageEncrypted", "KmsKeyId", "BackupRetentionPeriod",
    "PreferredBackupWindow", "PreferredMaintenanceWindow", "AutoMinorVersionUpgrade", "LicenseModel",
    "CACertificateIdentifier", "_port", "_runs",
)  # fmt: skip


def restore_to_point_in_time(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """A new instance with the data of a source as they were at a time."""
    target = building.new_identifier(tx, params["TargetDBInstanceIdentifier"], "TargetDBInstanceIdentifier")
    _refuse(params)
    source = _source(tx, params)
    at = _restore_time(source, params)
    record = building.build(tx, target, params, {name: source[name] for name in INHERITED if name in source})
    _finish(tx, record, params, source)
    operations.enqueue(
        tx, operations.RESTORE, record, source=source["DbiResourceId"], time=render_time(at),
        source_name=source["DBInstanceIdentifier"], home=source.get("_home"),
    )  # fmt: skip
    return {"DBInstance": instances.shown(tx, record)}


def _source(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """The source's record, of the living instance or as it was when it was deleted."""
    named = [
        params.get(name)
        for name in ("SourceDBInstanceIdentifier", "SourceDbiResourceId", "SourceDBInstanceAutomatedBackupsArn")
    ]
    if sum(1 for name in named if name) != 1:
        raise faults.invalid_combination(
            "Specify one of SourceDBInstanceIdentifier, SourceDbiResourceId and SourceDBInstanceAutomatedBackupsArn."
        )
    if named[0]:
        source = require_instance(tx, named[0])
        if not source["BackupRetentionPeriod"]:
            raise ServiceError(
                "PointInTimeRestoreNotEnabled",
                f"Point in time restore is not enabled for {source['DBInstanceIdentifier']}: its "
                "backup retention period is 0.",
            )
        return source
    backup = automated_backups.require_backup(tx, resource=named[1], backup_arn=named[2])
    instance: Record = {**backup["_instance"]}
    if backup.get("_home"):
        window = backup["RestoreWindow"]
        instance |= {"_home": backup["_home"], "_earliest": window.get("EarliestTime")}
        instance["LatestRestorableTime"] = window.get("LatestTime")
    return instance


def _restore_time(source: Record, params: Mapping[str, Any]) -> datetime:
    wanted, is_latest = params.get("RestoreTime"), bool(params.get("UseLatestRestorableTime"))
    if bool(wanted) == is_latest:
        raise faults.invalid_combination("Specify either RestoreTime or UseLatestRestorableTime.")
    name = source["DBInstanceIdentifier"]
    earliest, latest = source.get("_earliest"), source.get("LatestRestorableTime")
    if not earliest or not latest:
        raise ServiceError("InvalidDBInstanceState", f"Instance {name} has no automated backup to restore from yet.")
    if is_latest:
        return parse_time(latest)
    at = moment(wanted or "")
    if at > parse_time(latest):
        raise faults.invalid_value(
            f"The specified instance cannot be restored to a time later than {latest}; {render_time(at)} was requested."
        )
    if at <= parse_time(earliest):
        raise faults.invalid_value(
            f"The specified instance cannot be restored to a time earlier than {earliest}, the end of "
            "its first backup; "
            f"{render_time(at)} was requested."
        )
    return at


def restore_from_snapshot(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """A new instance with the data of a snapshot."""
    if params.get("DBClusterSnapshotIdentifier"):
        instances.refuse_unsupported({"DBClusterIdentifier": params["DBClusterSnapshotIdentifier"]})
    target = building.new_identifier(tx, params["DBInstanceIdentifier"])
    _refuse(params)
    snapshot = snapshots.require_snapshot(tx, params.get("DBSnapshotIdentifier") or "")
    if snapshot["Status"] != "available":
        raise ServiceError("InvalidDBSnapshotState", f"The snapshot is not in available state: {snapshot['Status']}.")
    source = {**snapshot["_instance"], **snapshot, "StorageEncrypted": snapshot["Encrypted"]}
    record = building.build(tx, target, params, {name: source[name] for name in INHERITED if name in source})
    _finish(tx, record, params, source)
    operations.enqueue(
        tx, operations.RESTORE, record, snapshot=snapshot["_directory"], source_name=snapshot["DBSnapshotIdentifier"]
    )
    return {"DBInstance": instances.shown(tx, record)}


def _refuse(params: Mapping[str, Any]) -> None:
    instances.refuse_unsupported(params)
    if params.get("Engine"):
        versions.require_engine(params["Engine"])
    if params.get("DBName"):
        raise faults.invalid_combination("DBName can't be specified when restoring a DB instance of this engine.")
    if params.get("ManageMasterUserPassword"):
        raise faults.invalid_combination("ManageMasterUserPassword can't be specified when restoring this engine.")


def _finish(tx: Transaction, record: Record, params: Mapping[str, Any], source: Record) -> None:
    if record["AllocatedStorage"] < source["AllocatedStorage"]:
        raise faults.invalid_combination(
            f"The allocated storage {record['AllocatedStorage']} is less than the source's "
            f"{source['AllocatedStorage']}."
        )
    # RDS User Guide, USER_PIT: without tags of its own a restored instance gets the source's (read 2026-11-20).
    if "Tags" not in params and not params.get("TagSpecifications"):
        record["TagList"] = list(source.get("TagList") or [])
    put_instance(tx, record)


HANDLERS: Final[Mapping[str, Handler]] = {
    "RestoreDBInstanceToPointInTime": restore_to_point_in_time,
    "RestoreDBInstanceFromDBSnapshot": restore_from_snapshot,
}
