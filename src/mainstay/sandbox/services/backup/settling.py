"""Jobs whose snapshot or instance has become ready: they end when somebody looks.

The vault tells its topic at the same moment.
"""

from __future__ import annotations

import json
from typing import Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds.records import INSTANCE, SNAPSHOT
from mainstay.sandbox.services import events, sns
from mainstay.sandbox.services.backup.vaults import POINT, VAULT
from mainstay.sandbox.state import Record, Transaction

JOB, RESTORE, COPY = "backup:job", "backup:restore-job", "backup:copy-job"
# Statuses from which a restored instance does not become available by itself.
_FAILED: Final = ("failed", "incompatible-parameters", "incompatible-restore", "storage-full")


def settle(tx: Transaction) -> None:
    """End what has ended in this region."""
    for job in tx.all(JOB):
        if job["State"] == "RUNNING":
            _settle_backup(tx, job)
    for job in tx.all(RESTORE):
        if job["Status"] == "RUNNING":
            _settle_restore(tx, job)
    for job in tx.all(COPY, every_region=True):
        if job["State"] == "RUNNING":
            _settle_copy(tx.elsewhere(_region(job["SourceBackupVaultArn"])), job)


def regions_at_work(tx: Transaction) -> list[str]:
    """The regions in which a job is under way."""
    jobs = [job for kind in (JOB, RESTORE, COPY) for job in tx.all(kind, every_region=True)]
    vaults = [job.get("SourceBackupVaultArn") or job["BackupVaultArn"] for job in jobs if _is_running(job)]
    return sorted({_region(arn) for arn in vaults})


def _is_running(job: Record) -> bool:
    return "RUNNING" in (job.get("State"), job.get("Status"))


def _region(arn: str) -> str:
    return arn.split(":")[3]


def _settle_backup(tx: Transaction, job: Record) -> None:
    snapshot = tx.get(SNAPSHOT, job["_snapshot"])
    if snapshot is not None and snapshot["Status"] == "creating":
        return
    if snapshot is None or snapshot["Status"] == "failed":
        end_backup(tx, job, "FAILED", _no_point(tx, job["RecoveryPointArn"], snapshot))
        return
    size = _complete(tx, job["RecoveryPointArn"], snapshot)
    end_backup(tx, {**job, "BackupSizeInBytes": size, "PercentDone": "100.0"}, "COMPLETED")


def _no_point(tx: Transaction, arn: str, snapshot: Record | None) -> str:
    """Forget the recovery point of a snapshot that came to nothing; why it did."""
    tx.delete(POINT, arn)
    return str((snapshot or {}).get("_failure", "the snapshot is gone"))


def _complete(tx: Transaction, arn: str, snapshot: Record) -> int:
    """Call a recovery point complete; its bytes."""
    size = int(snapshot["FullSnapshotSizeInBytes"])
    ended = {"Status": "COMPLETED", "CompletionDate": render_time(tx.now), "BackupSizeInBytes": size}
    tx.put(POINT, arn, {**(tx.get(POINT, arn) or {}), **ended})
    return size


def _settle_copy(tx: Transaction, job: Record) -> None:
    arn = job["DestinationRecoveryPointArn"]
    there = tx.elsewhere(_region(arn))
    snapshot = there.get(SNAPSHOT, arn.rsplit(":", 1)[-1])
    if snapshot is not None and snapshot["Status"] == "creating":
        return
    if snapshot is None or snapshot["Status"] == "failed":
        told = _no_point(there, arn, snapshot)
        end_copy(tx, {name: value for name, value in job.items() if name != "DestinationRecoveryPointArn"}, "FAILED",
                 told)  # fmt: skip
        return
    end_copy(tx, {**job, "BackupSizeInBytes": _complete(there, arn, snapshot)}, "COMPLETED")


def end_backup(tx: Transaction, job: Record, state: str, told: str = "") -> None:
    """Write down how a backup job ended, and tell."""
    job = {**job, "State": state, "CompletionDate": render_time(tx.now)} | ({"StatusMessage": told} if told else {})
    tx.put(JOB, job["BackupJobId"], job)
    _tell(tx, job["BackupVaultName"], "BACKUP_JOB", job, state=state)
    _happen(tx, "Backup", job, state)


