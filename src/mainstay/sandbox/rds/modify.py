"""ModifyDBInstance: what takes effect at once, what runs as an operation, what waits for the window.

RDS User Guide, "Modifying an Amazon RDS DB instance", table of settings (read 2026-11-20). The weekly window is not
simulated: without ApplyImmediately a deferred change stays in PendingModifiedValues.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay import facts
from mainstay.sandbox.errors import NOT_IMPLEMENTED, ServiceError
from mainstay.sandbox.rds import (
    building,
    faults,
    instances,
    neighbours,
    operations,
    parameter_groups,
    validation,
    versions,
)
from mainstay.sandbox.rds.records import INSTANCE, Record, put_instance, require_available
from mainstay.sandbox.services import secretsmanager
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction

AT_ONCE: Final[Mapping[str, str]] = {
    name: member
    for name, member in building.TAKEN.items()
    if name
    not in (
        "DBInstanceClass", "AllocatedStorage", "StorageType", "Iops", "StorageThroughput", "MultiAZ",
        "BackupRetentionPeriod", "EnableCloudwatchLogsExports", "NetworkType", "DedicatedLogVolume", "LicenseModel",
    )
}  # fmt: skip
# Request member -> member of PendingModifiedValues; these are deferred unless ApplyImmediately is on.
DEFERRED: Final[Mapping[str, str]] = {
    "DBInstanceClass": "DBInstanceClass",
    "AllocatedStorage": "AllocatedStorage",
    "StorageType": "StorageType",
    "Iops": "Iops",
    "StorageThroughput": "StorageThroughput",
    "MultiAZ": "MultiAZ",
    "EngineVersion": "EngineVersion",
    "BackupRetentionPeriod": "BackupRetentionPeriod",
    "DBPortNumber": "Port",
    "NewDBInstanceIdentifier": "DBInstanceIdentifier",
}


_RELEASE: Final = frozenset({"DBInstanceIdentifier", "DeletionProtection", "ApplyImmediately"})


def modify_db_instance(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Check everything, write what holds at once, and queue or defer the rest."""
    instances.refuse_unsupported(params)
    record = require_available(tx, params["DBInstanceIdentifier"], *_also_in(params))
    pending = _pending(tx, record, params)
    _check(tx, params, record, pending)
    record.update({member: params[name] for name, member in AT_ONCE.items() if params.get(name) is not None})
    _log_exports(record, params.get("CloudwatchLogsExportConfiguration") or {})
    _groups(tx, record, params)
    if insights_key := params.get("PerformanceInsightsKMSKeyId"):
        record["PerformanceInsightsKMSKeyId"] = neighbours.usable_key(tx, insights_key)
    password = _new_password(tx, record, params)
    is_now = bool(params.get("ApplyImmediately"))
    now = pending if is_now else _not_deferrable(record, pending)
    later = {name: value for name, value in pending.items() if name not in now}
    record["PendingModifiedValues"] = {**record["PendingModifiedValues"], **later}
    if is_now:  # applies what had waited, too
        now = {**record["PendingModifiedValues"], **now}
    if now or password:
        record["PendingModifiedValues"] |= now | ({"MasterUserPassword": "****"} if password else {})
        record["DBInstanceStatus"] = "modifying" if now else "resetting-master-credentials"
        operations.enqueue(tx, operations.MODIFY, record, changes=now, password=password)
    put_instance(tx, record)
    return {"DBInstance": instances.shown(tx, record)}


def _also_in(params: Mapping[str, Any]) -> tuple[str, ...]:
    """States beside `available`. One that failed takes nothing but the end of its protection, to be deleted."""
    is_release = params.get("DeletionProtection") is False and set(params) <= _RELEASE
    return ("storage-full", "incompatible-parameters", *(("failed",) if is_release else ()))


def _pending(tx: Transaction, record: Record, params: Mapping[str, Any]) -> Record:
    """The deferrable changes that really change something."""
    current = {**record, "Port": record["_port"]}
    wanted = {DEFERRED[name]: params[name] for name in DEFERRED if params.get(name) is not None}
    if "DBInstanceIdentifier" in wanted:
        wanted["DBInstanceIdentifier"] = _new_name(tx, record, wanted["DBInstanceIdentifier"])
    return {member: value for member, value in wanted.items() if current.get(member) != value}


def _new_name(tx: Transaction, record: Record, name: str) -> str:
    identifier = validation.check_identifier(name, "NewDBInstanceIdentifier")
    if identifier != record["DBInstanceIdentifier"] and tx.get(INSTANCE, identifier):
        raise faults.instance_exists()
    return identifier


def _not_deferrable(record: Record, pending: Record) -> Record:
    """From one number of days to another there is nothing to restart, so RDS does it as soon as possible."""
    days = pending.get("BackupRetentionPeriod")
    return {"BackupRetentionPeriod": days} if days and record["BackupRetentionPeriod"] else {}


