"""Nested stacks made real: a stack of its own each, driven as every other one, and led by its parent.

A child belongs to its parent's resource: it is updated with it, goes back with it, and is deleted with it. Its outputs
are the resource's attributes `Outputs.<name>` (CloudFormation Template Reference, aws-resource-cloudformation-stack).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from mainstay.core.clock import parse_time
from mainstay.core.units import Duration
from mainstay.plan.resources import NestedStack, Resource
from mainstay.sandbox.cloudformation import nesting, operations, templates
from mainstay.sandbox.cloudformation.realisers.making import (
    Attributes,
    Made,
    Making,
    Realiser,
    attribute,
    number,
)
from mainstay.sandbox.cloudformation.records import EVENT, INVALID, UPDATABLE, find_stack, new_stack_id
from mainstay.sandbox.cloudformation.resolve import Physical
from mainstay.sandbox.cloudformation.stacks import new_stack
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.handler import refuse_if
from mainstay.sandbox.state import Record

# What a child may end in, and be what its parent wants.
_READY: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})


def _create(making: Making, item: NestedStack) -> Made:
    tx, parent = making.tx, making.stack
    name = making.name(None, most=128)
    root = parent.get("RootId", parent["StackId"])
    child: Record = {
        **new_stack(tx, new_stack_id(tx, name), name),
        "ParentId": parent["StackId"],
        "RootId": root,
        "DisableRollback": parent["DisableRollback"],
        "NotificationARNs": [str(attribute(topic, "arn")) for topic in item.topics],
    }
    timeout = _minutes(item.timeout)
    if timeout is not None:
        child["TimeoutInMinutes"] = timeout
    operations.begin_create(tx, child, _wanted(making, item), None)
    return Made(child["StackId"])


def _wanted(making: Making, item: NestedStack) -> Record:
    """What a change set would hold of the child: template and parameters, settled, and what its parent was granted."""
    tx, parent = making.tx, making.stack
    text = templates.text_of(tx, {"TemplateURL": str(item.template_url)}) or ""
    given = [{"ParameterKey": name, "ParameterValue": _as_text(value)} for name, value in item.parameters.items()]
    values = templates.settle(tx, text, given, None)
    templates.demand_capabilities(text, parent["Capabilities"])
    return {
        "_template": text,
        "_parameters": values,
        "_resolved": templates.looked_up(tx, text, values),
        "_disable_rollback": parent["DisableRollback"],
        "Capabilities": parent["Capabilities"],
        "Tags": making.tags(item.tags),
    }


def _as_text(value: Any) -> str:  # Any: a resolved value
    return ",".join(str(each) for each in value) if isinstance(value, tuple | list) else str(value)


def _minutes(value: object) -> int | None:
    return int(value) // 60 if isinstance(value, Duration) else number(value)


def _update(making: Making, item: NestedStack, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    """Update the child as far as it differs, or take its update back when that is the parent's wish; one that failed by
    itself is already back where its parent wants it.
    """
    del changed
    child, wanted = _child(making, physical), _wanted(making, item)
    if nesting.may_be_taken_back(child):
        nesting.take_back(making.tx, child)
        return {**physical.attributes, "_accepts_rollback": True}
    is_same = all(child[name] == wanted[name] for name in ("_template", "_parameters", "Tags"))
    is_back = child["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    if is_same and (is_back or child["StackStatus"] in _READY):
        return {**physical.attributes, "_accepts_rollback": is_back}
    message = f"Stack:{child['StackId']} is in {child['StackStatus']} state and can not be updated."
    refuse_if(child["_operation"] or child["StackStatus"] not in UPDATABLE, INVALID, message)
    child["NotificationARNs"] = [str(attribute(topic, "arn")) for topic in item.topics]
    operations.begin_update(making.tx, child, wanted, None)
    return {**physical.attributes, "_accepts_rollback": False}


def _settled(making: Making, physical: Physical) -> Attributes | None:
    """The child's outputs, once it is where its parent wants it."""
    child = _child(making, physical)
    status = child["StackStatus"]
    if child["_operation"] and not nesting.may_be_taken_back(child):
        _refuse_late(making, child)
        return None
    is_ready = (
        nesting.may_be_taken_back(child)
        or status in _READY
        or (status == "UPDATE_ROLLBACK_COMPLETE" and physical.attributes["_accepts_rollback"])
    )
    if not is_ready:
        raise _failed(making, child, "created" if "UPDATE" not in status else "updated")
    kept = {name: value for name, value in physical.attributes.items() if not name.startswith("Outputs.")}
    return kept | {f"Outputs.{each['OutputKey']}": each["OutputValue"] for each in child["Outputs"]}


def _refuse_late(making: Making, child: Record) -> None:
    """A child that takes longer to be created than its parent gives it has failed; it goes back by its parent."""
    limit = child.get("TimeoutInMinutes")
    is_new = child["StackStatus"] == "CREATE_IN_PROGRESS"
    if limit and is_new and making.tx.now - parse_time(child["CreationTime"]) > timedelta(minutes=limit):
        told = f"Stack creation time exceeded the specified timeout of {limit} minutes. "
        child["_operation"] |= {"cancelled": True, "failure": told}
        making.tx.put("cfn:stack", child["StackId"], child)


def _failed(making: Making, child: Record, verb: str) -> ServiceError:
    """The refusal of what a child did not come to, with the last reason that it gave for itself."""
    reasons = [
        event["ResourceStatusReason"]
        for event in making.tx.all(EVENT, prefix=f"{child['StackId']}\n")
        if event["PhysicalResourceId"] == child["StackId"] and event.get("ResourceStatusReason")
    ]
    reason = reasons[-1] if reasons else f"it is in {child['StackStatus']}"
    return ServiceError(INVALID, f"Embedded stack {child['StackId']} was not successfully {verb}: {reason}")


def _delete(making: Making, physical: Physical) -> None:
    child = find_stack(making.tx, str(physical))
    if child is None or child["StackStatus"] == "DELETE_COMPLETE":
        return
    message = f"Stack:{child['StackId']} is in {child['StackStatus']} state and can not be deleted."
    refuse_if(child["_operation"], INVALID, message)
    operations.refuse_lost_exports(making.tx, child)
    operations.begin_delete(making.tx, child, (), None)


def _gone(making: Making, physical: Physical) -> bool:
    child = find_stack(making.tx, str(physical))
    if child is None or child["StackStatus"] == "DELETE_COMPLETE":
        return True
    if not child["_operation"]:
        raise _failed(making, child, "deleted")
    return False


def _child(making: Making, physical: Physical) -> Record:
    found = find_stack(making.tx, str(physical))
    if found is None or found["StackStatus"] == "DELETE_COMPLETE":
        raise ServiceError(INVALID, f"Embedded stack {physical} does not exist.")
    return found


REALISERS: Final[dict[type[Resource], Realiser[Any]]] = {
    NestedStack: Realiser(create=_create, update=_update, delete=_delete, settled=_settled, gone=_gone)
}
