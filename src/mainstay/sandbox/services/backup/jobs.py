"""Backup, restore and copy jobs. A backup is a real snapshot, a restore a real instance, a copy a real snapshot again.

What AWS Backup finds out only while a job runs (a lock that does not allow the retention, an instance that is not
available, a destination that cannot be written) fails the job, not the call.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError, not_implemented
from mainstay.sandbox.rds import operations, restore, snapshots
from mainstay.sandbox.rds.records import INSTANCE, SNAPSHOT
from mainstay.sandbox.services import keys
from mainstay.sandbox.services.backup.plans import VAULT_ARN
from mainstay.sandbox.services.backup.points import find_point, new_point
from mainstay.sandbox.services.backup.requests import (
    INVALID,
    MISSING,
    REFUSED,
    check_lifecycle,
    check_name,
    check_role,
)
from mainstay.sandbox.services.backup.settling import COPY, JOB, RESTORE, end_backup, end_copy, end_restore, settle
from mainstay.sandbox.services.backup.vaults import VAULT, check_allowed, require_vault
from mainstay.sandbox.services.handler import Answer, Params, Table, page, public, refuse_if, with_token
from mainstay.sandbox.state import Record, Transaction


def start_backup_job(tx: Transaction, params: Params) -> Answer:
    """Begin a snapshot of an instance; its recovery point is there at once, and complete when the snapshot is."""
    vault, resource = require_vault(tx, params["BackupVaultName"]), params["ResourceArn"]
    check_role(params["IamRoleArn"])
    lifecycle = params.get("Lifecycle", {})
    check_lifecycle(lifecycle)
    name = _instance_of(tx, resource)
    identifier = str(uuid.uuid4())
    job = {
        "AccountId": tx.account,
        "BackupJobId": identifier,
        "BackupVaultName": vault["BackupVaultName"],
        "BackupVaultArn": vault["BackupVaultArn"],
        "ResourceArn": resource,
        "ResourceType": "RDS",
        "CreationDate": render_time(tx.now),
        "IamRoleArn": params["IamRoleArn"],
        "RecoveryPointLifecycle": lifecycle,
        "PercentDone": "0.0",
        "State": "RUNNING",
    }
    answer = {"BackupJobId": identifier, "CreationDate": job["CreationDate"], "IsParent": False}
    try:
        check_retention(vault, lifecycle)
        tags = [{"Key": key, "Value": value} for key, value in params.get("RecoveryPointTags", {}).items()]
        # RDS calls it awsbackup:job-<id>; here a snapshot's name has no colon.
        wanted = {"DBInstanceIdentifier": name, "DBSnapshotIdentifier": f"awsbackup-job-{identifier}", "Tags": tags}
        made = snapshots.create_db_snapshot(tx, wanted)["DBSnapshot"]
    except ServiceError as error:
        end_backup(tx, job, "FAILED", error.message)
        return answer
    snapshot = {**snapshots.require_snapshot(tx, made["DBSnapshotIdentifier"]), "SnapshotType": "awsbackup"}
    tx.put(SNAPSHOT, snapshot["DBSnapshotIdentifier"], snapshot)
    given = {"ResourceArn": resource, "IamRoleArn": params["IamRoleArn"], "Lifecycle": lifecycle}
    point = new_point(tx, vault, snapshot, "CREATING", given)
    known = {"RecoveryPointArn": point["RecoveryPointArn"], "_snapshot": snapshot["DBSnapshotIdentifier"]}
    tx.put(JOB, identifier, {**job, **known})
    return {**answer, "RecoveryPointArn": point["RecoveryPointArn"]}


def _instance_of(tx: Transaction, arn: str) -> str:
    """The identifier of the instance with this ARN."""
    if not arn.startswith(tx.arn("rds", "db:")):
        raise not_implemented("backup", "StartBackupJob", f"the resource {arn}: only instances of RDS in this region")
    name = arn.rsplit(":", 1)[-1]
    refuse_if(tx.get(INSTANCE, name) is None, MISSING, f"Resource {arn} does not exist.")
    return name


def check_retention(vault: Record, lifecycle: Mapping[str, Any]) -> None:
    """Refuse a retention that the vault's lock does not allow; for ever is longer than any maximum."""
    kept = lifecycle.get("DeleteAfterDays")
    least, most = vault.get("MinRetentionDays"), vault.get("MaxRetentionDays")
    is_short = least is not None and kept is not None and kept < least
    is_long = most is not None and (kept is None or kept > most)
    told = f"{kept} days" if kept else "no end"
    refuse_if(
        vault["Locked"] and (is_short or is_long),
        INVALID,
        f"The retention of the recovery point ({told}) is outside the range that the lock of vault "
        f"{vault['BackupVaultName']} allows ({least or 1} to {most or 'any number of'} days).",
    )


