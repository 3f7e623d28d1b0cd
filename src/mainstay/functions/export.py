"""Starts the export of a snapshot into the export bucket, once a period and not again.

    1  the snapshot  out of the event; what is not a finished snapshot of our database is left alone
    2  the period    counted from a fixed day, so that every call within one comes to the same name of a task
    3  the task      StartExportTask, unless the period has one that runs or is complete

The event: EventBridge, source aws.rds, "RDS DB Snapshot Event". RDS keeps the names of tasks, so that they are the
function's whole memory: two events of one snapshot, or a call that is repeated, are one export. A task that failed is
followed by another one at the next snapshot, three times at most a period.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from mainstay.core.errors import AnswerIsNo, InputRefused
from mainstay.functions import settings
from mainstay.functions.aws import ask_for, ask_unless, client

ATTEMPTS: Final = 3
_EPOCH: Final = date(2020, 1, 1)
# A task's states that leave nothing in the bucket to rely on (RDS User Guide, USER_ExportSnapshot.Monitoring,
# 2026-11-21).
_IN_VAIN: Final = frozenset({"FAILED", "CANCELED", "CANCELING"})
_TYPES: Final = {"rds": "automated", "awsbackup": "awsbackup"}
_THERE_ALREADY: Final = "ExportTaskAlreadyExists"


def handler(event: Mapping[str, Any], context: object) -> dict[str, object]:
    """Lambda's entry. Error: AnswerIsNo when the period's exports all failed. Any: the event is JSON."""
    del context
    instance = settings.required(settings.INSTANCE, "the instance whose snapshots are exported")
    arn = _snapshot_arn(event)
    snapshot = _described(arn)
    reason = "there is no such snapshot any more" if snapshot is None else _not_wanted(snapshot, instance)
    if snapshot is None or reason:
        return _told({"skipped": f"{arn}: {reason}"})
    first = _first_day(_created(snapshot), _days())
    return _told(_export(arn, f"{instance}-{first.isoformat()}"))


def _snapshot_arn(event: Mapping[str, Any]) -> str:
    detail = event.get("detail")
    arn = str(detail.get("SourceArn") or "") if isinstance(detail, Mapping) else ""
    if event.get("source") != "aws.rds" or not arn:
        raise InputRefused(
            "not a snapshot event",
            detail="The event has no SourceArn from aws.rds.",
            hint="call this function by an EventBridge rule on 'RDS DB Snapshot Event'",
        )
    return arn


# Any: a snapshot as RDS describes it.
def _described(arn: str) -> dict[str, Any] | None:
    name = arn.rpartition(":snapshot:")[2]
    # RDS wants the type with the name of an automated snapshot (botocore's DescribeDBSnapshots, 2026-11-21).
    kind = _TYPES.get(name.partition(":")[0], "manual")
    answer = ask_for(client("rds").describe_db_snapshots, DBSnapshotIdentifier=name, SnapshotType=kind)
    found: list[dict[str, Any]] = answer["DBSnapshots"] if answer else []
    return found[0] if found else None


def _not_wanted(snapshot: Mapping[str, Any], instance: str) -> str:
    """Why a snapshot is left alone, or nothing. Other instances have snapshots whose names begin alike."""
    if snapshot["DBInstanceIdentifier"] != instance:
        return f"it is a snapshot of {snapshot['DBInstanceIdentifier']}, not of {instance}"
    return "" if snapshot["Status"] == "available" else f"it is {snapshot['Status']}"


def _created(snapshot: Mapping[str, Any]) -> date:
    created: datetime = snapshot["SnapshotCreateTime"]
    return created.astimezone(UTC).date()


def _days() -> int:
    given = settings.optional(settings.EXPORT_DAYS, "1")
    if not given.isdecimal() or not int(given):
        raise InputRefused(
            "the period is not a number of days",
            detail=f"{settings.EXPORT_DAYS} is '{given}'.",
            hint="give a number from 1 on",
        )
    return int(given)


def _first_day(day: date, days: int) -> date:
    """The first day of the period that a day lies in."""
    return day - timedelta(days=(day - _EPOCH).days % days)


def _export(arn: str, name: str) -> dict[str, object]:
    """Start the first attempt that was not made in vain."""
    rds, failures = client("rds"), []
    for attempt in range(1, ATTEMPTS + 1):
        task = name if attempt == 1 else f"{name}-{attempt}"
        answer = ask_for(rds.describe_export_tasks, ExportTaskIdentifier=task)
        known = answer["ExportTasks"][0] if answer and answer["ExportTasks"] else None
        if known is None:
            return _start(rds, arn, task)
        if known["Status"] not in _IN_VAIN:
            return {"skipped": f"{arn}: {task} is {known['Status']} already"}
        failures.append(f"{task} is {known['Status']}: {known.get('FailureCause') or 'no cause given'}")
    raise AnswerIsNo(
        "exports keep failing",
        detail="\n".join(failures),
        hint="correct the cause; the next period begins anew, or export the snapshot by hand",
    )


def _start(rds: Any, arn: str, task: str) -> dict[str, object]:  # Any: boto3 publishes no types
    given = {
        "ExportTaskIdentifier": task,
        "SourceArn": arn,
        "S3BucketName": settings.required(settings.EXPORT_BUCKET, "the bucket of the exports"),
        "IamRoleArn": settings.required(settings.EXPORT_ROLE, "the role that writes the export"),
        "KmsKeyId": settings.required(settings.EXPORT_KEY, "the key of the exports"),
    }
    if ask_unless({_THERE_ALREADY}, rds.start_export_task, **given) is None:  # another call was faster
        return {"skipped": f"{arn}: {task} is there already"}
    return {"started": task, "snapshot": arn}


def _told(outcome: dict[str, object]) -> dict[str, object]:
    print(", ".join(f"{name} {value}" for name, value in outcome.items()))  # noqa: T201  Lambda's log is stdout
    return outcome
