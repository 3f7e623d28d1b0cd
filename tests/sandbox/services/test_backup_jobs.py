"""Jobs of AWS Backup over records alone; `sandbox_supervisor` runs them with real servers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

REGION, OTHER = "eu-central-1", "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/backup"
DATABASE = f"arn:aws:rds:{REGION}:123456789012:db:one"
EVENTS = ["BACKUP_JOB_COMPLETED", "BACKUP_JOB_FAILED", "RESTORE_JOB_SUCCESSFUL", "COPY_JOB_FAILED"]


@pytest.fixture
def backup(site: Any) -> Any:
    topic = site.client("sns").create_topic(Name="t")["TopicArn"]
    site.client("rds").create_db_instance(
        DBInstanceIdentifier="one", Engine="postgres", EngineVersion="17.10", DBInstanceClass="db.m6g.large",
        AllocatedStorage=20, MasterUsername="master", MasterUserPassword="correct-horse", StorageEncrypted=True,
    )  # fmt: skip
    site.settle_databases()
    client = site.client("backup")
    client.create_backup_vault(BackupVaultName="vault")
    client.put_backup_vault_notifications(BackupVaultName="vault", SNSTopicArn=topic, BackupVaultEvents=EVENTS)
    return client


def start(backup: Any, **more: Any) -> Any:
    return backup.start_backup_job(**{"BackupVaultName": "vault", "ResourceArn": DATABASE, "IamRoleArn": ROLE, **more})


def finish(site: Any, status: str = "available", region: str = REGION) -> None:
    """What the supervisor does with a snapshot."""
    with site.state.transaction(region) as tx:
        for snapshot in tx.all("rds:snapshot"):
            if snapshot["Status"] == "creating":
                ended = {"Status": status, "FullSnapshotSizeInBytes": 7, "_failure": "no space left"}
                tx.put("rds:snapshot", snapshot["DBSnapshotIdentifier"], {**snapshot, **ended})
        for database in tx.all("rds:db"):
            if database["DBInstanceStatus"] == "backing-up":
                tx.put("rds:db", database["DBInstanceIdentifier"], {**database, "DBInstanceStatus": "available"})


def done(site: Any, backup: Any, **more: Any) -> str:
    """The recovery point of a finished job."""
    point: str = start(backup, **more)["RecoveryPointArn"]
    finish(site)
    return point


def told(site: Any) -> list[tuple[str, str]]:
    with site.state.reading(REGION) as tx:
        messages = [json.loads(message["Message"]) for message in tx.all("sns:message")]
    return [(message["eventType"], message["state"]) for message in messages]


def test_a_backup_is_complete_when_its_snapshot_is(site: Any, backup: Any, refuses: Any) -> None:
    made = start(backup, Lifecycle={"DeleteAfterDays": 30}, RecoveryPointTags={"tier": "daily"})
    point = {"BackupVaultName": "vault", "RecoveryPointArn": made["RecoveryPointArn"]}
    assert backup.describe_recovery_point(**point)["Status"] == "CREATING"
    assert backup.describe_backup_job(BackupJobId=made["BackupJobId"])["State"] == "RUNNING"
    with refuses("InvalidRequestException", "being created"):
        backup.delete_recovery_point(**point)
    with refuses("InvalidRequestException", "not completed"):
        backup.start_restore_job(RecoveryPointArn=made["RecoveryPointArn"], Metadata={}, IamRoleArn=ROLE)
    assert told(site) == []
    finish(site)
    job = backup.list_backup_jobs(ByState="COMPLETED", ByResourceArn=DATABASE)["BackupJobs"][0]
    assert (job["BackupJobId"], job["BackupSizeInBytes"]) == (made["BackupJobId"], 7)
    found = backup.describe_recovery_point(**point)
    assert (found["Status"], found["IsEncrypted"], found["Lifecycle"]) == ("COMPLETED", True, {"DeleteAfterDays": 30})
    assert told(site) == [("BACKUP_JOB_COMPLETED", "COMPLETED")]
    metadata = backup.get_recovery_point_restore_metadata(**point)["RestoreMetadata"]
    assert (metadata["DBInstanceIdentifier"], metadata["AllocatedStorage"]) == ("one", "20")
    rds = site.client("rds")
    snapshot = rds.describe_db_snapshots(SnapshotType="awsbackup")["DBSnapshots"][0]
    assert snapshot["TagList"] == [{"Key": "tier", "Value": "daily"}]
    with refuses("InvalidDBSnapshotState", "AWS Backup"):
        rds.delete_db_snapshot(DBSnapshotIdentifier=snapshot["DBSnapshotIdentifier"])
    with refuses("InvalidRequestException", "contains recovery points"):
        backup.delete_backup_vault(BackupVaultName="vault")
    backup.delete_recovery_point(**point)
    assert rds.describe_db_snapshots()["DBSnapshots"] == []
    with refuses("ResourceNotFoundException"):
        backup.describe_recovery_point(**point)


def test_points_are_found_by_resource_and_time(site: Any, backup: Any, refuses: Any) -> None:
    point = done(site, backup)
    backup.create_backup_vault(BackupVaultName="other")
    now = datetime.now(UTC)

    def listed(**more: Any) -> list[str]:
        found = backup.list_recovery_points_by_backup_vault(**{"BackupVaultName": "vault", **more})["RecoveryPoints"]
        return [each["RecoveryPointArn"] for each in found]

    assert listed() == listed(ByResourceArn=DATABASE) == listed(ByCreatedAfter=now - timedelta(hours=1)) == [point]
    assert listed(ByResourceArn=f"{DATABASE}x") == listed(ByCreatedBefore=now - timedelta(hours=1)) == []
    assert listed(BackupVaultName="other") == listed(ByCreatedAfter=now + timedelta(hours=1)) == []
    with refuses("ResourceNotFoundException", "not in vault other"):
        backup.describe_recovery_point(BackupVaultName="other", RecoveryPointArn=point)


def test_what_goes_wrong_while_it_runs_fails_the_job(site: Any, backup: Any) -> None:
    first = start(backup)
    second = start(backup)
    job = backup.describe_backup_job(BackupJobId=second["BackupJobId"])
    assert (job["State"], "backing-up" in job["StatusMessage"]) == ("FAILED", True)
    assert "RecoveryPointArn" not in second
    finish(site, "failed")
    job = backup.describe_backup_job(BackupJobId=first["BackupJobId"])
    assert (job["State"], job["StatusMessage"]) == ("FAILED", "no space left")
    assert backup.list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"] == []
    assert told(site) == [("BACKUP_JOB_COMPLETED", "FAILED"), ("BACKUP_JOB_FAILED", "FAILED")] * 2
    listed = backup.list_backup_jobs(ByBackupVaultName="vault")["BackupJobs"]
    assert [each["BackupJobId"] for each in listed] == [second["BackupJobId"], first["BackupJobId"]]


def test_a_call_that_cannot_be_a_job_is_refused(backup: Any, refuses: Any) -> None:
    with refuses("ResourceNotFoundException", "vault"):
        start(backup, BackupVaultName="nobody")
    with refuses("ResourceNotFoundException", "does not exist"):
        start(backup, ResourceArn=f"{DATABASE}x")
    with refuses("SandboxNotImplemented", "only instances of RDS"):
        start(backup, ResourceArn="arn:aws:s3:::bucket")
    with refuses("InvalidParameterValueException", "role"):
        start(backup, IamRoleArn="role")
    with refuses("SandboxNotImplemented", "ByMessageCategory"):
        backup.list_backup_jobs(ByMessageCategory="SUCCESS")
    for call, name in (
        (backup.describe_backup_job, "BackupJobId"),
        (backup.describe_restore_job, "RestoreJobId"),
        (backup.describe_copy_job, "CopyJobId"),
    ):
        with refuses("ResourceNotFoundException"):
            call(**{name: "nobody"})


@pytest.mark.parametrize(
    ("lifecycle", "state"),
    [
        ({"DeleteAfterDays": 6}, "FAILED"),
        ({"DeleteAfterDays": 7}, "RUNNING"),
        ({"DeleteAfterDays": 9}, "RUNNING"),
        ({"DeleteAfterDays": 10}, "FAILED"),
        ({}, "FAILED"),
    ],
)
def test_a_lock_decides_what_is_kept(site: Any, backup: Any, lifecycle: dict[str, int], state: str) -> None:
    backup.put_backup_vault_lock_configuration(BackupVaultName="vault", MinRetentionDays=7, MaxRetentionDays=9)
    made = start(backup, Lifecycle=lifecycle)
    assert backup.describe_backup_job(BackupJobId=made["BackupJobId"])["State"] == state


def test_a_lock_and_a_policy_keep_recovery_points(site: Any, backup: Any, refuses: Any) -> None:
    ever = {"BackupVaultName": "vault", "RecoveryPointArn": done(site, backup)}
    short = {"BackupVaultName": "vault", "RecoveryPointArn": done(site, backup, Lifecycle={"DeleteAfterDays": 1})}
    backup.put_backup_vault_lock_configuration(BackupVaultName="vault", MinRetentionDays=1)
    for point, until in ((ever, "for ever"), (short, "until")):
        with refuses("InvalidParameterValueException", until):
            backup.delete_recovery_point(**point)
    with site.state.transaction(REGION) as tx:
        old = tx.get("backup:point", short["RecoveryPointArn"])
        tx.put("backup:point", short["RecoveryPointArn"], {**old, "CreationDate": "2026-01-01T00:00:00Z"})
    backup.delete_recovery_point(**short)
    backup.delete_backup_vault_lock_configuration(BackupVaultName="vault")
    deny = {"Effect": "Deny", "Principal": "*", "Action": ["backup:DeleteRecoveryPoint"], "Resource": "*"}
    backup.put_backup_vault_access_policy(BackupVaultName="vault", Policy=json.dumps({"Statement": deny}))
    with refuses("AccessDeniedException", "denies backup:DeleteRecoveryPoint"):
        backup.delete_recovery_point(**ever)


def restore(backup: Any, point: str, **metadata: str) -> Any:
    given = {"dbInstanceIdentifier": "Copy", **metadata}
    made = backup.start_restore_job(RecoveryPointArn=point, Metadata=given, IamRoleArn=ROLE)
    return backup.describe_restore_job(RestoreJobId=made["RestoreJobId"])


def test_a_restore_ends_when_its_instance_is_available(site: Any, backup: Any, refuses: Any) -> None:
    point = done(site, backup)
    job = restore(backup, point, dbInstanceClass="db.t4g.medium", multiAz="false", port="5433")
    assert job["Status"] == "RUNNING"
    named = {"RestoreJobId": job["RestoreJobId"]}
    with refuses("InvalidRequestException", "is RUNNING"):
        backup.put_restore_validation_result(**named, ValidationStatus="SUCCESSFUL")
    site.settle_databases()
    job = backup.list_restore_jobs(ByStatus="COMPLETED")["RestoreJobs"][0]
    assert job["CreatedResourceArn"] == DATABASE.replace(":one", ":copy")
    made = site.client("rds").describe_db_instances(DBInstanceIdentifier="copy")["DBInstances"][0]
    assert (made["DBInstanceClass"], made["MultiAZ"]) == ("db.t4g.medium", False)
    assert told(site)[-1] == ("RESTORE_JOB_SUCCESSFUL", "COMPLETED")
    backup.put_restore_validation_result(**named, ValidationStatus="VALIDATING")
    backup.put_restore_validation_result(**named, ValidationStatus="FAILED", ValidationStatusMessage="3 rows")
    assert backup.describe_restore_job(**named)["ValidationStatusMessage"] == "3 rows"
    with refuses("InvalidRequestException", "is FAILED already"):
        backup.put_restore_validation_result(**named, ValidationStatus="SUCCESSFUL")


def test_a_restore_that_cannot_be_fails_its_job(site: Any, backup: Any, refuses: Any) -> None:
    point = done(site, backup)
    job = restore(backup, point, dbInstanceIdentifier="one")
    assert (job["Status"], "already exists" in job["StatusMessage"]) == ("FAILED", True)
    for metadata in ({"nonsense": "1"}, {"port": "many"}):
        with refuses("InvalidParameterValueException", "restore metadata"):
            restore(backup, point, **metadata)
    with refuses("InvalidParameterValueException", "dbInstanceIdentifier is missing"):
        backup.start_restore_job(RecoveryPointArn=point, Metadata={}, IamRoleArn=ROLE)
    for change, expected in (({"DBInstanceStatus": "failed"}, "is failed"), (None, "deleted")):
        job = restore(backup, point)
        with site.state.transaction(REGION) as tx:
            if change is None:
                tx.delete("rds:db", "copy")
            else:
                tx.put("rds:db", "copy", {**tx.get("rds:db", "copy"), **change})
        job = backup.describe_restore_job(RestoreJobId=job["RestoreJobId"])
        assert (job["Status"], expected in job["StatusMessage"]) == ("FAILED", True)
        with site.state.transaction(REGION) as tx:
            tx.delete("rds:db", "copy")


def copy(backup: Any, point: str, vault: str = "dr", account: str = "123456789012") -> Any:
    made = backup.start_copy_job(
        RecoveryPointArn=point,
        SourceBackupVaultName="vault",
        DestinationBackupVaultArn=f"arn:aws:backup:{OTHER}:{account}:backup-vault:{vault}",
        IamRoleArn=ROLE,
        Lifecycle={"DeleteAfterDays": 60},
    )
    return backup.describe_copy_job(CopyJobId=made["CopyJobId"])["CopyJob"]


def erased(site: Any) -> int:
    with site.state.reading(REGION) as tx:
        return sum(each["kind"] == "erase" for each in tx.all("rds:operation", every_region=True))


def test_a_copy_stands_by_itself_in_another_region(site: Any, backup: Any) -> None:
    point = done(site, backup)
    there = site.client("backup", OTHER)
    key = site.client("kms", OTHER).create_key()["KeyMetadata"]["Arn"]
    there.create_backup_vault(BackupVaultName="dr", EncryptionKeyArn=key)
    made = copy(backup, point)
    named = {"BackupVaultName": "dr", "RecoveryPointArn": made["DestinationRecoveryPointArn"]}
    assert (made["State"], there.describe_recovery_point(**named)["Status"]) == ("RUNNING", "CREATING")
    finish(site, region=OTHER)
    assert there.describe_recovery_point(**named)["Status"] == "COMPLETED"
    job = backup.describe_copy_job(CopyJobId=made["CopyJobId"])["CopyJob"]
    assert job["State"] == "COMPLETED"
    assert [each["CopyJobId"] for each in backup.list_copy_jobs(ByState="COMPLETED")["CopyJobs"]] == [job["CopyJobId"]]
    backup.delete_recovery_point(BackupVaultName="vault", RecoveryPointArn=point)
    assert erased(site) == 1
    found = there.describe_recovery_point(**named)
    assert (found["EncryptionKeyArn"], found["Lifecycle"], found["Status"]) == (
        key,
        {"DeleteAfterDays": 60},
        "COMPLETED",
    )
    assert restore(there, named["RecoveryPointArn"])["Status"] == "RUNNING"
    there.delete_recovery_point(**named)
    assert erased(site) == 2


def test_a_copy_whose_files_cannot_be_copied_fails_and_leaves_no_point(site: Any, backup: Any) -> None:
    point = done(site, backup)
    there = site.client("backup", OTHER)
    there.create_backup_vault(BackupVaultName="dr", EncryptionKeyArn=site.client("kms", OTHER).create_key()[
        "KeyMetadata"]["Arn"])  # fmt: skip
    made = copy(backup, point)
    finish(site, "failed", OTHER)
    job = backup.describe_copy_job(CopyJobId=made["CopyJobId"])["CopyJob"]
    assert (job["State"], job["StatusMessage"]) == ("FAILED", "no space left")
    assert "DestinationRecoveryPointArn" not in job
    assert there.list_recovery_points_by_backup_vault(BackupVaultName="dr")["RecoveryPoints"] == []
    assert told(site)[-1] == ("COPY_JOB_FAILED", "FAILED")


def test_the_end_of_a_job_is_an_event_on_the_bus(site: Any, backup: Any) -> None:
    topic = site.client("sns").create_topic(Name="events")["TopicArn"]
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                             "Action": "sns:Publish", "Resource": topic}]}  # fmt: skip
    site.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy))
    bus = site.client("events")
    pattern = {"source": ["aws.backup"], "detail": {"state": ["COMPLETED"]}}
    bus.put_rule(Name="ends", EventPattern=json.dumps(pattern))
    bus.put_targets(Rule="ends", Targets=[{"Id": "1", "Arn": topic}])
    point = done(site, backup)
    backup.list_backup_jobs()
    restore(backup, point)  # told as `status`, which the pattern does not ask for
    with site.state.reading(REGION) as tx:
        heard = [json.loads(each["Message"]) for each in tx.all("sns:message") if each["TopicArn"] == topic]
    assert [each["detail-type"] for each in heard] == ["Backup Job State Change"]
    assert heard[0]["resources"] == [point]
    assert (heard[0]["detail"]["state"], heard[0]["detail"]["backupVaultName"]) == ("COMPLETED", "vault")


def test_a_copy_that_cannot_be_fails_its_job(site: Any, backup: Any, refuses: Any) -> None:
    point = done(site, backup)
    there = site.client("backup", OTHER)
    there.create_backup_vault(BackupVaultName="plain")
    there.create_backup_vault(BackupVaultName="short")
    there.put_backup_vault_lock_configuration(BackupVaultName="short", MinRetentionDays=61)
    for vault, account, expected in (
        ("nobody", "123456789012", "does not exist"),
        ("plain", "210987654321", "another account"),
        ("plain", "123456789012", "key of your own"),
        ("short", "123456789012", "lock"),
    ):
        job = copy(backup, point, vault, account)
        assert (job["State"], expected in job["StatusMessage"]) == ("FAILED", True), job
    assert told(site)[-1] == ("COPY_JOB_FAILED", "FAILED")
    running = start(backup)["RecoveryPointArn"]
    with refuses("InvalidRequestException", "not completed"):
        copy(backup, running)


def test_a_topic_that_is_gone_is_no_fault_of_the_job(site: Any, backup: Any) -> None:
    site.client("sns").delete_topic(
        TopicArn=backup.get_backup_vault_notifications(BackupVaultName="vault")["SNSTopicArn"]
    )
    done(site, backup)
    assert backup.list_backup_jobs()["BackupJobs"][0]["State"] == "COMPLETED"
