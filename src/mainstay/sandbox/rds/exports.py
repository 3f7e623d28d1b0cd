"""Export tasks: a snapshot's tables written into a bucket. Checked and queued here, done by the supervisor.

Bounds and errors: RDS User Guide, USER_ExportSnapshot, and the API's StartExportTask (botocore 1.44.5); texts follow
what is documented, not what was seen.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError, not_implemented
from mainstay.sandbox.rds import faults, operations, snapshots
from mainstay.sandbox.rds.neighbours import usable_key
from mainstay.sandbox.rds.records import EXPORT, Record, answer, filtered, page
from mainstay.sandbox.services import iam
from mainstay.sandbox.services.handler import Handler, as_list, statements
from mainstay.sandbox.services.s3_objects import BUCKET
from mainstay.sandbox.state import Transaction

SERVICE: Final = "export.rds.amazonaws.com"
WARNING: Final = "The sandbox writes gzip-compressed CSV where RDS writes Apache Parquet; the layout is the same."
UNDER_WAY: Final = ("STARTING", "IN_PROGRESS", "CANCELING")
_FILTERS: Final = {
    "export-task-identifier": "ExportTaskIdentifier",
    "s3-bucket": "S3Bucket",
    "source-arn": "_snapshot",
    "status": "Status",
}


def start_export_task(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Begin to export a snapshot."""
    name = params["ExportTaskIdentifier"]
    if not re.fullmatch(r"[A-Za-z](?:-?[A-Za-z0-9]){0,59}", name):
        raise faults.invalid_value(f"The export task identifier {name} is not valid: letters, digits, single hyphens.")
    if tx.get(EXPORT, name):
        raise ServiceError("ExportTaskAlreadyExists", f"The export task with the ID {name} already exists.")
    snapshot = _source(tx, params["SourceArn"])
    prefix = params.get("S3Prefix", "")
    if ":" in prefix:
        raise faults.invalid_value(f"The S3 prefix {prefix} is not valid: it may not hold a colon.")
    _check_bucket(tx, params["S3BucketName"])
    _check_role(tx, params["IamRoleArn"], params["S3BucketName"], prefix)
    only = list(params.get("ExportOnly") or [])
    _check_only(only, str(snapshot["Engine"]))
    task: Record = {
        "ExportTaskIdentifier": name,
        "SourceArn": params["SourceArn"],
        "ExportOnly": only,
        "SnapshotTime": snapshot["SnapshotCreateTime"],
        "S3Bucket": params["S3BucketName"],
        "S3Prefix": prefix,
        "IamRoleArn": params["IamRoleArn"],
        "KmsKeyId": usable_key(tx, params["KmsKeyId"]),
        "Status": "STARTING",
        "PercentProgress": 0,
        "TotalExtractedDataInGB": 0,
        "SourceType": "SNAPSHOT",
        "WarningMessage": WARNING,
        "_created": render_time(tx.now),
    }
    tx.put(EXPORT, name, task)
    known = {"DbiResourceId": f"export-{name}", "DBInstanceIdentifier": f"export-{name}"}
    # What the server needs to know that reads it: no instance stands behind an export.
    about = {member: snapshot[member] for member in ("Engine", "EngineVersion", "DBSnapshotIdentifier", "_directory")}
    about["_runs"] = snapshot["_instance"].get("_runs")
    operations.enqueue(tx, operations.EXPORT, known, task=name, snapshot=about)
    return answer(task)


def _source(tx: Transaction, arn: str) -> Record:
    if ":cluster" in arn or not arn.startswith("arn:"):
        raise not_implemented("rds", "StartExportTask", f"the source {arn}: only snapshots of instances")
    snapshot = snapshots.require_snapshot(tx, arn)
    if snapshot["Status"] != "available":
        raise ServiceError("InvalidExportSourceState", f"The snapshot is not available: it is {snapshot['Status']}.")
    # "You can't run multiple export tasks for the same snapshot simultaneously": USER_ExportSnapshot, considerations.
    if any(task["SourceArn"] == arn and task["Status"] in UNDER_WAY for task in tx.all(EXPORT)):
        raise ServiceError("InvalidExportSourceState", f"The snapshot {arn} is being exported already.")
    return snapshot


