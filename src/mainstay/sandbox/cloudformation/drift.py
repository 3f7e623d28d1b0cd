"""Whether a thing is as the stack's template says: DetectStackResourceDrift, for databases.

Only what a template says is compared, and nothing that RDS does not show, such as a password (CloudFormation user
guide, using-cfn-stack-drift, 2026-11-21).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.core.units import Bytes, Duration
from mainstay.plan.resources import DbInstance
from mainstay.sandbox.cloudformation import templates
from mainstay.sandbox.cloudformation.records import INVALID, get_resource, require_stack
from mainstay.sandbox.cloudformation.resolve import Resolver
from mainstay.sandbox.errors import ServiceError, not_implemented
from mainstay.sandbox.rds.instances import shown
from mainstay.sandbox.rds.records import INSTANCE
from mainstay.sandbox.services.handler import Answer, Params, Table
from mainstay.sandbox.state import Record, Transaction

_DATABASE: Final = "AWS::RDS::DBInstance"
Seen = Mapping[str, Any]  # Any: RDS's shape
Row = tuple[str, str, Callable[[Seen], object]]


def _member(*path: str) -> Callable[[Seen], object]:
    def read(seen: Seen) -> object:
        found: object = seen
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    return read


# A property, the plan's field that says it, and what RDS shows.
_ROWS: Final[tuple[Row, ...]] = (
    ("DBInstanceIdentifier", "identifier", _member("DBInstanceIdentifier")),
    ("Engine", "engine", _member("Engine")),
    ("DBInstanceClass", "instance_class", _member("DBInstanceClass")),
    ("AllocatedStorage", "storage", _member("AllocatedStorage")),
    ("StorageType", "storage_type", _member("StorageType")),
    ("StorageEncrypted", "is_encrypted", _member("StorageEncrypted")),
    ("MultiAZ", "is_multi_az", _member("MultiAZ")),
    ("PubliclyAccessible", "is_public", _member("PubliclyAccessible")),
    ("MasterUsername", "username", _member("MasterUsername")),
    ("BackupRetentionPeriod", "backup_retention", _member("BackupRetentionPeriod")),
    ("PreferredBackupWindow", "backup_window", _member("PreferredBackupWindow")),
    ("PreferredMaintenanceWindow", "maintenance_window", _member("PreferredMaintenanceWindow")),
    ("CopyTagsToSnapshot", "copies_tags_to_snapshots", _member("CopyTagsToSnapshot")),
    ("DeletionProtection", "has_deletion_protection", _member("DeletionProtection")),
    ("Port", "port", _member("Endpoint", "Port")),
    ("DBSubnetGroupName", "subnet_group", _member("DBSubnetGroup", "DBSubnetGroupName")),
    ("DBParameterGroupName", "parameter_group", lambda seen: seen["DBParameterGroups"][0]["DBParameterGroupName"]),
)


def detect_stack_resource_drift(tx: Transaction, params: Params) -> Answer:
    """Compare a database with the stack's template now; other types are not compared here."""
    stack, key = require_stack(tx, params["StackName"]), params["LogicalResourceId"]
    record = get_resource(tx, stack["StackId"], key)
    if record is None or "PhysicalResourceId" not in record:
        raise ServiceError(INVALID, f"Resource {key} does not exist for stack {stack['StackName']}")
    if record["ResourceType"] != _DATABASE:
        raise not_implemented("cloudformation", "DetectStackResourceDrift", f"a {record['ResourceType']}")
    planned = Resolver(tx, stack, stack["_resolved"]).resource(_planned(stack, key))
    drift = {
        "StackId": stack["StackId"],
        "LogicalResourceId": key,
        "PhysicalResourceId": record["PhysicalResourceId"],
        "ResourceType": _DATABASE,
        "Timestamp": render_time(tx.now),
    }
    held = tx.get(INSTANCE, record["PhysicalResourceId"])
    if held is None:
        return {"StackResourceDrift": {**drift, "StackResourceDriftStatus": "DELETED"}}
    seen = shown(tx, held)
    expected = {name: _plain(getattr(planned, field)) for name, field, _ in _ROWS}
    expected = {name: value for name, value in expected.items() if value is not None}
    actual = {name: _plain(read(seen)) for name, _, read in _ROWS if name in expected}
    status = "IN_SYNC" if expected == actual else "MODIFIED"
    more = {
        "ExpectedProperties": json.dumps(expected),
        "ActualProperties": json.dumps(actual),
        "PropertyDifferences": [
            _difference(name, expected[name], actual[name]) for name in expected if expected[name] != actual[name]
        ],
        "StackResourceDriftStatus": status,
    }
    return {"StackResourceDrift": {**drift, **more}}


def _planned(stack: Record, key: str) -> DbInstance:
    return next(
        one for one in templates.region_of(stack["_template"], stack["_resolved"]).of(DbInstance) if one.key == key
    )


def _plain(value: object) -> str | None:
    """A value as both sides say it: GiB, days, true and false, names."""
    if isinstance(value, Bytes):
        return str(int(value.in_gib))
    if isinstance(value, Duration):
        return str(value // 86_400)
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _difference(name: str, expected: object, actual: object) -> dict[str, str]:
    kind = "REMOVE" if actual is None else "NOT_EQUAL"
    told = {"ExpectedValue": json.dumps(expected), "ActualValue": json.dumps(actual)}
    return {"PropertyPath": f"/{name}", **told, "DifferenceType": kind}


HANDLERS: Final[Table] = {"DetectStackResourceDrift": detect_stack_resource_drift}
