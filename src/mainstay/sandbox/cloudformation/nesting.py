"""What stacks owe each other when one is nested in another.

A nested stack that has been updated cleans up only when its parent does, because until then the parent may take
everything back; what its parent and its sisters have left of theirs, which may stand in its remains, goes first. A
parent has ended only when its children have (CloudFormation user guide, view-stack-status,
UPDATE_COMPLETE_CLEANUP_IN_PROGRESS, not re-read).
"""

from __future__ import annotations

from mainstay.plan.graph import needs
from mainstay.sandbox.cloudformation import templates
from mainstay.sandbox.cloudformation.phases import undo
from mainstay.sandbox.cloudformation.records import EXPORT, STACK, resources_of
from mainstay.sandbox.state import Record, Transaction

CLEANUP = "cleanup"


def waits_for_parent(tx: Transaction, stack: Record) -> bool:
    """Whether the stack's remains have to stay for now."""
    parent = tx.get(STACK, stack["ParentId"]) if "ParentId" in stack else None
    if parent is None or not parent["_operation"] or stack["_operation"]["phase"] != CLEANUP:
        return False
    if parent["_operation"]["phase"] in ("forward", "undo") or waits_for_parent(tx, parent):
        return True
    return _is_in_use(tx, parent, stack)


def _is_in_use(tx: Transaction, parent: Record, stack: Record) -> bool:
    """Whether the parent, or a nested stack that reads this one's outputs, has still to clean up."""
    if any(task["state"] in ("waiting", "running") for task in parent["_operation"]["tasks"]):
        return True
    held = {item.get("PhysicalResourceId"): item["LogicalResourceId"] for item in resources_of(tx, parent["StackId"])}
    region = templates.region_of(parent["_template"], parent["_resolved"])
    users = {item.key for item in region.resources if held.get(stack["StackId"]) in needs(item)}
    sisters = [tx.get(STACK, str(physical)) for physical, key in held.items() if key in users]
    return any(sister["_operation"] for sister in sisters if sister)


def waits_for_children(tx: Transaction, stack: Record) -> bool:
    """Whether something is still under way in a nested stack while this one has nothing more to clean up."""
    if stack["_operation"]["phase"] != CLEANUP:
        return False
    return any(each["_operation"] for each in tx.all(STACK) if each.get("ParentId") == stack["StackId"])


def may_be_taken_back(stack: Record) -> bool:
    """Whether an update is done but for the cleaning up."""
    return bool(stack["_operation"]) and stack["_operation"]["phase"] == CLEANUP


def take_back(tx: Transaction, stack: Record) -> None:
    """Begin to undo an update whose remains are still there; what was in force before is in force again."""
    operation = stack["_operation"]
    stack.update(operation["before"])
    exported = {each["ExportName"]: each["OutputValue"] for each in stack["Outputs"] if "ExportName" in each}
    for item in tx.all(EXPORT):
        if item["ExportingStackId"] == stack["StackId"]:
            tx.delete(EXPORT, item["Name"])
    for name, value in exported.items():
        tx.put(EXPORT, name, {"ExportingStackId": stack["StackId"], "Name": name, "Value": value})
    undo(tx, stack, operation["forward"], "The parent stack takes its update back. ")
