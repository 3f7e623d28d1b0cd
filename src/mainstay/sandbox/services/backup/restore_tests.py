"""Restore tests that really run: on schedule a recovery point is restored, waits for its verdict, and is deleted.

AWS Backup developer guide, restore testing and its inferred metadata (read 2026-11-20): the copy is called
`awsbackup-restore-test-…`, the event of its job names the plan, and the validation window is how long a verdict is
waited for. Here a test begins when its schedule says so, in UTC, and the copy goes with the verdict. A plan that was
due while nobody looked tests once.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from mainstay.core.clock import parse_time, render_time
from mainstay.core.schedules import Cron, parse_schedule
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds import deletion, snapshots
from mainstay.sandbox.rds.records import INSTANCE
from mainstay.sandbox.services.backup.jobs import start_restore_job
from mainstay.sandbox.services.backup.restore_testing import PLAN, SELECTION
from mainstay.sandbox.services.backup.settling import RESTORE, end_restore
from mainstay.sandbox.services.backup.vaults import POINT
from mainstay.sandbox.services.handler import as_list
from mainstay.sandbox.state import Record, Transaction

PREFIX: Final = "awsbackup-restore-test-"
WINDOW_DAYS: Final = 30
VALIDATING, TIMED_OUT = "VALIDATING", "TIMED_OUT"


def begin_due(tx: Transaction) -> None:
    """Begin the tests of the region's plans whose time has come."""
    for plan in tx.all(PLAN):
        due = plan.get("_due")
        if due and parse_time(due) > tx.now:
            continue
        at = _next(plan["ScheduleExpression"], tx.now)
        tx.put(PLAN, plan["RestoreTestingPlanName"], {**plan, "_due": render_time(at) if at else None})
        for selection in tx.all(SELECTION, prefix=f"{plan['RestoreTestingPlanName']}\n") if due else ():
            _test(tx, plan, selection)


def _next(text: str, after: datetime) -> datetime | None:
    schedule = parse_schedule(text)
    if isinstance(schedule, Cron):
        return schedule.next_after(after)
    return after + timedelta(seconds=int(schedule.period))


def _test(tx: Transaction, plan: Record, selection: Record) -> None:
    """Restore one recovery point of every resource that the selection protects."""
    by_resource: dict[str, list[Record]] = {}
    for point in tx.all(POINT):
        if _is_wanted(tx, plan, selection, point):
            by_resource.setdefault(point["ResourceArn"], []).append(point)
    is_latest = plan["RecoveryPointSelection"]["Algorithm"] == "LATEST_WITHIN_WINDOW"
    for points in by_resource.values():
        newest = max(points, key=lambda point: str(point["CreationDate"]))
        _restore(tx, plan, selection, newest if is_latest else secrets.choice(points))


def _is_wanted(tx: Transaction, plan: Record, selection: Record, point: Record) -> bool:
    chosen = plan["RecoveryPointSelection"]
    days = timedelta(days=chosen.get("SelectionWindowDays", WINDOW_DAYS))
    included, excluded = as_list(chosen["IncludeVaults"]), as_list(chosen.get("ExcludeVaults"))
    is_in_vault = ("*" in included or point["BackupVaultArn"] in included) and point["BackupVaultArn"] not in excluded
    is_recent = parse_time(point["CreationDate"]) >= tx.now - days
    return point["Status"] == "COMPLETED" and is_in_vault and is_recent and _is_protected(tx, selection, point)


def _is_protected(tx: Transaction, selection: Record, point: Record) -> bool:
    if selection["ProtectedResourceType"] != point["ResourceType"]:
        return False
    arns = selection.get("ProtectedResourceArns", [])
    conditions: dict[str, Any] = selection.get("ProtectedResourceConditions") or {}  # Any: AWS Backup's shape
    if arns and "*" not in arns:
        return point["ResourceArn"] in arns
    instance = tx.get(INSTANCE, point["ResourceArn"].rsplit(":", 1)[-1]) or {}
    tags = {f"aws:ResourceTag/{tag['Key']}": tag["Value"] for tag in instance.get("TagList", [])}
    equal, unequal = conditions.get("StringEquals", []), conditions.get("StringNotEquals", [])
    return all(tags.get(each["Key"]) == each["Value"] for each in equal) and not any(
        tags.get(each["Key"]) == each["Value"] for each in unequal
    )


def _restore(tx: Transaction, plan: Record, selection: Record, point: Record) -> None:
    snapshot = snapshots.require_snapshot(tx, point["RecoveryPointArn"])
    overrides = {name.lower(): value for name, value in selection.get("RestoreMetadataOverrides", {}).items()}
    metadata = {
        "dbinstanceclass": str(snapshot["_instance"]["DBInstanceClass"]),
        "multiaz": "false",
        "publiclyaccessible": "false",
        **overrides,
        "dbinstanceidentifier": f"{PREFIX}{uuid.uuid4().hex}",
    }
    by_plan = {"CreatedBy": {"RestoreTestingPlanArn": plan["RestoreTestingPlanArn"]},
               "_hours": selection["ValidationWindowHours"]}  # fmt: skip
    asked = {"RecoveryPointArn": point["RecoveryPointArn"], "IamRoleArn": selection["IamRoleArn"], "Metadata": metadata}
    try:
        with tx.savepoint():
            identifier = start_restore_job(tx, asked)["RestoreJobId"]
            tx.put(RESTORE, identifier, {**(tx.get(RESTORE, identifier) or {}), **by_plan})
    except ServiceError as error:
        job = {"AccountId": tx.account, "RestoreJobId": str(uuid.uuid4()), "ResourceType": "RDS",
               "RecoveryPointArn": point["RecoveryPointArn"], "BackupVaultArn": point["BackupVaultArn"],
               "CreationDate": render_time(tx.now), "PercentDone": "0.00%", "IamRoleArn": selection["IamRoleArn"],
               "_instance": metadata["dbinstanceidentifier"], **by_plan}  # fmt: skip
        end_restore(tx, job, "FAILED", error.message)


def follow(tx: Transaction) -> None:
    """Lead the tests that were restored to their end: a verdict, or none in time, and no copy left."""
    for job in tx.all(RESTORE):
        if (
            "CreatedBy" in job
            and job["Status"] in ("COMPLETED", "FAILED")
            and job.get("DeletionStatus") != "SUCCESSFUL"
        ):
            _lead(tx, job)


def _lead(tx: Transaction, job: Record) -> None:
    before = dict(job)
    if job["Status"] == "COMPLETED" and job["_hours"] and job.get("ValidationStatus") in (None, VALIDATING):
        ends = parse_time(job["CompletionDate"]) + timedelta(hours=job["_hours"])
        job["ValidationStatus"] = TIMED_OUT if ends <= tx.now else VALIDATING
    elif tx.get(INSTANCE, job["_instance"]) is None:
        job["DeletionStatus"] = "SUCCESSFUL"
    elif job.get("DeletionStatus") is None:
        _delete(tx, job)
    if job != before:
        tx.put(RESTORE, job["RestoreJobId"], job)


def _delete(tx: Transaction, job: Record) -> None:
    try:
        with tx.savepoint():
            wanted = {"DBInstanceIdentifier": job["_instance"], "SkipFinalSnapshot": True}
            deletion.delete_db_instance(tx, wanted)
        job["DeletionStatus"] = "DELETING"
    except ServiceError as error:
        job |= {"DeletionStatus": "FAILED", "DeletionStatusMessage": error.message}
