"""Manual snapshots of an instance."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds import faults, operations, validation
from mainstay.sandbox.rds.events import emit
from mainstay.sandbox.rds.records import (
    SNAPSHOT,
    SUBNET_GROUP,
    Record,
    answer,
    arn,
    filtered,
    page,
    put_instance,
    require_available,
    tags_of,
)
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction

COPIED: Final = (
    "DBInstanceIdentifier", "Engine", "EngineVersion", "AllocatedStorage", "AvailabilityZone", "MasterUsername",
    "LicenseModel", "Iops", "StorageThroughput", "StorageType", "KmsKeyId", "DbiResourceId", "InstanceCreateTime",
    "IAMDatabaseAuthenticationEnabled", "DedicatedLogVolume",
)  # fmt: skip
# What a restore needs to know of the instance, beyond what a snapshot shows.
KEPT: Final = (
    "DBInstanceClass", "DBName", "PreferredBackupWindow", "PreferredMaintenanceWindow", "BackupRetentionPeriod",
    "CACertificateIdentifier", "AutoMinorVersionUpgrade", "LicenseModel", "MaxAllocatedStorage", "_port", "_runs",
)  # fmt: skip
FILTERS: Final = {
    "db-snapshot-id": "DBSnapshotIdentifier",
    "db-instance-id": "DBInstanceIdentifier",
    "engine": "Engine",
    "dbi-resource-id": "DbiResourceId",
    "snapshot-type": "SnapshotType",
}


def create_db_snapshot(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Begin a snapshot of an available instance."""
    record = require_available(tx, params["DBInstanceIdentifier"], "storage-full")
    tags = tags_of(params) or (record["TagList"] if record["CopyTagsToSnapshot"] else [])
    snapshot = begin_snapshot(tx, record, params["DBSnapshotIdentifier"], tags)
    record["DBInstanceStatus"] = "backing-up"
    put_instance(tx, record)
    return {"DBSnapshot": answer(snapshot)}


def begin_snapshot(tx: Transaction, db: Record, name: str, tags: list[dict[str, str]]) -> Record:
    """Write a snapshot's record and queue the work."""
    identifier = validation.check_identifier(name, "DBSnapshotIdentifier", of="snapshot")
    if tx.get(SNAPSHOT, identifier):
        raise faults.snapshot_exists(identifier)
    group = tx.get(SUBNET_GROUP, db["_subnet_group"]) if db.get("_subnet_group") else None
    snapshot: Record = {member: db.get(member) for member in COPIED} | {
        "DBSnapshotIdentifier": identifier,
        "DBSnapshotArn": arn(tx, "snapshot", identifier),
        "SnapshotType": "manual",
        "Status": "creating",
        "PercentProgress": 0,
        "Port": db["_port"],
        "Encrypted": db["StorageEncrypted"],
        "VpcId": group["VpcId"] if group else None,
        "OptionGroupName": db["OptionGroupMemberships"][0]["OptionGroupName"],
        "SnapshotTarget": "region",
        "TagList": tags,
        "_requested": render_time(tx.now),
        "_directory": f"snapshots/{uuid.uuid4().hex}",
        "_instance": {member: db.get(member) for member in KEPT},
    }
    tx.put(SNAPSHOT, identifier, snapshot)
    operations.enqueue(tx, operations.SNAPSHOT, db, snapshot=identifier)
    return snapshot


def require_snapshot(tx: Transaction, identifier: str) -> Record:
    """The snapshot's record, by identifier or ARN."""
    name = identifier.rsplit(":", 1)[-1].lower()
    record = tx.get(SNAPSHOT, name)
    if record is None:
        raise faults.snapshot_not_found(name)
    return record


def describe_db_snapshots(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """One snapshot, those of an instance, or all."""
    if params.get("DBSnapshotIdentifier"):
        found = [require_snapshot(tx, params["DBSnapshotIdentifier"])]
    else:
        found = tx.all(SNAPSHOT)
    wanted = {"DBInstanceIdentifier": str(params.get("DBInstanceIdentifier") or "").lower(),
              "SnapshotType": params.get("SnapshotType"), "DbiResourceId": params.get("DbiResourceId")}  # fmt: skip
    kept = [one for one in found if all(value in (None, "", one[member]) for member, value in wanted.items())]
    kept = filtered(kept, params.get("Filters") or [], FILTERS)
    return page([answer(one) for one in kept], params, "DBSnapshots")


def delete_db_snapshot(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Remove a snapshot that is finished, and not a recovery point of AWS Backup."""
    record = require_snapshot(tx, params["DBSnapshotIdentifier"])
    if record["SnapshotType"] == "awsbackup":
        raise ServiceError(
            "InvalidDBSnapshotState", "Snapshots that AWS Backup manages cannot be deleted here; use AWS Backup."
        )
    remove(tx, record)
    return {"DBSnapshot": answer({**record, "Status": "deleted"})}


def remove(tx: Transaction, record: Record) -> None:
    """Forget a finished snapshot, and have its files removed."""
    if record["Status"] not in ("available", "failed"):
        raise ServiceError(
            "InvalidDBSnapshotState",
            f"Cannot delete the snapshot because it is not currently in the available state: {record['Status']}.",
        )
    tx.delete(SNAPSHOT, record["DBSnapshotIdentifier"])
    # A lane works in one region: what lay in another one first has a lane of its own.
    own = {"DbiResourceId": record["DBSnapshotIdentifier"]} if record.get("SourceRegion") else {}
    operations.enqueue(tx, operations.ERASE, {**record, **own}, directories=[record["_directory"]])
    emit(tx, "RDS-EVENT-0041", record["DBSnapshotIdentifier"], source_type="db-snapshot")


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateDBSnapshot": create_db_snapshot,
    "DescribeDBSnapshots": describe_db_snapshots,
    "DeleteDBSnapshot": delete_db_snapshot,
}
