"""Stacks as such: described, protected, deleted; templates checked and shown; exports listed."""

from __future__ import annotations

from typing import Final

from mainstay.core.clock import render_time
from mainstay.sandbox.cloudformation import operations, templates
from mainstay.sandbox.cloudformation.records import EXPORT, INVALID, STACK, put_stack, require_stack, resources_of
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.handler import Answer, Params, Table, page, public, refuse_if, with_token
from mainstay.sandbox.state import Record, Transaction

PAGE: Final = 100


def validate_template(tx: Transaction, params: Params) -> Answer:
    """Whether a template can be read, and what it asks for."""
    text = templates.text_of(tx, params)
    if text is None:
        raise ServiceError(INVALID, "Either Template URL or Template Body must be specified.")
    region = templates.region_of(text)
    parameters = []
    for item in region.parameters:
        default = {} if item.default is None else {"DefaultValue": item.default}
        described = {"Description": item.description} if item.description else {}
        parameters.append({"ParameterKey": item.name, "NoEcho": item.is_secret, **default, **described})
    needed = templates.capabilities_of(text)
    reason = {"CapabilitiesReason": "The following resource(s) require capabilities: IAM"} if needed else {}
    described = {"Description": region.description} if region.description else {}
    return {"Parameters": parameters, "Capabilities": needed, "DeclaredTransforms": [], **reason, **described}


def describe_stacks(tx: Transaction, params: Params) -> Answer:
    """One stack by name or id, or all that are not deleted."""
    if "StackName" in params:
        return {"Stacks": [_shown(tx, require_stack(tx, params["StackName"]))]}
    living = [stack for stack in reversed(tx.all(STACK)) if stack["StackStatus"] != "DELETE_COMPLETE"]
    shown, token = page([_shown(tx, stack) for stack in living], params.get("NextToken"), PAGE)
    return with_token({"Stacks": shown}, token)


def list_stacks(tx: Transaction, params: Params) -> Answer:
    """Summaries of every stack there ever was, in the statuses asked for."""
    wanted = params.get("StackStatusFilter")
    members = ("StackId", "StackName", "CreationTime", "LastUpdatedTime", "DeletionTime", "StackStatus",
               "StackStatusReason", "ParentId", "RootId")  # fmt: skip
    found = [
        {name: stack[name] for name in members if name in stack}
        for stack in reversed(tx.all(STACK))
        if wanted is None or stack["StackStatus"] in wanted
    ]
    shown, token = page(found, params.get("NextToken"), PAGE)
    return with_token({"StackSummaries": shown}, token)


def get_template(tx: Transaction, params: Params) -> Answer:
    """The template in force, as it was given."""
    stack = require_stack(tx, params.get("StackName"))
    text = stack.get("_template")
    message = f"Stack with id {params.get('StackName')} has no template yet"
    refuse_if(text is None, INVALID, message)
    return {"TemplateBody": text, "StagesAvailable": ["Original", "Processed"]}


def list_exports(tx: Transaction, params: Params) -> Answer:
    """What the stacks of the region export."""
    shown, token = page(sorted(tx.all(EXPORT), key=lambda item: str(item["Name"])), params.get("NextToken"), PAGE)
    return with_token({"Exports": shown}, token)


def list_imports(tx: Transaction, params: Params) -> Answer:
    """The stacks that use an export."""
    name = params["ExportName"]
    users = operations.importers(tx, name)
    refuse_if(not users, INVALID, f"Export '{name}' is not imported by any stack.")
    return {"Imports": users}


def delete_stack(tx: Transaction, params: Params) -> Answer:
    """Begin to delete a stack; deleting one that does not exist is no error."""
    try:
        stack = require_stack(tx, params["StackName"])
    except ServiceError:
        return {}
    if stack["StackStatus"] in ("DELETE_COMPLETE", "DELETE_IN_PROGRESS"):
        return {}
    name, retained = stack["StackName"], params.get("RetainResources", [])
    refuse_if(
        stack.get("EnableTerminationProtection"),
        INVALID,
        f"Stack [{name}] cannot be deleted while TerminationProtection is enabled",
    )
    message = f"Stack:{stack['StackId']} is in {stack['StackStatus']} state and can not be deleted."
    refuse_if(stack.get("_operation"), INVALID, message)
    refuse_if(
        retained and stack["StackStatus"] != "DELETE_FAILED",
        INVALID,
        f"Invalid operation on stack [{name}]. RetainResources is only valid for a stack in DELETE_FAILED.",
    )
    known = {item["LogicalResourceId"] for item in resources_of(tx, stack["StackId"])}
    strange = sorted(set(retained) - known)
    refuse_if(strange, INVALID, f"The resources {strange} to retain are not in stack {name}")
    operations.refuse_lost_exports(tx, stack)
    operations.begin_delete(tx, stack, retained, params.get("ClientRequestToken"))
    return {}


def update_termination_protection(tx: Transaction, params: Params) -> Answer:
    """Whether the stack refuses to be deleted."""
    stack = require_stack(tx, params["StackName"])
    put_stack(tx, {**stack, "EnableTerminationProtection": params["EnableTerminationProtection"]})
    return {"StackId": stack["StackId"]}


def cancel_update_stack(tx: Transaction, params: Params) -> Answer:
    """Turn an update that is under way back."""
    stack = require_stack(tx, params["StackName"])
    message = "CancelUpdateStack cannot be called from current stack status"
    refuse_if(stack["StackStatus"] != "UPDATE_IN_PROGRESS", INVALID, message)
    operation = stack["_operation"]
    operation["cancelled"] = True
    put_stack(tx, {**stack, "_operation": operation})
    return {}


def _shown(tx: Transaction, stack: Record) -> Answer:
    answer = public(stack)
    template = stack.get("_template")
    if template:
        answer["Parameters"] = templates.shown_parameters(tx, template, stack["_parameters"])
    answer.setdefault("DriftInformation", {"StackDriftStatus": "NOT_CHECKED"})
    return answer


def new_stack(tx: Transaction, stack_id: str, name: str) -> Record:
    """A stack that a change set is going to create: in REVIEW_IN_PROGRESS, with nothing in it."""
    return {
        "StackId": stack_id,
        "StackName": name,
        "CreationTime": render_time(tx.now),
        "RollbackConfiguration": {},
        "StackStatus": "REVIEW_IN_PROGRESS",
        "DisableRollback": False,
        "NotificationARNs": [],
        "Capabilities": [],
        "Outputs": [],
        "Tags": [],
        "EnableTerminationProtection": False,
        "_operation": None,
        "_parameters": {},
        "_resolved": {},
        "_imports": [],
    }


HANDLERS: Final[Table] = {
    "ValidateTemplate": validate_template,
    "DescribeStacks": describe_stacks,
    "ListStacks": list_stacks,
    "GetTemplate": get_template,
    "ListExports": list_exports,
    "ListImports": list_imports,
    "DeleteStack": delete_stack,
    "UpdateTerminationProtection": update_termination_protection,
    "CancelUpdateStack": cancel_update_stack,
}
