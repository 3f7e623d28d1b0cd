"""Snapshots exported for real: every table, as CSV, where RDS would have put it; cancelled, failed, and resumed."""

from __future__ import annotations

import csv
import gzip
import io
import json
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from mainstay.sandbox.supervisor import exporting

if TYPE_CHECKING:
    from tests.sandbox_supervisor.conftest import Box, Record

BUCKET = "exports-of-mine"


@pytest.fixture(scope="module")
def wanted(box: Box) -> dict[str, Any]:
    """A snapshot with three tables, and where it may be exported to."""
    db = box.create("outgoing", BackupRetentionPeriod=0)
    with box.connect(db) as connection:
        connection.execute("CREATE TABLE orders (id int PRIMARY KEY, note text, at timestamptz)")
        connection.execute(
            "INSERT INTO orders SELECT n, 'line, ' || n, '2026-11-21T12:00:00Z' FROM generate_series(1, 2000) n"
        )
        connection.execute("INSERT INTO orders VALUES (0, NULL, NULL)")
        connection.execute('CREATE SCHEMA "a b"')
        connection.execute('CREATE TABLE "a b".empty (i int)')
        connection.execute("CREATE UNLOGGED TABLE gone (i int)")
    box.rds.create_db_snapshot(DBSnapshotIdentifier="outgoing-1", DBInstanceIdentifier="outgoing")
    box.rds.get_waiter("db_snapshot_available").wait(
        DBSnapshotIdentifier="outgoing-1", WaiterConfig={"Delay": 0.05, "MaxAttempts": 400}
    )
    box.delete("outgoing")
    box.client("s3").create_bucket(Bucket=BUCKET)
    allow = {"Effect": "Allow", "Principal": {"Service": "export.rds.amazonaws.com"}, "Action": "sts:AssumeRole"}
    write = {"Effect": "Allow", "Action": "s3:PutObject*", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    iam = box.client("iam")
    role = iam.create_role(RoleName="exports", AssumeRolePolicyDocument=json.dumps({"Statement": [allow]}))["Role"]
    iam.put_role_policy(RoleName="exports", PolicyName="p", PolicyDocument=json.dumps({"Statement": [write]}))
    return {
        "SourceArn": f"arn:aws:rds:{box.region}:123456789012:snapshot:outgoing-1",
        "S3BucketName": BUCKET,
        "IamRoleArn": role["Arn"],
        "KmsKeyId": box.client("kms").create_key()["KeyMetadata"]["Arn"],
        "S3Prefix": "daily",
    }


def ended(box: Box, name: str, timeout_s: float = 30) -> Record:
    deadline = time.monotonic() + timeout_s
    while True:
        task: Record = box.rds.describe_export_tasks(ExportTaskIdentifier=name)["ExportTasks"][0]
        if task["Status"] not in ("STARTING", "IN_PROGRESS", "CANCELING"):
            return task
        assert time.monotonic() < deadline, (task, (box.directory / "supervisor.log").read_text()[-2000:])
        time.sleep(0.05)


def objects(box: Box, prefix: str) -> dict[str, bytes]:
    """The content of every object below a prefix, by the rest of its key."""
    s3 = box.client("s3")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]
    return {key.removeprefix(prefix): s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}


def servers_of_exports(box: Box) -> list[int]:
    return [each.pid for each in psutil.process_iter(["cmdline"]) if "/export-" in " ".join(each.info["cmdline"] or ())]


