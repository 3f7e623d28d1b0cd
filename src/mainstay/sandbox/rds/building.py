"""How an instance's record comes into being, from a request and what the request leaves out.

Defaults: RDS API reference, CreateDBInstance (read 2026-11-20). The members that an answer of RDS has, under the
names it has there.
"""

from __future__ import annotations

import secrets
import string
import uuid
from collections.abc import Mapping
from typing import Any, Final

from mainstay import facts
from mainstay.core.clock import render_time
from mainstay.sandbox.rds import faults, neighbours, parameter_groups, subnet_groups, validation, versions
from mainstay.sandbox.rds.records import INSTANCE, Record, arn, tags_of
from mainstay.sandbox.services import secretsmanager
from mainstay.sandbox.state import Transaction

# Members of a request that stand in the answer under the same name, or under the second one.
TAKEN: Final[Mapping[str, str]] = {
    "DBInstanceClass": "DBInstanceClass",
    "AllocatedStorage": "AllocatedStorage",
    "MaxAllocatedStorage": "MaxAllocatedStorage",
    "StorageType": "StorageType",
    "Iops": "Iops",
    "StorageThroughput": "StorageThroughput",
    "MultiAZ": "MultiAZ",
    "PubliclyAccessible": "PubliclyAccessible",
    "AutoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
    "BackupRetentionPeriod": "BackupRetentionPeriod",
    "PreferredBackupWindow": "PreferredBackupWindow",
    "PreferredMaintenanceWindow": "PreferredMaintenanceWindow",
    "CopyTagsToSnapshot": "CopyTagsToSnapshot",
    "DeletionProtection": "DeletionProtection",
    "MonitoringInterval": "MonitoringInterval",
    "MonitoringRoleArn": "MonitoringRoleArn",
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "DatabaseInsightsMode": "DatabaseInsightsMode",
    "EnablePerformanceInsights": "PerformanceInsightsEnabled",
    "PerformanceInsightsRetentionPeriod": "PerformanceInsightsRetentionPeriod",
    "EnableCloudwatchLogsExports": "EnabledCloudwatchLogsExports",
    "CACertificateIdentifier": "CACertificateIdentifier",
    "LicenseModel": "LicenseModel",
    "NetworkType": "NetworkType",
    "DedicatedLogVolume": "DedicatedLogVolume",
    "EngineLifecycleSupport": "EngineLifecycleSupport",
}
# What the table of defaults, shared with the forecasts, leaves out.
_MORE_DEFAULTS: Final[Mapping[str, Any]] = {
    "AllocatedStorage": 20,
    "PubliclyAccessible": False,
    "PreferredBackupWindow": "05:00-05:30",
    "PreferredMaintenanceWindow": "sun:07:00-sun:07:30",
    "MonitoringInterval": 0,
    "IAMDatabaseAuthenticationEnabled": False,
    "DatabaseInsightsMode": "standard",
    "PerformanceInsightsEnabled": False,
    "NetworkType": "IPV4",
    "DedicatedLogVolume": False,
}
# RDS User Guide, rds-secrets-manager (read 2026-11-21).
_ROTATED_EVERY_DAYS: Final = 7


def new_identifier(tx: Transaction, name: str, member: str = "DBInstanceIdentifier") -> str:
    """A valid identifier in lower case that no instance of the region has."""
    identifier = validation.check_identifier(name, member)
    if tx.get(INSTANCE, identifier):
        raise faults.instance_exists()
    return identifier


def build(tx: Transaction, identifier: str, params: Mapping[str, Any], inherited: Mapping[str, Any]) -> Record:
    """A new instance's record: the request's members before inherited ones before defaults, all checked."""
    taken = {member: params[name] for name, member in TAKEN.items() if params.get(name) is not None}
    record: Record = {**_defaults(), **inherited, **taken}
    record.setdefault("LicenseModel", versions.RUNNABLE[record["Engine"]][1])
    _check(params, record)
    family = facts.family(record["Engine"], record["EngineVersion"])
    group = parameter_groups.group_for(
        tx, params.get("DBParameterGroupName") or inherited.get("_parameter_group"), family
    )
    record |= _network(tx, params, record)
    record |= _encryption(tx, params, inherited)
    record |= {
        "DBInstanceIdentifier": identifier,
        "DBInstanceArn": arn(tx, "db", identifier),
        "DbiResourceId": "db-" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(26)),
        "DBInstanceStatus": "creating",
        "InstanceCreateTime": None,
        "DbInstancePort": 0,
        "DBSecurityGroups": [],
        "DBParameterGroups": [
            {"DBParameterGroupName": group["DBParameterGroupName"], "ParameterApplyStatus": "in-sync"}
        ],
        "OptionGroupMemberships": [
            {"OptionGroupName": _option_group(record["Engine"], record["EngineVersion"]), "Status": "in-sync"}
        ],
        "PendingModifiedValues": {},
        "ReadReplicaDBInstanceIdentifiers": [],
        "DomainMemberships": [],
        "AssociatedRoles": [],
        "CustomerOwnedIpEnabled": False,
        "BackupTarget": "region",
        "ActivityStreamStatus": "stopped",
        "CertificateDetails": {"CAIdentifier": record["CACertificateIdentifier"]},
        "TagList": tags_of(params),
        "_region": tx.region,
        "_port": int(params.get("Port") or inherited.get("_port") or _usual_port(record["Engine"])),
        "_requested": render_time(tx.now),
        "_runs": inherited.get("_runs") or versions.chosen_engine(record["Engine"]),
    }
    return {name: value for name, value in record.items() if name != "_parameter_group"}


