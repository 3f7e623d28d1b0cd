"""Change sets: what a template would do to a stack, shown before it is done."""

from __future__ import annotations

import uuid
from typing import Any, Final

from mainstay import facts
from mainstay.core.clock import render_time
from mainstay.sandbox.cloudformation import imports, operations, templates
from mainstay.sandbox.cloudformation.changes import Change, compare
from mainstay.sandbox.cloudformation.records import (
    CHANGE_SET,
    INVALID,
    UPDATABLE,
    find_stack,
    new_stack_id,
    require_stack,
    set_status,
)
from mainstay.sandbox.cloudformation.stacks import new_stack
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.handler import Answer, Params, Table, page, refuse_if, with_token
from mainstay.sandbox.state import Record, Transaction

PAGE: Final = 100
NO_CHANGES: Final = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)


def _is_name(text: str) -> bool:
    # Change sets are named as stacks are: CloudFormation API, CreateChangeSet, checked 2026-11-21.
    return facts.identifier("stack").admits(text)


def create_change_set(tx: Transaction, params: Params) -> Answer:
    """Work out what a template would change; a stack that does not exist yet comes into REVIEW_IN_PROGRESS."""
    name = params["ChangeSetName"]
    refuse_if(not _is_name(name), INVALID, f"Value '{name}' at 'changeSetName' is not a valid name")
    stack = _stack_for(tx, params)
    key = f"{stack['StackId']}\n{name}"
    exists = tx.get(CHANGE_SET, key) is not None
    refuse_if(
        exists,
        "AlreadyExistsException",
        f"ChangeSet {name} cannot be created due to a mismatch with existing attribute Template",
        400,
    )
    text = stack.get("_template") if params.get("UsePreviousTemplate") else templates.text_of(tx, params)
    if text is None:
        raise ServiceError(INVALID, "Either Template URL or Template Body must be specified.")
    previous = stack["_parameters"] if "_template" in stack else None
    values = templates.settle(tx, text, params.get("Parameters", []), previous)
    templates.demand_capabilities(text, params.get("Capabilities", []))
    resolved = templates.looked_up(tx, text, values)
    wanted = params.get("ResourcesToImport", [])
    is_import = params.get("ChangeSetType") == imports.IMPORT
    message = "ResourcesToImport is only valid for a change set of type IMPORT."
    refuse_if(wanted and not is_import, INVALID, message)
    reason = ""
    if is_import:
        found, reason = imports.imported(tx, stack, text, resolved, wanted)
    else:
        found = _changes(tx, stack, text, resolved)
    status = {"Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE"}
    tags = params.get("Tags", stack["Tags"])
    if reason:
        status = {"Status": "FAILED", "ExecutionStatus": "UNAVAILABLE", "StatusReason": reason}
    elif not found and stack["Tags"] == tags and _is_same(stack, text, resolved):
        status = {"Status": "FAILED", "ExecutionStatus": "UNAVAILABLE", "StatusReason": NO_CHANGES}
    change_set = {
        "ChangeSetName": name,
        "ChangeSetId": tx.arn("cloudformation", f"changeSet/{name}/{uuid.uuid4()}"),
        "StackId": stack["StackId"],
        "StackName": stack["StackName"],
        "CreationTime": render_time(tx.now),
        "Capabilities": params.get("Capabilities", []),
        "Tags": tags,
        "NotificationARNs": [],
        "RollbackConfiguration": {},
        "IncludeNestedStacks": False,
        "_changes": found,
        "_template": text,
        "_parameters": values,
        "_resolved": resolved,
        "_disable_rollback": params.get("OnStackFailure") == "DO_NOTHING",
        "_is_update": "_template" in stack,
        "_imported": imports.identifiers(wanted),
        **({"Description": params["Description"]} if "Description" in params else {}),
        **status,
    }
    tx.put(CHANGE_SET, key, change_set)
    return {"Id": change_set["ChangeSetId"], "StackId": stack["StackId"]}


def describe_change_set(tx: Transaction, params: Params) -> Answer:
    """A change set with its changes, a page at a time."""
    change_set = _require(tx, params)
    shown, token = page(change_set["_changes"], params.get("NextToken"), PAGE)
    answer = {name: value for name, value in change_set.items() if not name.startswith("_")}
    answer["Parameters"] = templates.shown_parameters(tx, change_set["_template"], change_set["_parameters"])
    return with_token({**answer, "Changes": shown}, token)


def list_change_sets(tx: Transaction, params: Params) -> Answer:
    """The change sets of a stack."""
    stack = require_stack(tx, params["StackName"])
    members = ("StackId", "StackName", "ChangeSetId", "ChangeSetName", "ExecutionStatus", "Status", "StatusReason",
               "CreationTime", "Description", "IncludeNestedStacks")  # fmt: skip
    found = [
        {name: item[name] for name in members if name in item}
        for item in tx.all(CHANGE_SET, prefix=f"{stack['StackId']}\n")
    ]
    shown, token = page(found, params.get("NextToken"), PAGE)
    return with_token({"Summaries": shown}, token)


def delete_change_set(tx: Transaction, params: Params) -> Answer:
    """Forget a change set; the stack stays, also one that was only going to be created."""
    try:
        change_set = _require(tx, params)
    except ServiceError:
        if "StackName" in params and find_stack(tx, params["StackName"]) is None:
            raise
        return {}
    under_way = change_set["ExecutionStatus"] == "EXECUTE_IN_PROGRESS"
    message = "An operation on this ChangeSet is currently in progress."
    refuse_if(under_way, "InvalidChangeSetStatus", message)
    tx.delete(CHANGE_SET, f"{change_set['StackId']}\n{change_set['ChangeSetName']}")
    return {}