def _settle_restore(tx: Transaction, job: Record) -> None:
    instance = tx.get(INSTANCE, job["_instance"])
    if instance is None:
        end_restore(tx, job, "FAILED", "The restored instance was deleted before anybody saw it become available.")
    elif instance["DBInstanceStatus"] == "available":
        made = {"CreatedResourceArn": instance["DBInstanceArn"], "PercentDone": "100.00%"}
        end_restore(tx, {**job, **made}, "COMPLETED")
    elif instance["DBInstanceStatus"] in _FAILED:
        end_restore(tx, job, "FAILED", f"Instance {job['_instance']} is {instance['DBInstanceStatus']}.")


def end_restore(tx: Transaction, job: Record, status: str, told: str = "") -> None:
    """Write down how a restore job ended, and tell."""
    job = {**job, "Status": status, "CompletionDate": render_time(tx.now)} | ({"StatusMessage": told} if told else {})
    tx.put(RESTORE, job["RestoreJobId"], job)
    _tell(tx, job["BackupVaultArn"].rsplit(":", 1)[-1], "RESTORE_JOB", job, state=status)
    _happen(tx, "Restore", job, status)


def end_copy(tx: Transaction, job: Record, state: str, told: str = "") -> None:
    """Write down how a copy job ended, and tell."""
    job = {**job, "State": state, "CompletionDate": render_time(tx.now)} | ({"StatusMessage": told} if told else {})
    tx.put(COPY, job["CopyJobId"], job)
    _tell(tx, job["SourceBackupVaultArn"].rsplit(":", 1)[-1], "COPY_JOB", job, state=state)
    _happen(tx, "Copy", job, state)


# Members of a job that its event tells, under the names that they have there (AWS Backup developer guide, eventbridge,
# not re-read but for `state` of backups and copies and `status` of restores, 2026-11-20).
_TOLD: Final = {
    "BackupJobId": "backupJobId", "RestoreJobId": "restoreJobId", "CopyJobId": "copyJobId",
    "BackupVaultName": "backupVaultName", "BackupVaultArn": "backupVaultArn", "ResourceArn": "resourceArn",
    "ResourceType": "resourceType", "IamRoleArn": "iamRoleArn", "CreationDate": "creationDate",
    "CompletionDate": "completionDate", "StatusMessage": "statusMessage", "BackupSizeInBytes": "backupSizeInBytes",
    "PercentDone": "percentDone", "CreatedResourceArn": "createdResourceArn",
    "SourceBackupVaultArn": "sourceBackupVaultArn", "DestinationBackupVaultArn": "destinationBackupVaultArn",
    "SourceRecoveryPointArn": "sourceRecoveryPointArn",
    "DestinationRecoveryPointArn": "destinationRecoveryPointArn",
}  # fmt: skip


def _happen(tx: Transaction, kind: str, job: Record, state: str) -> None:
    """An event of AWS Backup on the default bus: `Backup Job State Change` and its like."""
    detail = {told: job[name] for name, told in _TOLD.items() if name in job}
    detail |= {"status" if kind == "Restore" else "state": state}
    if "CreatedBy" in job:  # a restore test says by which plan it was begun (facts A.7)
        detail["restoreTestingPlanArn"] = job["CreatedBy"]["RestoreTestingPlanArn"]
    named = [job[name] for name in ("RecoveryPointArn", "SourceRecoveryPointArn") if name in job]
    events.happen(tx, "aws.backup", f"{kind} Job State Change", detail, named[:1])


def _tell(tx: Transaction, vault: str, kind: str, job: Record, *, state: str) -> None:
    """Publish to the vault's topic, if it asked for this; a topic that cannot be told is no fault of the job.

    COMPLETED is told of backups and restores that end in any way, SUCCESSFUL and FAILED only of those that end so
    (AWS Backup developer guide, backup-notifications, not re-read).
    """
    wanted = ((tx.get(VAULT, vault) or {}).get("_notifications")) or {}
    names = {f"{kind}_FAILED"} if state == "FAILED" else {f"{kind}_SUCCESSFUL"}
    names |= set() if kind == "COPY_JOB" else {f"{kind}_COMPLETED"}
    for event in sorted(names & set(wanted.get("BackupVaultEvents", []))):
        identifier = next(job[name] for name in ("BackupJobId", "RestoreJobId", "CopyJobId") if name in job)
        told = {"jobId": identifier, "state": state, "statusMessage": job.get("StatusMessage", "")}
        message = json.dumps({"eventType": event, **told})
        try:
            sns.publish(
                tx, {"TopicArn": wanted["SNSTopicArn"], "Subject": "Notification from AWS Backup", "Message": message}
            )
        except ServiceError:
            continue