def _defaults() -> Record:
    table = facts.load("defaults").data
    return {
        **_MORE_DEFAULTS,
        "StorageType": table["storage_type"],
        "MultiAZ": table["is_multi_az"],
        "AutoMinorVersionUpgrade": table["upgrades_minor_versions"],
        "BackupRetentionPeriod": table["backup_retention_days"],
        "CopyTagsToSnapshot": table["copies_tags_to_snapshots"],
        "DeletionProtection": table["has_deletion_protection"],
        "CACertificateIdentifier": facts.load("limits").data["certificates"][0],
        "EngineLifecycleSupport": table["lifecycle_support"],
        "StorageEncrypted": table["is_encrypted"],
    }


def _usual_port(engine: str) -> int:
    return int(facts.load("limits").data["port"]["default"][engine])


def _option_group(engine: str, version: str) -> str:
    """The engine's own default group, with dashes for the dots of its major version."""
    return f"default:{engine}-{facts.major_of(engine, version).replace('.', '-')}"


def _check(params: Mapping[str, Any], record: Record) -> None:
    validation.check_class(record["DBInstanceClass"])
    validation.check_placement({**params, "MultiAZ": record["MultiAZ"]})
    validation.check_storage(record)
    validation.check_retention(record["BackupRetentionPeriod"])
    validation.check_windows(record["PreferredBackupWindow"], record["PreferredMaintenanceWindow"])
    validation.check_port(params.get("Port"))
    validation.check_monitoring({**params, "Engine": record["Engine"]})
    validation.check_certificate(params.get("CACertificateIdentifier"))


def _network(tx: Transaction, params: Mapping[str, Any], record: Record) -> Record:
    name = params.get("DBSubnetGroupName") or record.get("_subnet_group")
    group = subnet_groups.require_subnet_group(tx, name) if name else None
    zones = sorted({each["SubnetAvailabilityZone"]["Name"] for each in group["Subnets"]}) if group else []
    zones = zones or [f"{tx.region}a", f"{tx.region}b"]
    zone = params.get("AvailabilityZone") or zones[0]
    if zone not in zones and group is not None:
        raise faults.invalid_value(f"Availability zone {zone} is not covered by the DB subnet group {name}.")
    ids = list(params.get("VpcSecurityGroupIds") or [])
    vpc = group["VpcId"] if group else None
    neighbours.check_security_groups(tx, ids, vpc)
    ids = ids or neighbours.default_group(tx, vpc)
    return {
        "_subnet_group": group["DBSubnetGroupName"] if group else None,
        "AvailabilityZone": zone,
        "SecondaryAvailabilityZone": next(each for each in zones if each != zone) if record["MultiAZ"] else None,
        "VpcSecurityGroups": [{"VpcSecurityGroupId": each, "Status": "active"} for each in ids],
    }


def _encryption(tx: Transaction, params: Mapping[str, Any], inherited: Mapping[str, Any]) -> Record:
    is_encrypted = bool(params.get("StorageEncrypted") or inherited.get("StorageEncrypted"))
    key = params.get("KmsKeyId") or inherited.get("KmsKeyId")
    if params.get("KmsKeyId") and not is_encrypted:
        raise faults.invalid_combination("KmsKeyId cannot be specified when StorageEncrypted is false.")
    found: Record = {"StorageEncrypted": is_encrypted}
    if is_encrypted:
        found["KmsKeyId"] = neighbours.usable_key(tx, key or "alias/aws/rds")
    insights_key = params.get("PerformanceInsightsKMSKeyId")
    if insights_key:
        found["PerformanceInsightsKMSKeyId"] = neighbours.usable_key(tx, insights_key)
    return found


def managed_password(tx: Transaction, record: Record, key: str | None) -> str:
    """Keep a generated master password in Secrets Manager, as ManageMasterUserPassword asks; returns it."""
    alphabet = string.ascii_letters + string.digits + "!#$%&()*+,-.:;<=>?[]^_{|}~"
    password = "".join(secrets.choice(alphabet) for _ in range(32))
    request: Record = {
        "Name": f"rds!db-{uuid.uuid4()}",
        "Description": f"Secret associated with primary RDS DB instance: {record['DBInstanceArn']}",
        "SecretString": f'{{"username":"{record["MasterUsername"]}","password":"{password}"}}',
    }
    if key:
        request["KmsKeyId"] = neighbours.usable_key(tx, key)
    secret = secretsmanager.create_secret(tx, request)
    secretsmanager.give_to_service(tx, secret["ARN"], "rds", days=_ROTATED_EVERY_DAYS)
    record["MasterUserSecret"] = {
        "SecretArn": secret["ARN"],
        "SecretStatus": "active",
        "KmsKeyId": request.get("KmsKeyId") or neighbours.usable_key(tx, "alias/aws/secretsmanager"),
    }
    return password
