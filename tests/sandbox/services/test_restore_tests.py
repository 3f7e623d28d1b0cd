"""Restore tests of AWS Backup over records alone: begun when due, judged or not, and the copy taken away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mainstay.core.clock import SystemClock
from mainstay.sandbox.state import State
from mainstay.sandbox.supervisor import errands

if TYPE_CHECKING:
    from tests.sandbox.conftest import Later

REGION = "eu-central-1"
ROLE = "arn:aws:iam::123456789012:role/backup"
DATABASE = f"arn:aws:rds:{REGION}:123456789012:db:one"
HOURLY = "cron(0 * * * ? *)"


@pytest.fixture
def backup(site: Any) -> Any:
    """AWS Backup with two recovery points of one database."""
    site.client("rds").create_db_instance(
        DBInstanceIdentifier="one", Engine="postgres", EngineVersion="17.10", DBInstanceClass="db.m6g.large",
        AllocatedStorage=20, MasterUsername="master", MasterUserPassword="correct-horse", StorageEncrypted=True,
        Tags=[{"Key": "tested", "Value": "yes"}],
    )  # fmt: skip
    site.settle_databases()
    client = site.client("backup")
    client.create_backup_vault(BackupVaultName="vault")
    for _ in range(2):
        client.start_backup_job(BackupVaultName="vault", ResourceArn=DATABASE, IamRoleArn=ROLE)
        with site.state.transaction(REGION) as tx:
            for snapshot in tx.all("rds:snapshot"):
                ended = {"Status": "available", "FullSnapshotSizeInBytes": 7}
                tx.put("rds:snapshot", snapshot["DBSnapshotIdentifier"], {**snapshot, **ended})
        site.settle_databases()
        client.list_backup_jobs()
    return client


def plan(backup: Any, *, hours: int = 2, algorithm: str = "LATEST_WITHIN_WINDOW", **selection: Any) -> str:
    chosen = {"Algorithm": algorithm, "IncludeVaults": ["*"], "RecoveryPointTypes": ["SNAPSHOT"]}
    arn: str = backup.create_restore_testing_plan(
        RestoreTestingPlan={
            "RestoreTestingPlanName": "tests", "ScheduleExpression": HOURLY, "RecoveryPointSelection": chosen,
        }
    )["RestoreTestingPlanArn"]  # fmt: skip
    given = selection or {"ProtectedResourceArns": ["*"]}
    backup.create_restore_testing_selection(
        RestoreTestingPlanName="tests",
        RestoreTestingSelection={
            "RestoreTestingSelectionName": "all", "ProtectedResourceType": "RDS", "IamRoleArn": ROLE,
            "ValidationWindowHours": hours, **given,
        },
    )  # fmt: skip
    return arn


def come_round(state: State, clock: Later) -> None:
    """The supervisor sees the plan, and an hour later it is due."""
    errands.do_chores(state)
    clock.ahead += timedelta(hours=1, seconds=1)
    errands.do_chores(state)


def jobs(backup: Any) -> list[Any]:
    found: list[Any] = backup.list_restore_jobs()["RestoreJobs"]
    return found


def settle(site: Any, state: State) -> None:
    """Restored instances become available, deleted ones go, and the supervisor looks again."""
    site.settle_databases()
    site.client("backup").list_restore_jobs()
    errands.do_chores(state)


@pytest.mark.parametrize("algorithm", ["LATEST_WITHIN_WINDOW", "RANDOM_WITHIN_WINDOW"])
def test_a_test_restores_waits_for_its_verdict_and_cleans_up(
    site: Any, backup: Any, state: State, clock: Later, algorithm: str
) -> None:
    arn = plan(backup, algorithm=algorithm)
    errands.do_chores(state)
    assert jobs(backup) == []
    come_round(state, clock)
    errands.do_chores(state)
    [job] = jobs(backup)
    assert job["CreatedBy"] == {"RestoreTestingPlanArn": arn}
    points = backup.list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"]
    newest = max(points, key=lambda point: point["CreationDate"])["RecoveryPointArn"]
    if algorithm.startswith("LATEST"):
        assert job["RecoveryPointArn"] == newest
    settle(site, state)
    [job] = jobs(backup)
    assert (job["Status"], job["ValidationStatus"]) == ("COMPLETED", "VALIDATING")
    assert job["CreatedResourceArn"].split(":")[-1].startswith("awsbackup-restore-test-")
    backup.put_restore_validation_result(RestoreJobId=job["RestoreJobId"], ValidationStatus="SUCCESSFUL")
    errands.do_chores(state)
    assert jobs(backup)[0]["DeletionStatus"] == "DELETING"
    settle(site, state)
    [job] = jobs(backup)
    assert (job["ValidationStatus"], job["DeletionStatus"]) == ("SUCCESSFUL", "SUCCESSFUL")
    assert len(site.client("rds").describe_db_instances()["DBInstances"]) == 1


def test_a_verdict_that_never_comes_is_waited_for_and_no_longer(
    site: Any, backup: Any, state: State, clock: Later
) -> None:
    plan(backup)
    come_round(state, clock)
    settle(site, state)
    backup.delete_restore_testing_selection(RestoreTestingPlanName="tests", RestoreTestingSelectionName="all")
    with site.state.reading(REGION) as tx:
        ended = tx.all("backup:restore-job")[0]["CompletionDate"]
    clock.ahead = datetime.fromisoformat(ended) + timedelta(hours=2, seconds=-5) - SystemClock().now()
    errands.do_chores(state)
    assert jobs(backup)[0]["ValidationStatus"] == "VALIDATING"
    clock.ahead += timedelta(seconds=6)
    errands.do_chores(state)
    errands.do_chores(state)
    assert (jobs(backup)[0]["ValidationStatus"], jobs(backup)[0]["DeletionStatus"]) == ("TIMED_OUT", "DELETING")


def test_a_copy_that_cannot_be_deleted_is_told(site: Any, backup: Any, state: State, clock: Later) -> None:
    plan(backup, hours=0)
    come_round(state, clock)
    site.settle_databases()
    backup.list_restore_jobs()
    name = jobs(backup)[0]["CreatedResourceArn"].split(":")[-1]
    site.client("rds").modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=True, ApplyImmediately=True)
    site.settle_databases()
    errands.do_chores(state)
    [job] = jobs(backup)
    assert job["DeletionStatus"] == "FAILED"
    assert "deletion protection" in job["DeletionStatusMessage"]
    assert "ValidationStatus" not in job


@pytest.mark.parametrize(
    ("selection", "count"),
    [
        ({"ProtectedResourceArns": [DATABASE]}, 1),
        ({"ProtectedResourceArns": [DATABASE + "x"]}, 0),
        ({"ProtectedResourceType": "S3", "ProtectedResourceArns": ["*"]}, 0),
        ({"ProtectedResourceConditions": {"StringEquals": [{"Key": "aws:ResourceTag/tested", "Value": "yes"}]}}, 1),
        ({"ProtectedResourceConditions": {"StringEquals": [{"Key": "aws:ResourceTag/tested", "Value": "no"}]}}, 0),
        ({"ProtectedResourceConditions": {"StringNotEquals": [{"Key": "aws:ResourceTag/tested", "Value": "yes"}]}}, 0),
    ],
)
def test_what_is_protected_is_tested_and_nothing_else(
    backup: Any, state: State, clock: Later, selection: dict[str, Any], count: int
) -> None:
    plan(backup, **selection)
    come_round(state, clock)
    assert len(jobs(backup)) == count


def test_old_points_and_other_vaults_are_left_alone(backup: Any, state: State, clock: Later) -> None:
    plan(backup)
    vault = backup.describe_backup_vault(BackupVaultName="vault")["BackupVaultArn"]
    for chosen in ({"ExcludeVaults": [vault]}, {"ExcludeVaults": [], "IncludeVaults": [vault + "-other"]}):
        backup.update_restore_testing_plan(
            RestoreTestingPlanName="tests", RestoreTestingPlan={"RecoveryPointSelection": chosen}
        )
        come_round(state, clock)
        assert jobs(backup) == []
    backup.update_restore_testing_plan(
        RestoreTestingPlanName="tests",
        RestoreTestingPlan={"RecoveryPointSelection": {"IncludeVaults": [vault], "SelectionWindowDays": 1}},
    )
    clock.ahead += timedelta(days=2)
    come_round(state, clock)
    assert jobs(backup) == []


def test_a_test_that_cannot_begin_has_failed(backup: Any, state: State, clock: Later) -> None:
    overrides = {"DBSubnetGroupName": "nowhere"}
    plan(backup, ProtectedResourceArns=["*"], RestoreMetadataOverrides=overrides)
    come_round(state, clock)
    [job] = jobs(backup)
    assert job["Status"] == "FAILED"
    assert "nowhere" in job["StatusMessage"]
    errands.do_chores(state)
    assert jobs(backup)[0]["DeletionStatus"] == "SUCCESSFUL"


def test_an_override_that_a_restore_does_not_know_fails_the_test_too(backup: Any, state: State, clock: Later) -> None:
    plan(backup, ProtectedResourceArns=["*"], RestoreMetadataOverrides={"processorFeatures": "[]"})
    come_round(state, clock)
    [job] = jobs(backup)
    assert (job["Status"], "processorfeatures" in job["StatusMessage"]) == ("FAILED", True)


def test_a_schedule_that_is_over_tests_no_more(backup: Any, state: State, clock: Later) -> None:
    plan(backup)
    backup.update_restore_testing_plan(
        RestoreTestingPlanName="tests", RestoreTestingPlan={"ScheduleExpression": "cron(0 0 1 1 ? 2020)"}
    )
    come_round(state, clock)
    assert jobs(backup) == []