def execute_change_set(tx: Transaction, params: Params) -> Answer:
    """Begin to carry a change set out; the same token again is the same execution."""
    change_set = _require(tx, params)
    token = params.get("ClientRequestToken")
    if token and change_set.get("_token") == token:
        return {}
    name, execution = change_set["ChangeSetName"], change_set["ExecutionStatus"]
    message = (
        f"ChangeSet [{change_set['ChangeSetId']}] cannot be executed in its current execution status of [{execution}]"
    )
    refuse_if(execution != "AVAILABLE", "InvalidChangeSetStatus", message)
    stack = require_stack(tx, change_set["StackId"])
    message = f"Stack:{stack['StackId']} is in {stack['StackStatus']} state and can not be updated."
    refuse_if(stack["_operation"] or stack["StackStatus"] not in {"REVIEW_IN_PROGRESS", *UPDATABLE}, INVALID, message)
    stack["DisableRollback"] = params.get("DisableRollback", change_set["_disable_rollback"])
    change_set["_disable_rollback"] = stack["DisableRollback"]
    for other in tx.all(CHANGE_SET, prefix=f"{stack['StackId']}\n"):
        # Executing one change set takes the stack's others away: CloudFormation API, ExecuteChangeSet, 2026-11-21.
        if other["ChangeSetName"] != name:
            tx.delete(CHANGE_SET, f"{stack['StackId']}\n{other['ChangeSetName']}")
    tx.put(
        CHANGE_SET,
        f"{stack['StackId']}\n{name}",
        {**change_set, "ExecutionStatus": "EXECUTE_IN_PROGRESS", "_token": token},
    )
    begin = operations.begin_update if change_set["_is_update"] else operations.begin_create
    if change_set.get("_imported"):
        begin = operations.begin_import
    begin(tx, stack, change_set, token)
    return {}


def _stack_for(tx: Transaction, params: Params) -> Record:
    name, kind = params["StackName"], params.get("ChangeSetType", "UPDATE")
    stack = find_stack(tx, name)
    is_new = stack is None or stack["StackStatus"] in ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS")
    if kind == "CREATE" or (kind == imports.IMPORT and is_new):
        if stack is None:
            refuse_if(not _is_name(name), INVALID, f"Value '{name}' at 'stackName' is not a valid name")
            stack = new_stack(tx, new_stack_id(tx, name), name)
            set_status(tx, stack, "REVIEW_IN_PROGRESS", "User Initiated")
        taken = stack["StackStatus"] != "REVIEW_IN_PROGRESS"
        message = (
            f"Stack [{name}] already exists and cannot be created again with the changeSet [{params['ChangeSetName']}]."
        )
        refuse_if(taken, INVALID, message)
        return stack
    if stack is None or stack["StackStatus"] == "DELETE_COMPLETE":
        raise ServiceError(INVALID, f"Stack [{name}] does not exist")
    message = f"Stack:{stack['StackId']} is in {stack['StackStatus']} state and can not be updated."
    refuse_if(stack["StackStatus"] not in UPDATABLE, INVALID, message)
    return stack


def _changes(tx: Transaction, stack: Record, text: str, resolved: dict[str, str]) -> list[Answer]:
    new = templates.written(text, resolved)
    is_new = "_template" not in stack
    old = {"Resources": {}} if is_new else templates.written(stack["_template"], stack["_resolved"])
    physical = operations.physical_ids(tx, stack)
    found = compare(old, new, operations.held_digests(tx, stack), resolved, operations.identities(tx, stack))
    return [{"Type": "Resource", "ResourceChange": _shown(change, physical)} for change in found]


def _is_same(stack: Record, text: str, resolved: dict[str, str]) -> bool:
    """Whether nothing at all differs: also outputs, and policies of resources, are worth an update."""
    if "_template" not in stack:
        return False
    return templates.written(stack["_template"], stack["_resolved"]) == templates.written(text, resolved)


def _shown(change: Change, physical: dict[str, str]) -> Answer:
    answer: dict[str, Any] = {
        "Action": change.action,
        "LogicalResourceId": change.key,
        "ResourceType": change.type,
        "Scope": [],
        "Details": [],
    }
    if change.key in physical:
        answer["PhysicalResourceId"] = physical[change.key]
    if change.action == "Modify":
        recreation = {"True": "Always", "False": "Never", "Conditional": "Conditionally"}[change.replacement]
        answer["Replacement"] = change.replacement
        answer["Scope"] = ["Properties"]
        answer["Details"] = [
            {
                "Target": {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation},
                "Evaluation": "Static",
                "ChangeSource": "DirectModification",
            }
            for name in change.properties
        ]
    return answer


def _require(tx: Transaction, params: Params) -> Record:
    name = params["ChangeSetName"]
    missing = ServiceError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)
    if name.startswith("arn:"):
        found = next((item for item in tx.all(CHANGE_SET) if item["ChangeSetId"] == name), None)
        if found is None:
            raise missing
        return found
    stack = require_stack(tx, params.get("StackName"))
    return tx.require(CHANGE_SET, f"{stack['StackId']}\n{name}", missing)


HANDLERS: Final[Table] = {
    "CreateChangeSet": create_change_set,
    "DescribeChangeSet": describe_change_set,
    "ListChangeSets": list_change_sets,
    "DeleteChangeSet": delete_change_set,
    "ExecuteChangeSet": execute_change_set,
}
