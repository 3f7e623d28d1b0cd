"""Export tasks as they are asked for: what is refused, listed, and cancelled before anything is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mainstay.sandbox.rds.records import EXPORT, OPERATION, SNAPSHOT

if TYPE_CHECKING:
    from tests.sandbox_rds.conftest import Desk

REGION = "eu-west-1"
ARN = f"arn:aws:rds:{REGION}:123456789012:snapshot:saved"
BUCKET = "exports-of-mine"


def policy(*actions: str, resource: str = f"arn:aws:s3:::{BUCKET}/*") -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def new_role(desk: Desk, name: str, document: str, service: str = "export.rds.amazonaws.com") -> str:
    allow = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    made = desk.call("CreateRole", "iam", RoleName=name, AssumeRolePolicyDocument=trust)
    desk.call("PutRolePolicy", "iam", RoleName=name, PolicyName="p", PolicyDocument=document)
    arn: str = made["Role"]["Arn"]
    return arn


@pytest.fixture
def wanted(desk: Desk) -> dict[str, Any]:
    """A snapshot, a bucket, a role and a key, and what StartExportTask is given of them."""
    desk.create()
    desk.call("CreateDBSnapshot", DBSnapshotIdentifier="saved", DBInstanceIdentifier="shop")
    with desk.state.transaction(REGION) as tx:
        snapshot = tx.get(SNAPSHOT, "saved")
        assert snapshot is not None
        snapshot |= {"Status": "available", "SnapshotCreateTime": "2026-11-21T12:00:00Z"}
        tx.put(SNAPSHOT, "saved", snapshot)
        for operation in tx.all(OPERATION):
            tx.delete(OPERATION, operation["id"])
    place = {"LocationConstraint": REGION}
    desk.call("CreateBucket", "s3", Bucket=BUCKET, CreateBucketConfiguration=place)
    return {
        "ExportTaskIdentifier": "first",
        "SourceArn": ARN,
        "S3BucketName": BUCKET,
        "IamRoleArn": new_role(desk, "exports", policy("s3:PutObject*", "s3:ListBucket")),
        "KmsKeyId": desk.call("CreateKey", "kms")["KeyMetadata"]["KeyId"],
        "S3Prefix": "daily",
    }


def test_a_task_is_written_down_and_queued(desk: Desk, wanted: dict[str, Any]) -> None:
    task = desk.call("StartExportTask", **wanted, ExportOnly=["shop.public.orders"])
    assert (task["Status"], task["PercentProgress"], task["SourceType"]) == ("STARTING", 0, "SNAPSHOT")
    assert task["KmsKeyId"].startswith("arn:aws:kms:")
    assert "CSV" in task["WarningMessage"]
    with desk.state.reading(REGION) as tx:
        [operation] = tx.all(OPERATION)
    assert (operation["kind"], operation["params"]["task"]) == ("export", "first")
    # The engine that reads it is the one that wrote it, also where one stands in for another.
    assert operation["params"]["snapshot"]["_runs"] == "postgres"


@pytest.mark.parametrize(
    ("members", "code", "told"),
    [
        ({"ExportTaskIdentifier": "1st"}, "InvalidParameterValue", "1st"),
        ({"ExportTaskIdentifier": "a" * 61}, "InvalidParameterValue", "not valid"),
        ({"SourceArn": ARN + "-gone"}, "DBSnapshotNotFound", "saved-gone"),
        ({"SourceArn": "saved"}, "SandboxNotImplemented", "only snapshots"),
        ({"SourceArn": ARN.replace(":snapshot:", ":cluster-snapshot:")}, "SandboxNotImplemented", "only snapshots"),
        ({"S3Prefix": "a:b"}, "InvalidParameterValue", "colon"),
        ({"S3BucketName": "nowhere"}, "InvalidS3BucketFault", "nowhere"),
        ({"IamRoleArn": "arn:aws:iam::123456789012:role/none"}, "IamRoleNotFound", "none"),
        ({"KmsKeyId": "none"}, "KMSKeyNotAccessibleFault", "none"),
        ({"ExportOnly": ["shop.public.orders.id"]}, "InvalidExportOnly", "orders.id"),
        ({"ExportOnly": ["shop.a-b"]}, "InvalidExportOnly", "a-b"),
    ],
)
def test_what_cannot_be_exported_is_refused(
    desk: Desk, wanted: dict[str, Any], members: dict[str, Any], code: str, told: str
) -> None:
    seen = desk.refused("StartExportTask", **{**wanted, **members})
    assert seen[0] == code
    assert told in seen[1]


def test_a_name_that_is_just_long_enough_is_taken(desk: Desk, wanted: dict[str, Any]) -> None:
    assert desk.call("StartExportTask", **{**wanted, "ExportTaskIdentifier": "a" * 60})["Status"] == "STARTING"


def test_a_role_must_trust_the_service_and_may_write_there(desk: Desk, wanted: dict[str, Any]) -> None:
    roles = [
        new_role(desk, "stranger", policy("s3:PutObject"), "rds.amazonaws.com"),
        new_role(desk, "reader", policy("s3:GetObject")),
        new_role(desk, "elsewhere", policy("s3:*", resource="arn:aws:s3:::other/*")),
    ]
    for role in roles:
        assert desk.refused("StartExportTask", **{**wanted, "IamRoleArn": role})[0] == "IamRoleMissingPermissions"
    desk.call("AttachRolePolicy", "iam", RoleName="reader", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    assert desk.call("StartExportTask", **{**wanted, "IamRoleArn": roles[1]})["Status"] == "STARTING"


def test_names_are_taken_once_and_a_snapshot_is_exported_once_at_a_time(desk: Desk, wanted: dict[str, Any]) -> None:
    desk.call("StartExportTask", **wanted)
    assert desk.refused("StartExportTask", **wanted)[0] == "ExportTaskAlreadyExists"
    second = {**wanted, "ExportTaskIdentifier": "second"}
    code, told = desk.refused("StartExportTask", **second)
    assert (code, "exported already" in told) == ("InvalidExportSourceState", True)
    with desk.state.transaction(REGION) as tx:
        task, snapshot = tx.get(EXPORT, "first"), tx.get(SNAPSHOT, "saved")
        assert task is not None
        assert snapshot is not None
        tx.put(EXPORT, "first", {**task, "Status": "COMPLETE"})
    desk.call("StartExportTask", **second)
    with desk.state.transaction(REGION) as tx:
        tx.put(SNAPSHOT, "saved", {**snapshot, "Status": "creating"})
    third = desk.refused("StartExportTask", **{**wanted, "ExportTaskIdentifier": "third"})
    assert third == ("InvalidExportSourceState", "The snapshot is not available: it is creating.")


def test_tasks_are_listed_and_cancelled(desk: Desk, wanted: dict[str, Any]) -> None:
    desk.call("StartExportTask", **wanted)
    for asked, found in (
        ({}, 1),
        ({"ExportTaskIdentifier": "first"}, 1),
        ({"SourceArn": ARN}, 1),
        ({"SourceArn": ARN + "x"}, 0),
        ({"SourceType": "CLUSTER"}, 0),
        ({"Filters": [{"Name": "status", "Values": ["starting"]}]}, 1),
        ({"Filters": [{"Name": "source-arn", "Values": [ARN]}]}, 1),
        ({"Filters": [{"Name": "s3-bucket", "Values": ["other"]}]}, 0),
    ):
        assert len(desk.call("DescribeExportTasks", **asked)["ExportTasks"]) == found, asked
    assert desk.refused("DescribeExportTasks", ExportTaskIdentifier="none")[0] == "ExportTaskNotFound"
    assert desk.refused("CancelExportTask", ExportTaskIdentifier="none")[0] == "ExportTaskNotFound"
    assert desk.call("CancelExportTask", ExportTaskIdentifier="first")["Status"] == "CANCELING"
    assert desk.refused("CancelExportTask", ExportTaskIdentifier="first")[0] == "InvalidExportTaskStateFault"