def wait_until_swept(box: Box) -> None:
    """A task tells that it has ended, and then its server is taken down."""
    deadline = time.monotonic() + 20
    while left := servers_of_exports(box):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def test_every_table_is_there_with_every_row(box: Box, wanted: dict[str, Any]) -> None:
    box.rds.start_export_task(ExportTaskIdentifier="whole", **wanted)
    task = ended(box, "whole")
    assert (task["Status"], task["PercentProgress"]) == ("COMPLETE", 100), task
    assert task["TaskStartTime"] <= task["TaskEndTime"]
    found = objects(box, "daily/whole/")
    [part] = [key for key in found if key.startswith("tap/public.orders/1/part-00000-")]
    assert part.endswith(".csv.gz")
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(found[part]).decode())))
    assert len(rows) == 2001
    assert rows[0] == {"id": "1", "note": "line, 1", "at": "2026-11-21 12:00:00+00"}
    assert rows[-1] == {"id": "0", "note": "", "at": ""}
    [empty] = [key for key in found if key.startswith("tap/a_b.empty/1/part-00000-")]
    assert gzip.decompress(found[empty]) == b"i\n"
    assert "tap/public.orders/1/_SUCCESS" in found
    assert not [key for key in found if "gone" in key or "rdsadmin" in key]
    info = json.loads(found["export_info_whole.json"])
    assert (info["exportedFormat"], info["status"], info["s3Bucket"]) == ("csv.gz", "COMPLETE", BUCKET)
    [name] = [key for key in found if key.startswith("export_tables_info_whole_from_1_to_")]
    status = {each["target"]: each["rowCount"] for each in json.loads(found[name])["perTableStatus"]}
    assert status["tap.public.orders"] == 2001
    head = box.client("s3").head_object(Bucket=BUCKET, Key=f"daily/whole/{part}")
    assert head["SSEKMSKeyId"] == wanted["KmsKeyId"]
    wait_until_swept(box)


def test_a_part_of_it_or_nothing_that_is_there(box: Box, wanted: dict[str, Any]) -> None:
    box.rds.start_export_task(ExportTaskIdentifier="part", **wanted, ExportOnly=["tap.public"])
    assert ended(box, "part")["Status"] == "COMPLETE"
    assert {key.split("/")[1] for key in objects(box, "daily/part/") if "/" in key} == {"public.orders"}
    box.rds.start_export_task(ExportTaskIdentifier="none", **wanted, ExportOnly=["tap.public.nothing"])
    task = ended(box, "none")
    assert (task["Status"], "tap.public.nothing" in task["FailureCause"]) == ("FAILED", True)


def test_a_key_that_goes_fails_the_task_and_a_cancelled_one_ends(box: Box, wanted: dict[str, Any]) -> None:
    kms = box.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    box.rds.start_export_task(ExportTaskIdentifier="locked", **{**wanted, "KmsKeyId": key})
    kms.disable_key(KeyId=key)
    task = ended(box, "locked")
    assert (task["Status"], "KMS.DisabledException" in task["FailureCause"]) == ("FAILED", True)
    box.rds.start_export_task(ExportTaskIdentifier="stopped", **wanted)
    box.rds.cancel_export_task(ExportTaskIdentifier="stopped")
    assert ended(box, "stopped")["Status"] == "CANCELED"
    messages = [each["Message"] for each in box.rds.describe_events(
        SourceType="db-snapshot", SourceIdentifier="outgoing-1")["Events"]]  # fmt: skip
    assert {"The DB snapshot export task failed.", "The DB snapshot export task was canceled."} <= set(messages)


def test_a_killed_supervisor_exports_all_the_same(box: Box, wanted: dict[str, Any]) -> None:
    stale = "daily/again/tap/public.orders/1/part-00000-cut-short.csv.gz"
    box.client("s3").put_object(Bucket=BUCKET, Key=stale, Body=b"")
    box.rds.start_export_task(ExportTaskIdentifier="again", **wanted)
    deadline = time.monotonic() + 20
    while not servers_of_exports(box):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    box.kill_supervisor()
    assert ended(box, "again")["Status"] == "COMPLETE"
    parts = [key for key in objects(box, "daily/again/") if "public.orders/1/part-" in key]
    assert len(parts) == 1
    assert "cut-short" not in parts[0]
    wait_until_swept(box)


def test_a_large_table_comes_in_parts_that_each_name_their_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PART_BYTES", 12)
    lines = iter([b"a,b\n", *(f"{number},x\n".encode() for number in range(5))])
    parts = list(exporting._parts(lines))
    assert parts == [(b"a,b\n0,x\n1,x\n", 2), (b"a,b\n2,x\n3,x\n", 2), (b"a,b\n4,x\n", 1)]
    assert list(exporting._parts(iter([b"a,b\n"]))) == [(b"a,b\n", 0)]
