"""AWS Backup with real servers: a job's recovery point, its copy in another region, and what is restored from that."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

from mainstay.sandbox.state import State
from mainstay.sandbox.supervisor.layout import Layout

if TYPE_CHECKING:
    from tests.sandbox_supervisor.conftest import Box

OTHER = "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/backup"


def ended(ask: Any, member: str, **named: str) -> Any:
    deadline = time.monotonic() + 60
    while (job := ask(**named))[member] == "RUNNING":
        assert time.monotonic() < deadline, f"{named} does not end"
        time.sleep(0.05)
    return job


def marks(box: Box, identifier: str) -> list[str]:
    with box.connect(box.find(identifier)) as connection:
        return [str(name) for (name,) in connection.execute("SELECT name FROM marks ORDER BY name").fetchall()]


def mark(box: Box, identifier: str, statement: str) -> None:
    with box.connect(box.find(identifier)) as connection:
        connection.execute(statement.encode())


def test_a_copy_outlives_its_recovery_point_and_is_restored_in_the_other_region(box: Box) -> None:
    arn = box.create("kept", BackupRetentionPeriod=0)["DBInstanceArn"]
    mark(box, "kept", "CREATE TABLE marks (name text)")
    mark(box, "kept", "INSERT INTO marks VALUES ('before')")
    backup, there = (box.session.client("backup", region_name=region) for region in (box.region, OTHER))
    backup.create_backup_vault(BackupVaultName="vault")
    there.create_backup_vault(BackupVaultName="dr")

    made = backup.start_backup_job(BackupVaultName="vault", ResourceArn=arn, IamRoleArn=ROLE)
    assert ended(backup.describe_backup_job, "State", BackupJobId=made["BackupJobId"])["State"] == "COMPLETED"
    box.settle("kept")
    mark(box, "kept", "INSERT INTO marks VALUES ('after')")
    copied = backup.start_copy_job(
        RecoveryPointArn=made["RecoveryPointArn"],
        SourceBackupVaultName="vault",
        DestinationBackupVaultArn=there.describe_backup_vault(BackupVaultName="dr")["BackupVaultArn"],
        IamRoleArn=ROLE,
    )
    box.kill_supervisor()  # wherever the copy stands: the next supervisor makes it whole
    copy = ended(lambda **named: backup.describe_copy_job(**named)["CopyJob"], "State", CopyJobId=copied["CopyJobId"])
    assert copy["State"] == "COMPLETED", copy
    backup.delete_recovery_point(BackupVaultName="vault", RecoveryPointArn=made["RecoveryPointArn"])
    box.delete("kept")

    point = copy["DestinationRecoveryPointArn"]
    metadata = {"dbInstanceIdentifier": "saved", "dbInstanceClass": "db.t4g.medium"}
    job = there.start_restore_job(RecoveryPointArn=point, Metadata=metadata, IamRoleArn=ROLE)
    assert ended(there.describe_restore_job, "Status", RestoreJobId=job["RestoreJobId"])["Status"] == "COMPLETED"
    far = dataclasses.replace(box, region=OTHER, rds=box.session.client("rds", region_name=OTHER))
    assert marks(far, "saved") == ["before"]

    with State(box.directory).reading(OTHER) as tx:
        kept = [each["_directory"] for each in tx.all("rds:snapshot") if each["DBSnapshotArn"] == point]
    directory = Layout.load(box.directory).data / kept[0]
    assert directory.exists()
    there.delete_recovery_point(BackupVaultName="dr", RecoveryPointArn=point)
    deadline = time.monotonic() + 60
    while directory.exists():
        assert time.monotonic() < deadline, f"{directory} stays"
        time.sleep(0.05)
    far.delete("saved")
