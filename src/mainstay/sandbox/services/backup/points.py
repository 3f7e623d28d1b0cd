"""Recovery points: each is a snapshot of RDS, which only AWS Backup may delete."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from mainstay.core.clock import parse_time, render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds import snapshots
from mainstay.sandbox.services.backup.requests import INVALID, MISSING, REFUSED
from mainstay.sandbox.services.backup.settling import settle
from mainstay.sandbox.services.backup.vaults import POINT, check_allowed, points_of, require_vault
from mainstay.sandbox.services.handler import Answer, Params, Table, page, public, refuse_if, with_token
from mainstay.sandbox.state import Record, Transaction


def list_points(tx: Transaction, params: Params) -> Answer:
    """The recovery points of a vault, of one resource or of all."""
    settle(tx)
    wanted = {"ResourceArn": params.get("ByResourceArn"), "ResourceType": params.get("ByResourceType")}
    found = [
        _shown(point)
        for point in points_of(tx, require_vault(tx, params["BackupVaultName"]))
        if all(value in (None, point[member]) for member, value in wanted.items())
        and _is_between(point, params.get("ByCreatedAfter"), params.get("ByCreatedBefore"))
    ]
    shown, token = page(found, params.get("NextToken"), params.get("MaxResults", 1000), code=INVALID)
    return with_token({"RecoveryPoints": shown}, token)


def _is_between(point: Record, after: datetime | None, before: datetime | None) -> bool:
    created = parse_time(point["CreationDate"])
    return (after is None or created > after) and (before is None or created < before)


def describe_point(tx: Transaction, params: Params) -> Answer:
    """One recovery point."""
    settle(tx)
    return {**_shown(_point(tx, params)), "StorageClass": "WARM"}


def _shown(point: Record) -> Answer:
    """A recovery point, and when it goes by itself, where it does."""
    until = _kept_until(point)
    return {**public(point), **({"CalculatedLifecycle": {"DeleteAt": render_time(until)}} if until else {})}


def restore_metadata(tx: Transaction, params: Params) -> Answer:
    """With what a restore would be asked for, were nothing changed."""
    settle(tx)
    point = _point(tx, params)
    snapshot = snapshots.require_snapshot(tx, point["RecoveryPointArn"])
    members = {
        "DBInstanceIdentifier": snapshot["DBInstanceIdentifier"],
        "DBInstanceClass": snapshot["_instance"]["DBInstanceClass"],
        "Engine": snapshot["Engine"],
        "AllocatedStorage": snapshot["AllocatedStorage"],
        "StorageType": snapshot["StorageType"],
        "Port": snapshot["Port"],
    }
    metadata = {name: str(value) for name, value in members.items() if value is not None}
    kept = {member: point[member] for member in ("BackupVaultArn", "RecoveryPointArn", "ResourceType")}
    return {**kept, "RestoreMetadata": metadata}


def delete_point(tx: Transaction, params: Params) -> Answer:
    """Remove a recovery point with its snapshot, unless policy or lock of its vault keep it."""
    settle(tx)
    vault, point = require_vault(tx, params["BackupVaultName"]), _point(tx, params)
    check_allowed(vault, "backup:DeleteRecoveryPoint")
    refuse_if(point["Status"] == "CREATING", REFUSED, "The recovery point is still being created.")
    if vault["Locked"]:
        until = _kept_until(point)
        told = f"until {render_time(until)}" if until else "for ever"
        message = f"Recovery point cannot be deleted: the lock of vault {vault['BackupVaultName']} keeps it {told}."
        refuse_if(until is None or until > tx.now, INVALID, message)
    snapshots.remove(tx, snapshots.require_snapshot(tx, point["RecoveryPointArn"]))
    tx.delete(POINT, point["RecoveryPointArn"])
    return {}


def _kept_until(point: Record) -> datetime | None:
    days = point["Lifecycle"].get("DeleteAfterDays")
    return parse_time(point["CreationDate"]) + timedelta(days=days) if days else None


def find_point(tx: Transaction, arn: str) -> Record:
    """The recovery point of this ARN, in whichever vault of the region."""
    return tx.require(POINT, arn, ServiceError(MISSING, f"Recovery point {arn} does not exist."))


def _point(tx: Transaction, params: Params) -> Record:
    vault = require_vault(tx, params["BackupVaultName"])
    point = find_point(tx, params["RecoveryPointArn"])
    missing = point["BackupVaultName"] != vault["BackupVaultName"]
    refuse_if(
        missing, MISSING, f"Recovery point {params['RecoveryPointArn']} is not in vault {vault['BackupVaultName']}."
    )
    return point


def new_point(
    tx: Transaction,
    vault: Record,
    snapshot: Record,
    status: str,
    given: dict[str, Any],  # Any: members of the shape
) -> Record:
    """Write the recovery point of a snapshot; `given` are its resource, role and lifecycle."""
    point = {
        "RecoveryPointArn": snapshot["DBSnapshotArn"],
        "BackupVaultName": vault["BackupVaultName"],
        "BackupVaultArn": vault["BackupVaultArn"],
        "ResourceType": "RDS",
        "Status": status,
        "CreationDate": render_time(tx.now),
        "IsEncrypted": bool(snapshot["Encrypted"]),
        **({"EncryptionKeyArn": snapshot["KmsKeyId"]} if snapshot.get("KmsKeyId") else {}),
        **given,
    }
    if status == "COMPLETED":
        ended = {"CompletionDate": render_time(tx.now), "BackupSizeInBytes": snapshot["FullSnapshotSizeInBytes"]}
        point |= ended
    tx.put(POINT, point["RecoveryPointArn"], point)
    return point


HANDLERS: Final[Table] = {
    "ListRecoveryPointsByBackupVault": list_points,
    "DescribeRecoveryPoint": describe_point,
    "GetRecoveryPointRestoreMetadata": restore_metadata,
    "DeleteRecoveryPoint": delete_point,
}
