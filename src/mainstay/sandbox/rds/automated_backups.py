"""Automated backups: from when to when an instance, living or deleted, can be restored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds import faults, operations
from mainstay.sandbox.rds.records import (
    AUTOMATED,
    INSTANCE,
    REPLICATED,
    SUBNET_GROUP,
    Record,
    answer,
    arn,
    filtered,
    page,
)
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction

COPIED: Final = (
    "DBInstanceArn", "DbiResourceId", "DBInstanceIdentifier", "AllocatedStorage", "AvailabilityZone", "MasterUsername",
    "InstanceCreateTime", "Engine", "EngineVersion", "LicenseModel", "Iops", "StorageThroughput", "StorageType",
    "KmsKeyId", "IAMDatabaseAuthenticationEnabled", "BackupRetentionPeriod", "PreferredBackupWindow",
    "DedicatedLogVolume", "TagList", "BackupTarget", "DBInstanceAutomatedBackupsReplications",
)  # fmt: skip
FILTERS: Final = {"status": "Status", "db-instance-id": "DBInstanceIdentifier", "dbi-resource-id": "DbiResourceId"}


def backup_of(tx: Transaction, db: Record, status: str) -> Record:
    """The automated backup of an instance, as RDS shows it, with the instance's record for a later restore."""
    group = tx.get(SUBNET_GROUP, db["_subnet_group"]) if db.get("_subnet_group") else None
    return {member: db.get(member) for member in COPIED} | {
        "Region": tx.region,
        "Port": db["_port"],
        "Encrypted": db["StorageEncrypted"],
        "VpcId": group["VpcId"] if group else None,
        "OptionGroupName": db["OptionGroupMemberships"][0]["OptionGroupName"],
        "RestoreWindow": {"EarliestTime": db.get("_earliest"), "LatestTime": db.get("LatestRestorableTime")},
        "Status": status,
        "DBInstanceAutomatedBackupsArn": arn(
            tx, "auto-backup", "ab-" + db["DbiResourceId"].removeprefix("db-").lower()
        ),
        "_instance": db,
    }


def all_backups(tx: Transaction) -> list[Record]:
    """Those of living instances that have backups on, those kept after a deletion, and those of other regions."""
    living = [
        backup_of(tx, db, "active" if db.get("LatestRestorableTime") else "creating")
        for db in tx.all(INSTANCE)
        if db["BackupRetentionPeriod"] and db["DBInstanceStatus"] != "failed"
    ]
    return living + tx.all(AUTOMATED) + tx.all(REPLICATED)


def require_backup(tx: Transaction, *, resource: str | None = None, backup_arn: str | None = None) -> Record:
    """The automated backup of a DbiResourceId or ARN, or RDS's refusal."""
    for one in all_backups(tx):
        if (resource or "").lower() == one["DbiResourceId"].lower() or backup_arn == one[
            "DBInstanceAutomatedBackupsArn"
        ]:
            return one
    raise ServiceError(
        "DBInstanceAutomatedBackupNotFound", f"Automated backup {resource or backup_arn} not found.", faults.NOT_FOUND
    )


def describe_automated_backups(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Automated backups by instance, resource, ARN or filter."""
    wanted = {
        "DbiResourceId": params.get("DbiResourceId"),
        "DBInstanceIdentifier": str(params.get("DBInstanceIdentifier") or "").lower() or None,
        "DBInstanceAutomatedBackupsArn": params.get("DBInstanceAutomatedBackupsArn"),
    }
    found = [one for one in all_backups(tx) if all(value in (None, one[member]) for member, value in wanted.items())]
    kept = filtered(found, params.get("Filters") or [], FILTERS)
    return page([answer(one) for one in kept], params, "DBInstanceAutomatedBackups")


def delete_automated_backup(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Remove a backup that was kept after its instance was deleted, or after its replication ended."""
    record = require_backup(
        tx, resource=params.get("DbiResourceId"), backup_arn=params.get("DBInstanceAutomatedBackupsArn")
    )
    if record["Status"] != "retained":
        raise ServiceError(
            "InvalidDBInstanceAutomatedBackupState",
            f"The automated backup of {record['DBInstanceIdentifier']} is {record['Status']}; only a "
            "retained one can be deleted.",
        )
    kind = REPLICATED if record.get("_home") else AUTOMATED
    tx.delete(kind, record["DbiResourceId"])
    # A lane works in one region, and the source may still have its own: a replicated backup's goes by its own name.
    lane = record["DBInstanceAutomatedBackupsArn"].rsplit(":", 1)[-1] if record.get("_home") else None
    operations.enqueue(
        tx, operations.ERASE, {**record, "DbiResourceId": lane or record["DbiResourceId"]},
        backups_of=record["DbiResourceId"], home=record.get("_home"),
    )  # fmt: skip
    return {"DBInstanceAutomatedBackup": answer({**record, "Status": "deleting"})}


HANDLERS: Final[Mapping[str, Handler]] = {
    "DescribeDBInstanceAutomatedBackups": describe_automated_backups,
    "DeleteDBInstanceAutomatedBackup": delete_automated_backup,
}
