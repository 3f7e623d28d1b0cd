"""The export of snapshots: which are taken, once a period, and what becomes of attempts that failed.

RDS's operations are botocore's Stubber, which checks their parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from mainstay.core.errors import AnswerIsNo, InputRefused, TargetRefused
from mainstay.functions import export

SNAPSHOT = "rds:shop-dev-2026-11-21-00-05"
ARN = f"arn:aws:rds:eu-central-1:123456789012:snapshot:{SNAPSHOT}"
# 30 days each from 2020-01-01 on: 2026-11-21 lies in the period that began on this day.
TASK = "shop-dev-2026-10-26"
START = {
    "SourceArn": ARN,
    "S3BucketName": "exports",
    "IamRoleArn": "arn:aws:iam::123456789012:role/export",
    "KmsKeyId": "arn:aws:kms:eu-central-1:123456789012:key/1",
}


def event(arn: str = ARN) -> dict[str, Any]:
    return {"source": "aws.rds", "detail-type": "RDS DB Snapshot Event", "detail": {"SourceArn": arn}}


@cache
def real_service() -> Any:
    made: Any = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-central-1")
    return made.client("rds")


@pytest.fixture
def rds(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """RDS, which answers what a test told it to, in this order."""
    service = real_service()
    monkeypatch.setattr(export, "client", lambda _: service)
    for name, value in (
        ("INSTANCE", "shop-dev"),
        ("EXPORT_DAYS", "30"),
        ("EXPORT_BUCKET", START["S3BucketName"]),
        ("EXPORT_ROLE", START["IamRoleArn"]),
        ("EXPORT_KEY", START["KmsKeyId"]),
    ):
        monkeypatch.setenv(f"MAINSTAY_{name}", value)
    with Stubber(service) as stub:
        yield stub
        stub.assert_no_pending_responses()


def snapshot(stub: Stubber, *, name: str = SNAPSHOT, kind: str = "automated", **differs: object) -> None:
    found = {
        "DBSnapshotIdentifier": name,
        "DBInstanceIdentifier": "shop-dev",
        "Status": "available",
        "SnapshotCreateTime": datetime(2026, 11, 21, 0, 5, tzinfo=UTC),
    }
    asked = {"DBSnapshotIdentifier": name, "SnapshotType": kind}
    stub.add_response("describe_db_snapshots", {"DBSnapshots": [{**found, **differs}]}, asked)


def task(stub: Stubber, name: str, status: str | None, cause: str = "") -> None:
    asked = {"ExportTaskIdentifier": name}
    if status is None:
        stub.add_client_error("describe_export_tasks", "ExportTaskNotFound", expected_params=asked)
    else:
        known = {"ExportTaskIdentifier": name, "Status": status, **({"FailureCause": cause} if cause else {})}
        stub.add_response("describe_export_tasks", {"ExportTasks": [known]}, asked)


def starts(stub: Stubber, name: str, arn: str = ARN) -> None:
    stub.add_response(
        "start_export_task",
        {"ExportTaskIdentifier": name},
        {**START, "SourceArn": arn, "ExportTaskIdentifier": name},
    )


def test_the_first_snapshot_of_a_period_is_exported(rds: Stubber, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot(rds)
    task(rds, TASK, None)
    starts(rds, TASK)
    assert export.handler(event(), None) == {"started": TASK, "snapshot": ARN}
    assert TASK in capsys.readouterr().out


def test_an_empty_list_of_tasks_is_none(rds: Stubber) -> None:
    snapshot(rds)
    rds.add_response("describe_export_tasks", {"ExportTasks": []}, {"ExportTaskIdentifier": TASK})
    starts(rds, TASK)
    assert export.handler(event(), None)["started"] == TASK


@pytest.mark.parametrize("status", ["STARTING", "IN_PROGRESS", "COMPLETE"])
def test_a_period_has_one_export(rds: Stubber, status: str) -> None:
    snapshot(rds)
    task(rds, TASK, status)
    assert f"{TASK} is {status} already" in str(export.handler(event(), None)["skipped"])


@pytest.mark.parametrize(
    ("days", "created", "first"),
    [
        ("30", datetime(2026, 10, 26, tzinfo=UTC), "2026-10-26"),
        ("30", datetime(2026, 10, 25, 23, 59, 59, tzinfo=UTC), "2026-09-26"),
        ("30", datetime(2026, 11, 25, tzinfo=UTC), "2026-11-25"),
        ("1", datetime(2026, 11, 21, 23, 59, tzinfo=UTC), "2026-11-21"),
        ("7", datetime(2026, 11, 21, tzinfo=UTC), "2026-11-18"),
    ],
)
def test_a_period_begins_on_the_same_day_for_every_snapshot_in_it(
    rds: Stubber, monkeypatch: pytest.MonkeyPatch, days: str, created: datetime, first: str
) -> None:
    monkeypatch.setenv("MAINSTAY_EXPORT_DAYS", days)
    snapshot(rds, SnapshotCreateTime=created)
    task(rds, f"shop-dev-{first}", "COMPLETE")
    assert "skipped" in export.handler(event(), None)


@pytest.mark.parametrize(("name", "kind"), [("awsbackup:job-1", "awsbackup"), ("before-upgrade", "manual")])
def test_snapshots_of_other_makers_are_asked_for_by_their_type(rds: Stubber, name: str, kind: str) -> None:
    snapshot(rds, name=name, kind=kind)
    task(rds, TASK, None)
    arn = ARN.replace(SNAPSHOT, name)
    starts(rds, TASK, arn)
    assert export.handler(event(arn), None)["snapshot"] == arn


def test_an_attempt_in_vain_is_followed_by_another_three_times(rds: Stubber) -> None:
    snapshot(rds)
    task(rds, TASK, "FAILED", "no room")
    task(rds, f"{TASK}-2", "CANCELED")
    task(rds, f"{TASK}-3", None)
    starts(rds, f"{TASK}-3")
    assert export.handler(event(), None)["started"] == f"{TASK}-3"
    snapshot(rds)
    for attempt in ("", "-2", "-3"):
        task(rds, f"{TASK}{attempt}", "FAILED", "no room" if attempt else "")
    with pytest.raises(AnswerIsNo, match="keep failing") as caught:
        export.handler(event(), None)
    assert f"{TASK}-3 is FAILED: no room" in caught.value.detail
    assert "no cause given" in caught.value.detail


def test_a_call_that_was_slower_than_another_is_no_failure(rds: Stubber) -> None:
    snapshot(rds)
    task(rds, TASK, None)
    rds.add_client_error("start_export_task", "ExportTaskAlreadyExists")
    assert "is there already" in str(export.handler(event(), None)["skipped"])


def test_what_rds_refuses_is_told(rds: Stubber) -> None:
    snapshot(rds)
    task(rds, TASK, None)
    rds.add_client_error("start_export_task", "IamRoleMissingPermissions", "not allowed")
    with pytest.raises(TargetRefused, match="IamRoleMissingPermissions"):
        export.handler(event(), None)


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({"DBInstanceIdentifier": "shop-dev-2"}, "a snapshot of shop-dev-2, not of shop-dev"),
        ({"Status": "creating"}, "it is creating"),
    ],
)
def test_what_is_not_a_finished_snapshot_of_ours_is_left_alone(
    rds: Stubber, differs: dict[str, str], said: str
) -> None:
    snapshot(rds, **differs)
    assert said in str(export.handler(event(), None)["skipped"])


def test_a_snapshot_that_went_meanwhile_is_left_alone(rds: Stubber) -> None:
    rds.add_client_error("describe_db_snapshots", "DBSnapshotNotFound")
    assert "no such snapshot any more" in str(export.handler(event(), None)["skipped"])
    rds.add_response("describe_db_snapshots", {"DBSnapshots": []})
    assert "no such snapshot any more" in str(export.handler(event(), None)["skipped"])


@pytest.mark.parametrize(
    "wrong", [{}, {"source": "aws.rds", "detail": {}}, {"source": "aws.ec2", "detail": {"SourceArn": ARN}}]
)
def test_another_event_is_refused(rds: Stubber, wrong: dict[str, Any]) -> None:
    with pytest.raises(InputRefused, match="not a snapshot event"):
        export.handler(wrong, None)


@pytest.mark.parametrize("days", ["0", "many", "-1"])
def test_a_period_that_is_none_is_refused(rds: Stubber, monkeypatch: pytest.MonkeyPatch, days: str) -> None:
    monkeypatch.setenv("MAINSTAY_EXPORT_DAYS", days)
    snapshot(rds)
    with pytest.raises(InputRefused, match="not a number of days"):
        export.handler(event(), None)


@pytest.mark.parametrize("name", ["INSTANCE", "EXPORT_BUCKET", "EXPORT_ROLE", "EXPORT_KEY"])
def test_a_setting_that_is_missing_is_named(rds: Stubber, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(f"MAINSTAY_{name}")
    if name != "INSTANCE":
        snapshot(rds)
        task(rds, TASK, None)
    with pytest.raises(InputRefused, match="lacks a setting") as caught:
        export.handler(event(), None)
    assert f"MAINSTAY_{name}" in caught.value.detail