def _check(tx: Transaction, params: Mapping[str, Any], record: Record, pending: Record) -> None:
    future = {**record, **{AT_ONCE.get(name, name): value for name, value in params.items()}, **pending}
    validation.check_class(future["DBInstanceClass"])
    validation.check_storage(future)
    validation.check_retention(future["BackupRetentionPeriod"])
    validation.check_windows(future["PreferredBackupWindow"], future["PreferredMaintenanceWindow"])
    validation.check_port(params.get("DBPortNumber"))
    validation.check_certificate(params.get("CACertificateIdentifier"))
    _check_monitoring(params, record)
    if params.get("AllocatedStorage") is not None and params["AllocatedStorage"] < record["AllocatedStorage"]:
        raise faults.invalid_combination(
            f"Invalid storage size for engine name {record['Engine']} and storage type "
            f"{record['StorageType']}: {params['AllocatedStorage']}. Requested storage size cannot be less than "
            f"{record['AllocatedStorage']}."
        )
    if pending.get("BackupRetentionPeriod") == 0 and instances.shown(tx, record)["ReadReplicaDBInstanceIdentifiers"]:
        raise faults.invalid_combination(
            "Backups cannot be disabled on a DB instance that is the source of read replicas."
        )
    if "MultiAZ" in pending and record.get("ReadReplicaSourceDBInstanceIdentifier"):
        raise ServiceError(NOT_IMPLEMENTED, "the sandbox does not give a read replica a standby of its own", 501)
    if "EngineVersion" in pending:
        pending["EngineVersion"] = _check_version(params, record)


def _check_monitoring(params: Mapping[str, Any], record: Record) -> None:
    known = {"MonitoringInterval": "MonitoringInterval", "MonitoringRoleArn": "MonitoringRoleArn",
             "EnablePerformanceInsights": "PerformanceInsightsEnabled",
             "PerformanceInsightsRetentionPeriod": "PerformanceInsightsRetentionPeriod"}  # fmt: skip
    merged = {name: params.get(name, record.get(member)) for name, member in known.items()}
    if merged["MonitoringInterval"] == 0:
        merged["MonitoringRoleArn"] = params.get("MonitoringRoleArn")
    validation.check_monitoring(
        {**merged, "Engine": record["Engine"], "DatabaseInsightsMode": params.get("DatabaseInsightsMode")}
    )


def _check_version(params: Mapping[str, Any], record: Record) -> str:
    engine, present = record["Engine"], record["EngineVersion"]
    wanted = versions.full_version(engine, params["EngineVersion"])
    old, new = facts.major_of(engine, present), facts.major_of(engine, wanted)
    if facts.order(new) > facts.order(old) and not params.get("AllowMajorVersionUpgrade"):
        raise faults.invalid_combination(
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."
        )
    if new != old:
        raise ServiceError(NOT_IMPLEMENTED, f"the sandbox does not upgrade from major {old} to {new} yet", 501)
    if facts.order(wanted) < facts.order(present):
        raise faults.invalid_combination(f"Cannot upgrade {engine} from {present} to {wanted}")
    return wanted


def _log_exports(record: Record, change: Mapping[str, Any]) -> None:
    if not change:
        return
    wanted = set(record.get("EnabledCloudwatchLogsExports") or []) | set(change.get("EnableLogTypes") or [])
    kept = wanted - set(change.get("DisableLogTypes") or [])
    validation.check_monitoring({"Engine": record["Engine"], "EnableCloudwatchLogsExports": sorted(kept)})
    record["EnabledCloudwatchLogsExports"] = sorted(kept) or None


def _groups(tx: Transaction, record: Record, params: Mapping[str, Any]) -> None:
    ids = params.get("VpcSecurityGroupIds")
    if ids:
        neighbours.check_security_groups(tx, ids, None)
        record["VpcSecurityGroups"] = [{"VpcSecurityGroupId": each, "Status": "active"} for each in ids]
    name = params.get("DBParameterGroupName")
    if name and name.lower() != record["DBParameterGroups"][0]["DBParameterGroupName"]:
        family = facts.family(record["Engine"], record["EngineVersion"])
        group = parameter_groups.group_for(tx, name, family)
        # An association takes effect with a reboot, whatever ApplyImmediately says.
        record["DBParameterGroups"] = [
            {"DBParameterGroupName": group["DBParameterGroupName"], "ParameterApplyStatus": "pending-reboot"}
        ]


def _new_password(tx: Transaction, record: Record, params: Mapping[str, Any]) -> str | None:
    """The new master password; RDS sets it as soon as possible, ApplyImmediately or not."""
    is_managed = "MasterUserSecret" in record
    validation.check_password_ways({"ManageMasterUserPassword": is_managed, **params})
    if params.get("ManageMasterUserPassword") and not is_managed:
        return building.managed_password(tx, record, params.get("MasterUserSecretKmsKeyId"))
    password: str | None = params.get("MasterUserPassword")
    if password is None:
        return None
    if record.get("ReadReplicaSourceDBInstanceIdentifier"):
        raise faults.invalid_combination(
            "The master password of a read replica is that of its source; change it there."
        )
    validation.check_password(password, record["Engine"])
    secret = record.pop("MasterUserSecret", None)
    if secret:
        secretsmanager.remove(tx, secret["SecretArn"])
    return password


HANDLERS: Final[Mapping[str, Handler]] = {"ModifyDBInstance": modify_db_instance}