# Members of a restore's metadata that RDS takes, in lower case: the member there, and how its text is read
# (AWS Backup developer guide, restoring-rds, not re-read, and restore-testing-inferred-metadata, 2026-11-20).
_METADATA: Final[Mapping[str, tuple[str, Callable[[str], object]]]] = {
    name.lower(): (name, read)
    for read, names in (
        (str, ("DBInstanceIdentifier", "DBInstanceClass", "DBSubnetGroupName", "DBParameterGroupName", "StorageType",
               "AvailabilityZone", "Engine", "OptionGroupName", "LicenseModel")),
        (int, ("Port", "Iops", "AllocatedStorage")),
        (json.loads, ("VpcSecurityGroupIds", "EnableCloudwatchLogsExports", "MultiAZ", "PubliclyAccessible",
                      "DeletionProtection", "CopyTagsToSnapshot", "AutoMinorVersionUpgrade",
                      "EnableIAMDatabaseAuthentication")),
    )
    for name in names
}  # fmt: skip


def start_restore_job(tx: Transaction, params: Params) -> Answer:
    """Begin a restore into a new instance, which the metadata names."""
    settle(tx)
    point = find_point(tx, params["RecoveryPointArn"])
    refuse_if(point["Status"] != "COMPLETED", REFUSED, f"Recovery point {point['RecoveryPointArn']} is not completed.")
    role = params.get("IamRoleArn", "")
    check_role(role)
    wanted = _read_metadata(params["Metadata"])
    job = {
        "AccountId": tx.account,
        "RestoreJobId": str(uuid.uuid4()),
        "RecoveryPointArn": point["RecoveryPointArn"],
        "RecoveryPointCreationDate": point["CreationDate"],
        "SourceResourceArn": point["ResourceArn"],
        "BackupVaultArn": point["BackupVaultArn"],
        "BackupSizeInBytes": point["BackupSizeInBytes"],
        "CreationDate": render_time(tx.now),
        "Status": "RUNNING",
        "PercentDone": "0.00%",
        "IamRoleArn": role,
        "ResourceType": "RDS",
        "_instance": str(wanted["DBInstanceIdentifier"]).lower(),
    }
    try:
        with tx.savepoint():
            restore.restore_from_snapshot(tx, {**wanted, "DBSnapshotIdentifier": point["RecoveryPointArn"]})
    except ServiceError as error:
        end_restore(tx, job, "FAILED", error.message)
    else:
        tx.put(RESTORE, str(job["RestoreJobId"]), job)
    return {"RestoreJobId": job["RestoreJobId"]}


def _read_metadata(metadata: Mapping[str, str]) -> dict[str, Any]:  # Any: RDS's parameter shapes
    wanted: dict[str, Any] = {}
    for name, value in metadata.items():
        known = _METADATA.get(name.lower())
        if known is None:
            raise ServiceError(INVALID, f"Invalid restore metadata: {name} is not known for RDS.")
        try:
            wanted[known[0]] = known[1](value)
        except ValueError:
            raise ServiceError(INVALID, f"Invalid restore metadata: {name} cannot be {value!r}.") from None
    refuse_if(
        "DBInstanceIdentifier" not in wanted, INVALID, "Invalid restore metadata: dbInstanceIdentifier is missing."
    )
    return wanted


