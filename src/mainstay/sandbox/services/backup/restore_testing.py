"""Restore testing plans and selections: kept and checked here, begun on schedule by restore_tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.backup.requests import (
    EXISTS,
    INVALID,
    MISSING,
    REFUSED,
    check_between,
    check_name,
    check_role,
    check_schedule,
)
from mainstay.sandbox.services.handler import Answer, Params, Table, page, public, refuse_if, with_token
from mainstay.sandbox.state import Record, Transaction

PLAN, SELECTION = "backup:test-plan", "backup:test-selection"
NAME: Final = r"[a-zA-Z0-9_]{1,50}"
MOST_PLANS, MOST_SELECTIONS, MOST_ARNS = 100, 30, 30
# AWS Backup developer guide, restore testing (read 2026-11-20): what can be tested, and what of RDS's inferred
# metadata can be overridden, whatever its case.
KINDS: Final = ("Aurora", "DocumentDB", "DynamoDB", "EBS", "EC2", "EFS", "FSx", "Neptune", "RDS", "S3")
OVERRIDES: Final = frozenset(
    {"allocatedstorage", "availabilityzones", "dbinstanceclass", "dbname", "dbparametergroupname", "dbsubnetgroupname",
     "domain", "domainiamrolename", "enablecloudwatchlogsexports", "enableiamdatabaseauthentication", "iops",
     "licensemodel", "multiaz", "optiongroupname", "port", "processorfeatures", "publiclyaccessible", "storagetype",
     "vpcsecuritygroupids"}
)  # fmt: skip


def create_plan(tx: Transaction, params: Params) -> Answer:
    """When something is restored, and from which recovery points."""
    given = params["RestoreTestingPlan"]
    name = given["RestoreTestingPlanName"]
    check_name(name, "RestoreTestingPlanName", NAME)
    refuse_if(tx.get(PLAN, name), EXISTS, f"Restore testing plan {name} already exists.")
    refuse_if(len(tx.all(PLAN)) >= MOST_PLANS, "LimitExceededException", f"There are {MOST_PLANS} plans already.")
    _check_plan(given)
    record: Record = {
        "ScheduleExpressionTimezone": "Etc/UTC",
        "StartWindowHours": 24,
        **given,
        "RestoreTestingPlanArn": tx.arn("backup", f"restore-testing-plan:{name}"),
        "CreationTime": render_time(tx.now),
        "_tags": dict(params.get("Tags", {})),
    }
    tx.put(PLAN, name, record)
    return _identity(record)


def update_plan(tx: Transaction, params: Params) -> Answer:
    """Another schedule, window or choice."""
    record, given = _plan(tx, params["RestoreTestingPlanName"]), params["RestoreTestingPlan"]
    chosen = {**record["RecoveryPointSelection"], **given.get("RecoveryPointSelection", {})}
    record |= {**given, "RecoveryPointSelection": chosen, "LastUpdateTime": render_time(tx.now)}
    _check_plan(record)
    record.pop("_due", None)
    tx.put(PLAN, record["RestoreTestingPlanName"], record)
    return {**_identity(record), "UpdateTime": record["LastUpdateTime"]}


def get_plan(tx: Transaction, params: Params) -> Answer:
    """One plan."""
    return {"RestoreTestingPlan": public(_plan(tx, params["RestoreTestingPlanName"]))}


def list_plans(tx: Transaction, params: Params) -> Answer:
    """The plans of the region."""
    found = [_without(record, "RecoveryPointSelection") for record in tx.all(PLAN)]
    shown, token = page(found, params.get("NextToken"), params.get("MaxResults", 1000), code=INVALID)
    return with_token({"RestoreTestingPlans": shown}, token)


def delete_plan(tx: Transaction, params: Params) -> Answer:
    """Remove a plan without selections."""
    name = _plan(tx, params["RestoreTestingPlanName"])["RestoreTestingPlanName"]
    refuse_if(_selections(tx, name), REFUSED, f"Restore testing plan {name} has selections; delete them first.")
    tx.delete(PLAN, name)
    return {}


def create_selection(tx: Transaction, params: Params) -> Answer:
    """What a test restores, and as which role."""
    plan = _plan(tx, params["RestoreTestingPlanName"])
    given, name = params["RestoreTestingSelection"], params["RestoreTestingSelection"]["RestoreTestingSelectionName"]
    check_name(name, "RestoreTestingSelectionName", NAME)
    held = _selections(tx, plan["RestoreTestingPlanName"])
    twin = any(each["RestoreTestingSelectionName"] == name for each in held)
    refuse_if(twin, EXISTS, f"Restore testing selection {name} already exists.")
    refuse_if(
        len(held) >= MOST_SELECTIONS, "LimitExceededException", f"The plan has {MOST_SELECTIONS} selections already."
    )
    kind = given["ProtectedResourceType"]
    refuse_if(kind not in KINDS, INVALID, f"ProtectedResourceType must be one of {', '.join(KINDS)}, not {kind}.")
    _check_selection(given)
    record: Record = {
        "ValidationWindowHours": 0,
        **given,
        "RestoreTestingPlanName": plan["RestoreTestingPlanName"],
        "CreationTime": render_time(tx.now),
    }
    tx.put(SELECTION, f"{plan['RestoreTestingPlanName']}\n{name}", record)
    return _selection_identity(plan, record)


def update_selection(tx: Transaction, params: Params) -> Answer:
    """Another role, other resources, overrides or time for the validation."""
    plan, record = _plan(tx, params["RestoreTestingPlanName"]), _selection(tx, params)
    given = params["RestoreTestingSelection"]
    # One way to choose takes the place of the other.
    if "ProtectedResourceConditions" in given and "ProtectedResourceArns" not in given:
        record.pop("ProtectedResourceArns", None)
    elif "ProtectedResourceArns" in given:
        record.pop("ProtectedResourceConditions", None)
    record |= given
    _check_selection(record)
    tx.put(SELECTION, f"{record['RestoreTestingPlanName']}\n{record['RestoreTestingSelectionName']}", record)
    return {**_selection_identity(plan, record), "UpdateTime": render_time(tx.now)}


def get_selection(tx: Transaction, params: Params) -> Answer:
    """One selection."""
    return {"RestoreTestingSelection": _selection(tx, params)}


def list_selections(tx: Transaction, params: Params) -> Answer:
    """The selections of a plan."""
    plan = _plan(tx, params["RestoreTestingPlanName"])
    hidden = ("ProtectedResourceArns", "ProtectedResourceConditions", "RestoreMetadataOverrides")
    found = [_without(record, *hidden) for record in _selections(tx, plan["RestoreTestingPlanName"])]
    shown, token = page(found, params.get("NextToken"), params.get("MaxResults", 1000), code=INVALID)
    return with_token({"RestoreTestingSelections": shown}, token)


def delete_selection(tx: Transaction, params: Params) -> Answer:
    """Take a selection off a plan."""
    record = _selection(tx, params)
    tx.delete(SELECTION, f"{record['RestoreTestingPlanName']}\n{record['RestoreTestingSelectionName']}")
    return {}


def _plan(tx: Transaction, name: str) -> Record:
    return tx.require(PLAN, name, ServiceError(MISSING, f"Restore testing plan {name} does not exist."))


def _selections(tx: Transaction, plan: str) -> list[Record]:
    return tx.all(SELECTION, prefix=f"{plan}\n")


def _selection(tx: Transaction, params: Params) -> Record:
    plan, name = params["RestoreTestingPlanName"], params["RestoreTestingSelectionName"]
    missing = ServiceError(MISSING, f"Restore testing selection {name} of plan {plan} does not exist.")
    return tx.require(SELECTION, f"{plan}\n{name}", missing)


def _without(record: Record, *members: str) -> Answer:
    return {name: value for name, value in public(record).items() if name not in members}


def _identity(plan: Record) -> Answer:
    return {member: plan[member] for member in ("CreationTime", "RestoreTestingPlanArn", "RestoreTestingPlanName")}


def _selection_identity(plan: Record, record: Record) -> Answer:
    own = {member: record[member] for member in ("CreationTime", "RestoreTestingSelectionName")}
    return {**_identity(plan), **own}


def _check_plan(plan: Mapping[str, Any]) -> None:
    check_schedule(plan["ScheduleExpression"], is_backup=False)
    check_between(plan.get("StartWindowHours"), "StartWindowHours", 1, 168)
    chosen = plan["RecoveryPointSelection"]
    for member, allowed in (
        ("Algorithm", {"LATEST_WITHIN_WINDOW", "RANDOM_WITHIN_WINDOW"}),
        ("RecoveryPointTypes", {"SNAPSHOT", "CONTINUOUS"}),
    ):
        given = chosen.get(member, [])
        held = set(given) if isinstance(given, list) else {given}
        told = f"{member} must be one of {', '.join(sorted(allowed))}, not {', '.join(sorted(held))}."
        refuse_if(not held or held - allowed, INVALID, told)
    refuse_if(not chosen.get("IncludeVaults"), INVALID, "IncludeVaults must name a vault, or be *.")
    check_between(chosen.get("SelectionWindowDays"), "SelectionWindowDays", 1, 365)


def _check_selection(selection: Mapping[str, Any]) -> None:
    check_role(selection["IamRoleArn"])
    arns = selection.get("ProtectedResourceArns", [])
    has_conditions = bool(selection.get("ProtectedResourceConditions"))
    refuse_if(
        bool(arns) == has_conditions and arns != ["*"],
        INVALID,
        "Give either ProtectedResourceArns, or ProtectedResourceConditions.",
    )
    refuse_if(len(arns) > MOST_ARNS, INVALID, f"ProtectedResourceArns has {len(arns)} ARNs; {MOST_ARNS} is the most.")
    check_between(selection.get("ValidationWindowHours"), "ValidationWindowHours", 0, 168)
    overrides = selection.get("RestoreMetadataOverrides", {}) if selection["ProtectedResourceType"] == "RDS" else {}
    wrong = sorted(name for name in overrides if name.lower() not in OVERRIDES)
    refuse_if(wrong, INVALID, f"RestoreMetadataOverrides of RDS cannot hold {', '.join(wrong)}.")


HANDLERS: Final[Table] = {
    "CreateRestoreTestingPlan": create_plan,
    "UpdateRestoreTestingPlan": update_plan,
    "GetRestoreTestingPlan": get_plan,
    "ListRestoreTestingPlans": list_plans,
    "DeleteRestoreTestingPlan": delete_plan,
    "CreateRestoreTestingSelection": create_selection,
    "UpdateRestoreTestingSelection": update_selection,
    "GetRestoreTestingSelection": get_selection,
    "ListRestoreTestingSelections": list_selections,
    "DeleteRestoreTestingSelection": delete_selection,
}
