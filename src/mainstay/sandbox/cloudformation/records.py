"""What a stack is made of in the state: the stack, its resources, its events, its change sets, its exports.

A stack's members are CloudFormation's; those that begin with `_` are the sandbox's own:
`_template` and `_parameters` are those in force, `_operation` is what is under way or None, `_policy` its policy.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.state import Record, Transaction

STACK, NAME, RESOURCE, EVENT = "cfn:stack", "cfn:name", "cfn:resource", "cfn:event"
CHANGE_SET, EXPORT, COUNTER = "cfn:changeset", "cfn:export", "cfn:counter"
INVALID: Final = "ValidationError"
STACK_TYPE: Final = "AWS::CloudFormation::Stack"
# Statuses in which a stack takes an update: CloudFormation guide, view-stack-status, checked 2026-11-20.
UPDATABLE: Final = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE",
     "UPDATE_FAILED"}
)  # fmt: skip


def new_stack_id(tx: Transaction, name: str) -> str:
    """An id of its own for each stack that ever had the name."""
    return tx.arn("cloudformation", f"stack/{name}/{uuid.uuid4()}")


def find_stack(tx: Transaction, name: str | None) -> Record | None:
    """A stack by id, also a deleted one, or by name, which only a living one has."""
    if not name:
        return None
    if name.startswith("arn:"):
        return tx.get(STACK, name)
    named = tx.get(NAME, name)
    return tx.get(STACK, named["StackId"]) if named else None


def require_stack(tx: Transaction, name: str | None) -> Record:
    """A stack by name or id, or CloudFormation's ValidationError."""
    found = find_stack(tx, name)
    if found is None:
        raise ServiceError(INVALID, f"Stack with id {name} does not exist")
    return found


def put_stack(tx: Transaction, stack: Record) -> None:
    """Keep a stack; a deleted one loses its name."""
    tx.put(STACK, stack["StackId"], stack)
    if stack["StackStatus"] == "DELETE_COMPLETE":
        named = tx.get(NAME, stack["StackName"])
        if named and named["StackId"] == stack["StackId"]:
            tx.delete(NAME, stack["StackName"])
    else:
        tx.put(NAME, stack["StackName"], {"StackId": stack["StackId"]})


def set_status(tx: Transaction, stack: Record, status: str, reason: str | None = None) -> None:
    """Move a stack into a status, with an event; the stack is put."""
    stack["StackStatus"] = status
    stack.pop("StackStatusReason", None)
    if reason:
        stack["StackStatusReason"] = reason
    put_stack(tx, stack)
    names = {"LogicalResourceId": stack["StackName"], "PhysicalResourceId": stack["StackId"]}
    add_event(tx, stack, {**names, "ResourceType": STACK_TYPE}, status, reason)


def add_event(tx: Transaction, stack: Record, about: Mapping[str, Any], status: str, reason: str | None = None) -> None:
    """Write down what happened to a resource record, or to the stack itself."""
    stack_id = stack["StackId"]
    number = (tx.get(COUNTER, stack_id) or {"events": 0})["events"]
    tx.put(COUNTER, stack_id, {"events": number + 1})
    key = about["LogicalResourceId"]
    event: dict[str, Any] = {
        "StackId": stack_id,
        "EventId": f"{key}-{status}-{render_time(tx.now)}-{number}",
        "StackName": stack["StackName"],
        "LogicalResourceId": key,
        "PhysicalResourceId": about.get("PhysicalResourceId", ""),
        "ResourceType": about["ResourceType"],
        "Timestamp": render_time(tx.now),
        "ResourceStatus": status,
    }
    if reason:
        event["ResourceStatusReason"] = reason
    token = (stack.get("_operation") or {}).get("token")
    if token:
        event["ClientRequestToken"] = token
    tx.put(EVENT, f"{stack_id}\n{number:08}", event)


def resources_of(tx: Transaction, stack_id: str) -> list[Record]:
    """The resource records of a stack, oldest first."""
    return tx.all(RESOURCE, prefix=f"{stack_id}\n")


def get_resource(tx: Transaction, stack_id: str, key: str) -> Record | None:
    """One resource record of a stack."""
    return tx.get(RESOURCE, f"{stack_id}\n{key}")


def put_resource(tx: Transaction, stack: Record, resource: Record, status: str, reason: str | None = None) -> None:
    """Move a resource into a status, with an event, and keep it."""
    resource |= {"ResourceStatus": status, "Timestamp": render_time(tx.now)}
    resource.pop("ResourceStatusReason", None)
    if reason:
        resource["ResourceStatusReason"] = reason
    tx.put(RESOURCE, f"{stack['StackId']}\n{resource['LogicalResourceId']}", resource)
    add_event(tx, stack, resource, status, reason)


def forget_resource(tx: Transaction, stack_id: str, key: str) -> None:
    """Forget a resource that is gone or no longer the stack's."""
    tx.delete(RESOURCE, f"{stack_id}\n{key}")