def put_validation_result(tx: Transaction, params: Params) -> Answer:
    """Write down what a validation of a restored instance found; a final verdict stays."""
    settle(tx)
    job = _restore_job(tx, params["RestoreJobId"])
    refuse_if(job["Status"] != "COMPLETED", REFUSED, f"Restore job {job['RestoreJobId']} is {job['Status']}.")
    final = job.get("ValidationStatus") not in (None, "VALIDATING")
    refuse_if(final, REFUSED, f"The validation of {job['RestoreJobId']} is {job.get('ValidationStatus')} already.")
    told = {name: params[name] for name in ("ValidationStatus", "ValidationStatusMessage") if name in params}
    tx.put(RESTORE, job["RestoreJobId"], {**job, **told})
    return {}


def start_copy_job(tx: Transaction, params: Params) -> Answer:
    """Copy a recovery point into another vault of this account, here or in another region.

    The copy is a snapshot of its own with files of its own, which the supervisor copies.
    """
    settle(tx)
    source = require_vault(tx, params["SourceBackupVaultName"])
    point = find_point(tx, params["RecoveryPointArn"])
    check_role(params["IamRoleArn"])
    target = params["DestinationBackupVaultArn"]
    check_name(target, "DestinationBackupVaultArn", VAULT_ARN)
    lifecycle = params.get("Lifecycle", point["Lifecycle"])
    check_lifecycle(lifecycle)
    refuse_if(point["Status"] != "COMPLETED", REFUSED, f"Recovery point {point['RecoveryPointArn']} is not completed.")
    job = {
        "AccountId": tx.account,
        "CopyJobId": str(uuid.uuid4()),
        "SourceBackupVaultArn": source["BackupVaultArn"],
        "SourceRecoveryPointArn": point["RecoveryPointArn"],
        "DestinationBackupVaultArn": target,
        "ResourceArn": point["ResourceArn"],
        "ResourceType": "RDS",
        "CreationDate": render_time(tx.now),
        "IamRoleArn": params["IamRoleArn"],
        "BackupSizeInBytes": point["BackupSizeInBytes"],
        "State": "RUNNING",
    }
    try:
        copied = _copy(tx, point, target, lifecycle, str(job["CopyJobId"]))
    except ServiceError as error:
        end_copy(tx, job, "FAILED", error.message)
    else:
        tx.put(COPY, str(job["CopyJobId"]), {**job, "DestinationRecoveryPointArn": copied["RecoveryPointArn"]})
    return {"CopyJobId": job["CopyJobId"], "CreationDate": job["CreationDate"], "IsParent": False}


def _copy(tx: Transaction, point: Record, target: str, lifecycle: Mapping[str, Any], job: str) -> Record:
    _, _, _, region, account, _, name = target.split(":")
    refuse_if(account != tx.account, MISSING, f"Backup vault {target} is in another account, which a sandbox has not.")
    there = tx.elsewhere(region)
    vault = there.require(VAULT, name, ServiceError(MISSING, f"Backup vault {target} does not exist."))
    check_allowed(vault, "backup:CopyIntoBackupVault")
    check_retention(vault, lifecycle)
    key = keys.require(there, vault["EncryptionKeyArn"])
    is_own = key["KeyManager"] == "CUSTOMER"
    message = (
        f"The vault {name} has the default key of AWS Backup; copies of encrypted snapshots need a key of your own."
    )
    refuse_if(point["IsEncrypted"] and not is_own, INVALID, message)
    first = snapshots.require_snapshot(tx, point["RecoveryPointArn"])
    identifier = f"awsbackup-copyjob-{job}"
    copied = {
        **first,
        "DBSnapshotIdentifier": identifier,
        "DBSnapshotArn": there.arn("rds", f"snapshot:{identifier}"),
        "SourceRegion": tx.region,
        "SourceDBSnapshotIdentifier": first["DBSnapshotArn"],
        "KmsKeyId": key["Arn"] if point["IsEncrypted"] else None,
        "Status": "creating",
        "PercentProgress": 0,
        "_directory": f"snapshots/{job}",
    }
    there.put(SNAPSHOT, identifier, copied)
    # A lane of its own: that of the source works in the source's region.
    lane = {"DbiResourceId": identifier, "DBInstanceIdentifier": identifier}
    places = {"from": first["_directory"], "into": copied["_directory"]}
    operations.enqueue(there, operations.COPY, lane, snapshot=identifier, **places)
    given = {"ResourceArn": point["ResourceArn"], "IamRoleArn": point["IamRoleArn"], "Lifecycle": dict(lifecycle)}
    given["SourceBackupVaultArn"] = point["BackupVaultArn"]
    return new_point(there, vault, copied, "CREATING", given)


