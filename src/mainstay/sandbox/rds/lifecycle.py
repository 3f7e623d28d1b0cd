"""Instances: reboot, stop, start, delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay.sandbox.rds import faults, instances, operations, snapshots
from mainstay.sandbox.rds.records import Record, put_instance, replicas_of, require_available, require_instance
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction


def reboot_db_instance(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Restart the server; with ForceFailover the standby takes over."""
    record = require_available(tx, params["DBInstanceIdentifier"], "storage-full", "incompatible-parameters")
    is_failover = bool(params.get("ForceFailover"))
    if is_failover and not record["MultiAZ"]:
        raise faults.invalid_combination(
            "ForceFailover can't be specified because the DB instance is not configured for Multi-AZ."
        )
    return _begin(tx, record, "rebooting", operations.REBOOT, failover=is_failover)


def stop_db_instance(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Stop the server; its data and backups stay."""
    record = require_available(tx, params["DBInstanceIdentifier"])
    if replicas_of(tx, record["DBInstanceIdentifier"]) or record.get("ReadReplicaSourceDBInstanceIdentifier"):
        raise faults.wrong_state(record["DBInstanceIdentifier"], "part of a read replication", "a state to be stopped")
    if params.get("DBSnapshotIdentifier"):
        snapshots.begin_snapshot(tx, record, params["DBSnapshotIdentifier"], [])
    return _begin(tx, record, "stopping", operations.STOP)


def start_db_instance(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Start a stopped server."""
    record = require_instance(tx, params["DBInstanceIdentifier"])
    if record["DBInstanceStatus"] != "stopped":
        raise faults.wrong_state(record["DBInstanceIdentifier"], record["DBInstanceStatus"], "stopped")
    return _begin(tx, record, "starting", operations.START)


def _begin(tx: Transaction, record: Record, status: str, kind: str, **details: Any) -> Record:
    record["DBInstanceStatus"] = status
    put_instance(tx, record)
    operations.enqueue(tx, kind, record, **details)
    return {"DBInstance": instances.shown(tx, record)}


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
    return _begin(tx, record, "deleting", operations.DELETE, keep_backups=keeps)


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


HANDLERS: Final[Mapping[str, Handler]] = {
    "RebootDBInstance": reboot_db_instance,
    "StopDBInstance": stop_db_instance,
    "StartDBInstance": start_db_instance,
    "DeleteDBInstance": delete_db_instance,
}
