"""Instances: delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay.sandbox.rds import faults, operations, power, snapshots
from mainstay.sandbox.rds.records import Record, put_instance, replicas_of, require_instance
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction


def delete_db_instance(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Remove an instance, after its final snapshot; replicas in the region become instances of their own."""
    record = require_instance(tx, params["DBInstanceIdentifier"])
    identifier, status = record["DBInstanceIdentifier"], record["DBInstanceStatus"]
    if status == "deleting":
        raise faults.wrong_state(identifier, status)
    if record["DeletionProtection"]:
        raise faults.invalid_combination(
            "Cannot delete protected DB Instance, please disable deletion protection and try again."
        )
    snapshot = _final_snapshot(record, params)
    if snapshot is not None:
        snapshots.begin_snapshot(tx, record, snapshot, record["TagList"] if record["CopyTagsToSnapshot"] else [])
    for replica in replicas_of(tx, identifier):
        # RDS User Guide, "Deleting a DB instance": replicas in the same region are promoted (read 2026-11-20).
        replica["DBInstanceStatus"] = "modifying"
        put_instance(tx, replica)
        operations.enqueue(tx, operations.PROMOTE, replica, retention=replica["BackupRetentionPeriod"])
    keeps = params.get("DeleteAutomatedBackups") is False
    return power.begin(tx, record, "deleting", operations.DELETE, keep_backups=keeps)


def _final_snapshot(record: Record, params: Mapping[str, Any]) -> str | None:
    skips, name = bool(params.get("SkipFinalSnapshot")), params.get("FinalDBSnapshotIdentifier")
    if record.get("ReadReplicaSourceDBInstanceIdentifier"):
        if name:
            raise faults.invalid_combination(
                "FinalDBSnapshotIdentifier can not be specified when deleting a replica instance"
            )
        return None
    if skips and name:
        raise faults.invalid_combination(
            "FinalDBSnapshotIdentifier cannot be specified when SkipFinalSnapshot is enabled."
        )
    if not skips and not name:
        raise faults.invalid_combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
    if name and record["DBInstanceStatus"] not in (
        "available",
        "stopped",
        "storage-full",
        "modifying",
        "backing-up",
        "rebooting",
    ):
        raise faults.wrong_state(record["DBInstanceIdentifier"], record["DBInstanceStatus"])
    return name


HANDLERS: Final[Mapping[str, Handler]] = {"DeleteDBInstance": delete_db_instance}