def describe_backup_job(tx: Transaction, params: Params) -> Answer:
    """One backup job."""
    settle(tx)
    identifier = params["BackupJobId"]
    return public(tx.require(JOB, identifier, ServiceError(MISSING, f"Backup job {identifier} does not exist.")))


def describe_restore_job(tx: Transaction, params: Params) -> Answer:
    """One restore job."""
    settle(tx)
    return public(_restore_job(tx, params["RestoreJobId"]))


def describe_copy_job(tx: Transaction, params: Params) -> Answer:
    """One copy job."""
    settle(tx)
    identifier = params["CopyJobId"]
    missing = ServiceError(MISSING, f"Copy job {identifier} does not exist.")
    return {"CopyJob": public(tx.require(COPY, identifier, missing))}


def _restore_job(tx: Transaction, identifier: str) -> Record:
    return tx.require(RESTORE, identifier, ServiceError(MISSING, f"Restore job {identifier} does not exist."))


def _listing(kind: str, member: str, filters: Mapping[str, str]) -> Callable[[Transaction, Params], Answer]:
    def list_jobs(tx: Transaction, params: Params) -> Answer:
        settle(tx)
        unknown = [name for name in params if name not in (*filters, "NextToken", "MaxResults")]
        if unknown:
            raise not_implemented("backup", f"List{member}", ", ".join(unknown))
        found = [
            public(job)
            for job in reversed(tx.all(kind))
            if all(job.get(held) == params[name] for name, held in filters.items() if name in params)
        ]
        shown, token = page(found, params.get("NextToken"), params.get("MaxResults", 1000), code=INVALID)
        return with_token({member: shown}, token)

    list_jobs.__doc__ = f"The {member} of the region, newest first, as far as filters let them through."
    return list_jobs


_RESOURCE: Final = {"ByResourceType": "ResourceType", "ByAccountId": "AccountId"}

HANDLERS: Final[Table] = {
    "StartBackupJob": start_backup_job,
    "DescribeBackupJob": describe_backup_job,
    "ListBackupJobs": _listing(
        JOB,
        "BackupJobs",
        {**_RESOURCE, "ByResourceArn": "ResourceArn", "ByState": "State", "ByBackupVaultName": "BackupVaultName"},
    ),
    "StartRestoreJob": start_restore_job,
    "DescribeRestoreJob": describe_restore_job,
    "ListRestoreJobs": _listing(RESTORE, "RestoreJobs", {**_RESOURCE, "ByStatus": "Status"}),
    "PutRestoreValidationResult": put_validation_result,
    "StartCopyJob": start_copy_job,
    "DescribeCopyJob": describe_copy_job,
    "ListCopyJobs": _listing(
        COPY,
        "CopyJobs",
        {
            **_RESOURCE,
            "ByResourceArn": "ResourceArn",
            "ByState": "State",
            "ByDestinationVaultArn": "DestinationBackupVaultArn",
            "BySourceRecoveryPointArn": "SourceRecoveryPointArn",
        },
    ),
}
