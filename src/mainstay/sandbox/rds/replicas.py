"""Read replicas: create and promote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay import facts
from mainstay.sandbox.errors import NOT_IMPLEMENTED, ServiceError
from mainstay.sandbox.rds import building, faults, instances, operations, validation
from mainstay.sandbox.rds.records import Record, put_instance, replicas_of, require_available
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction

INHERITED: Final = (
    "DBInstanceClass", "AllocatedStorage", "MaxAllocatedStorage", "StorageType", "Iops", "StorageThroughput", "Engine",
    "EngineVersion", "MasterUsername", "DBName", "StorageEncrypted", "KmsKeyId", "PreferredBackupWindow",
    "PreferredMaintenanceWindow", "AutoMinorVersionUpgrade", "LicenseModel", "CACertificateIdentifier", "_port",
    "_runs", "_subnet_group", "IAMDatabaseAuthenticationEnabled",
)  # fmt: skip


def create_read_replica(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """A read-only instance that follows a source of the same region."""
    instances.refuse_unsupported(params)
    identifier = building.new_identifier(tx, params["DBInstanceIdentifier"])
    source = _source(tx, params)
    inherited: Record = {name: source[name] for name in INHERITED if name in source}
    inherited |= {
        "BackupRetentionPeriod": 0,
        "_parameter_group": source["DBParameterGroups"][0]["DBParameterGroupName"],
    }
    groups = params.get("VpcSecurityGroupIds") or [each["VpcSecurityGroupId"] for each in source["VpcSecurityGroups"]]
    record = building.build(tx, identifier, {**params, "VpcSecurityGroupIds": groups}, inherited)
    record |= {
        "ReadReplicaSourceDBInstanceIdentifier": source["DBInstanceIdentifier"],
        "StatusInfos": None,
        "_source": source["DbiResourceId"],
    }
    put_instance(tx, record)
    operations.enqueue(tx, operations.CREATE_REPLICA, record, source=source["DbiResourceId"])
    return {"DBInstance": instances.shown(tx, record)}


def _source(tx: Transaction, params: Mapping[str, Any]) -> Record:
    named = params.get("SourceDBInstanceIdentifier")
    if not named:
        instances.refuse_unsupported({"DBClusterIdentifier": params.get("SourceDBClusterIdentifier")})
        raise faults.invalid_combination("The parameter SourceDBInstanceIdentifier must be provided.")
    if named.startswith("arn:") and named.split(":")[3] != tx.region:
        raise ServiceError(NOT_IMPLEMENTED, "the sandbox does not replicate across regions yet", 501)
    if params.get("MultiAZ"):
        raise ServiceError(NOT_IMPLEMENTED, "the sandbox does not give a read replica a standby of its own", 501)
    source = require_available(tx, named, "backing-up", "modifying")
    name = source["DBInstanceIdentifier"]
    if not source["BackupRetentionPeriod"]:
        raise ServiceError(
            "InvalidDBInstanceState",
            f"Automated backups are not enabled for this database instance ({name}). To enable automated backups, use "
            "ModifyDBInstance to set the backup retention period to a non-zero value.",
        )
    if "MasterUserSecret" in source:
        raise faults.invalid_combination(
            f"{name} has its master password managed in Secrets Manager, and such an instance can't have read replicas."
        )
    most = facts.limit("replicas", "most")
    if len(replicas_of(tx, name)) >= most:
        raise ServiceError("InvalidDBInstanceState", f"{name} has {most} read replicas, which is the maximum.")
    return source


def promote_read_replica(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Make a replica an instance of its own; what it has not received from the source it will never have."""
    record = require_available(tx, params["DBInstanceIdentifier"])
    if not record.get("ReadReplicaSourceDBInstanceIdentifier"):
        raise ServiceError(
            "InvalidDBInstanceState", f"DB Instance is not a read replica: {record['DBInstanceIdentifier']}"
        )
    retention = params.get("BackupRetentionPeriod", 1)
    validation.check_retention(retention)
    validation.check_windows(
        params.get("PreferredBackupWindow") or record["PreferredBackupWindow"], record["PreferredMaintenanceWindow"]
    )
    record["PreferredBackupWindow"] = params.get("PreferredBackupWindow") or record["PreferredBackupWindow"]
    record["DBInstanceStatus"] = "modifying"
    put_instance(tx, record)
    operations.enqueue(tx, operations.PROMOTE, record, retention=retention)
    return {"DBInstance": instances.shown(tx, record)}


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateDBInstanceReadReplica": create_read_replica,
    "PromoteReadReplica": promote_read_replica,
}
