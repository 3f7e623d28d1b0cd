"""Instances: reboot, stop, start."""

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
    return begin(tx, record, "rebooting", operations.REBOOT, failover=is_failover)


def stop_db_instance(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Stop the server; its data and backups stay."""
    record = require_available(tx, params["DBInstanceIdentifier"])
    if replicas_of(tx, record["DBInstanceIdentifier"]) or record.get("ReadReplicaSourceDBInstanceIdentifier"):
        raise faults.wrong_state(record["DBInstanceIdentifier"], "part of a read replication", "a state to be stopped")
    if params.get("DBSnapshotIdentifier"):
        snapshots.begin_snapshot(tx, record, params["DBSnapshotIdentifier"], [])
    return begin(tx, record, "stopping", operations.STOP)


def start_db_instance(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Start a stopped server."""
    record = require_instance(tx, params["DBInstanceIdentifier"])
    if record["DBInstanceStatus"] != "stopped":
        raise faults.wrong_state(record["DBInstanceIdentifier"], record["DBInstanceStatus"], "stopped")
    return begin(tx, record, "starting", operations.START)


def begin(tx: Transaction, record: Record, status: str, kind: str, **details: Any) -> Record:
    """Give an instance its new status and queue the operation behind it; the answer."""
    record["DBInstanceStatus"] = status
    put_instance(tx, record)
    operations.enqueue(tx, kind, record, **details)
    return {"DBInstance": instances.shown(tx, record)}


HANDLERS: Final[Mapping[str, Handler]] = {
    "RebootDBInstance": reboot_db_instance,
    "StopDBInstance": stop_db_instance,
    "StartDBInstance": start_db_instance,
}
