"""Snapshots exported for real: every table, as CSV, where RDS would have put it; cancelled, failed, and resumed."""

from __future__ import annotations

import csv
import gzip
import io
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from mainstay.engines.identity import engine_identity
from mainstay.engines.orphans import find_by_directory
from mainstay.sandbox.rds import operations
from mainstay.sandbox.rds.records import EXPORT, OPERATION
from mainstay.sandbox.services.s3_objects import put_object
from mainstay.sandbox.state import State
from mainstay.sandbox.supervisor import exporting
from mainstay.sandbox.supervisor.layout import Layout

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


def ended(box: Box, name: str, timeout_s: float = 90) -> Record:
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


def wait_until_swept(box: Box) -> None:
    """A task tells that it has ended; then its server is taken down, and then the work is called done."""
    state, deadline = State(box.directory), time.monotonic() + 60
    while left := works_left(state, box):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
    servers = find_by_directory(Layout.load(box.directory).data, engine_identity())
    assert not [each for each in servers if "export-" in each.marker]


def works_left(state: State, box: Box) -> list[Record]:
    with state.reading(box.region) as tx:
        return [each for each in tx.all(OPERATION) if each["kind"] == operations.EXPORT]


def cut_short(box: Box, wanted: dict[str, Any]) -> tuple[str, Record]:
    """A task whose supervisor was killed while it was at work, with a part written; its name, and the work as it was.

    One that had ended before anybody looked is followed by another.
    """
    state = State(box.directory)
    for number in range(10):
        name = f"again-{number}"
        box.rds.start_export_task(ExportTaskIdentifier=name, **wanted)
        while works_left(state, box):
            if (work := kill_during(state, box, name)) is not None:
                return name, work
            time.sleep(0.005)
    pytest.fail("every task had ended when it was looked at")


def kill_during(state: State, box: Box, name: str) -> Record | None:
    """Kill the supervisor if the task is in progress: whoever holds the state's lock keeps it from ending."""
    with state.transaction(box.region) as tx:
        task = tx.get(EXPORT, name)
        if task is None or task["Status"] != "IN_PROGRESS":
            return None
        key = f"daily/{name}/tap/public.orders/1/part-00000-cut-short.csv.gz"
        put_object(tx, {"Bucket": BUCKET, "Key": key, "Body": b""})
        [work] = [each for each in tx.all(OPERATION) if each["params"].get("task") == name]
        box.kill_supervisor()
    return work


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
    name, work = cut_short(box, wanted)
    assert ended(box, name)["Status"] == "COMPLETE"
    wait_until_swept(box)
    written = objects(box, f"daily/{name}/")
    parts = [key for key in written if "public.orders/1/part-" in key]
    assert len(parts) == 1, parts
    assert "cut-short" not in parts[0]
    # Killed between the end of the task and the end of the work: nothing is written again.
    box.kill_supervisor()
    with State(box.directory).transaction(box.region) as tx:
        tx.put(OPERATION, work["id"], work)
    assert ended(box, name)["Status"] == "COMPLETE"
    wait_until_swept(box)
    assert objects(box, f"daily/{name}/") == written


def test_a_large_table_comes_in_parts_that_each_name_their_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PART_BYTES", 12)
    lines = iter([b"a,b\n", *(f"{number},x\n".encode() for number in range(5))])
    parts = list(exporting._parts(lines))
    assert parts == [(b"a,b\n0,x\n1,x\n", 2), (b"a,b\n2,x\n3,x\n", 2), (b"a,b\n4,x\n", 1)]
    assert list(exporting._parts(iter([b"a,b\n"]))) == [(b"a,b\n", 0)]