def _check_bucket(tx: Transaction, name: str) -> None:
    bucket = tx.get(BUCKET, name)
    if bucket is None or bucket["region"] != tx.region:
        raise ServiceError(
            "InvalidS3BucketFault",
            f"The S3 bucket {name} doesn't exist in {tx.region}: bucket and snapshot must be in the same Region.",
        )


def _check_role(tx: Transaction, arn: str, bucket: str, prefix: str) -> None:
    role = tx.get(iam.ROLE, arn.rsplit("/", 1)[-1])
    if role is None or role["Arn"] != arn:
        raise ServiceError("IamRoleNotFound", f"The IAM role {arn} doesn't exist.", faults.NOT_FOUND)
    trusted = [
        service
        for statement in statements(json.loads(role["AssumeRolePolicyDocument"]))
        if isinstance(statement.get("Principal"), dict)
        for service in as_list(statement["Principal"].get("Service"))
    ]
    # What managed policies allow is not known here, so a role that has some is taken at its word.
    if SERVICE not in trusted or not (role["_managed"] or _may_write(role, f"arn:aws:s3:::{bucket}/{prefix}")):
        raise ServiceError(
            "IamRoleMissingPermissions",
            f"The IAM role {arn} must trust {SERVICE} and be allowed s3:PutObject* on arn:aws:s3:::{bucket}/*.",
        )


def _may_write(role: Record, place: str) -> bool:
    return any(
        statement["Effect"] == "Allow"
        and any(fnmatch.fnmatchcase("s3:PutObject", action) for action in as_list(statement.get("Action")))
        and any(fnmatch.fnmatchcase(f"{place}/x", resource) for resource in as_list(statement.get("Resource")))
        for text in role["_inline"].values()
        for statement in statements(json.loads(text))
    )


def _check_only(only: list[str], engine: str) -> None:
    """`database[.schema[.table]]`, or `database[.table]` in MySQL and MariaDB, of letters, digits, `$` and `_`."""
    most = 3 if engine == "postgres" else 2
    odd = [each for each in only if not re.fullmatch(rf"[A-Za-z0-9$_]+(\.[A-Za-z0-9$_]+){{0,{most - 1}}}", each)]
    if odd:
        raise ServiceError("InvalidExportOnly", f"The export is invalid: {', '.join(odd)} names no object of {engine}.")


def describe_export_tasks(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Export tasks, newest first, by name, source or filters."""
    name = params.get("ExportTaskIdentifier")
    found = [_task(tx, name)] if name else list(reversed(tx.all(EXPORT)))
    found = [task for task in found if params.get("SourceArn") in (None, task["SourceArn"])]
    found = [task for task in found if params.get("SourceType") in (None, task["SourceType"])]
    named = [{**task, "_snapshot": task["SourceArn"].rsplit(":", 1)[-1]} for task in found]
    wanted = filtered(named, params.get("Filters") or [], _FILTERS)
    return page([answer(task) for task in wanted], params, "ExportTasks")


def cancel_export_task(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Let an export end where it is; what it has written stays."""
    task = _task(tx, params["ExportTaskIdentifier"])
    if task["Status"] not in ("STARTING", "IN_PROGRESS"):
        name, status = task["ExportTaskIdentifier"], task["Status"]
        raise ServiceError("InvalidExportTaskStateFault", f"The export task {name} can't be canceled: it is {status}.")
    tx.put(EXPORT, task["ExportTaskIdentifier"], {**task, "Status": "CANCELING"})
    return answer({**task, "Status": "CANCELING"})


def _task(tx: Transaction, name: str) -> Record:
    missing = ServiceError("ExportTaskNotFound", f"The export task {name} doesn't exist.", faults.NOT_FOUND)
    return tx.require(EXPORT, name, missing)


HANDLERS: Final[Mapping[str, Handler]] = {
    "StartExportTask": start_export_task,
    "DescribeExportTasks": describe_export_tasks,
    "CancelExportTask": cancel_export_task,
}
