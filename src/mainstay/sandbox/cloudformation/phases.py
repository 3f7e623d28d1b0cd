"""The phases of an operation, and what follows from each: statuses as CloudFormation names them, and the next tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from mainstay.core.clock import render_time
from mainstay.diff import fate_of
from mainstay.plan.graph import needs
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import Resource
from mainstay.sandbox.cloudformation import operations, templates
from mainstay.sandbox.cloudformation.operations import Task
from mainstay.sandbox.cloudformation.policies import check
from mainstay.sandbox.cloudformation.records import (
    CHANGE_SET,
    EXPORT,
    INVALID,
    add_event,
    forget_resource,
    get_resource,
    resources_of,
    set_status,
)
from mainstay.sandbox.cloudformation.resolve import Resolver
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.handler import refuse_if
from mainstay.sandbox.state import Record, Transaction

Step = Callable[[Transaction, Record], None]


def _created_or_updated(tx: Transaction, stack: Record) -> None:
    """Everything is made or changed: settle outputs, then clean up after an update."""
    operation = stack["_operation"]
    try:
        with tx.savepoint():
            _settle_outputs(tx, stack)
            removed = _removals(tx, stack) if operation["kind"] == "update" else []
    except ServiceError as error:
        operation["failure"] = error.message
        _forward_failed(tx, stack)
        return
    _take_over(stack)
    stack["_imports"] = operations.imports_of(_region(operation))
    if operation["kind"] == "create":
        _end(tx, stack, "CREATE_COMPLETE")
        return
    operation |= {"phase": "cleanup", "tasks": removed, "forward": operation["tasks"]}
    set_status(tx, stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")


def _forward_failed(tx: Transaction, stack: Record) -> None:
    operation = stack["_operation"]
    failed = [task["key"] for task in operation["tasks"] if task["state"] == "failed"]
    reason = f"The following resource(s) failed to {operation['kind']}: [{', '.join(failed)}]. "
    reason = reason if failed else operation.get("failure") or "User cancelled the update. "
    is_create = operation["kind"] == "create"
    if is_create or operation["disable_rollback"]:
        _take_over(stack)
    if operation["disable_rollback"]:
        _end(tx, stack, "CREATE_FAILED" if is_create else "UPDATE_FAILED", reason)
    elif is_create:
        held = {item["LogicalResourceId"]: item for item in resources_of(tx, stack["StackId"])}
        operation |= {"phase": "rollback", "tasks": operations.deletions(stack, held, on_create=True)}
        set_status(tx, stack, "ROLLBACK_IN_PROGRESS", f"{reason}Rollback requested by user.")
    else:
        undo(tx, stack, operation["tasks"], reason)


def undo(tx: Transaction, stack: Record, tasks: list[Task], reason: str) -> None:
    """Begin to take back what the tasks of an update have done."""
    stack["_operation"] |= {"phase": "undo", "done": tasks, "tasks": _undo_tasks(tasks)}
    set_status(tx, stack, "UPDATE_ROLLBACK_IN_PROGRESS", reason)


def _take_over(stack: Record) -> None:
    """The operation's template is the one in force."""
    operation = stack["_operation"]
    stack["_template"], stack["_parameters"] = operation["template"], operation["parameters"]
    stack["_resolved"] = operation["resolved"]


def _region(operation: Record, *, old: bool = False) -> RegionPlan:
    name = "old_" if old else ""
    return templates.region_of(operation[f"{name}template"], operation[f"{name}resolved"])


def _undo_tasks(done: list[Task]) -> list[Task]:
    """Take back what was changed, in the reverse order."""
    touched = [task for task in done if task["action"] == "update" and "old" in task]
    keys = {task["key"] for task in touched}
    return [
        {
            "key": task["key"],
            "action": "undo",
            "state": "waiting",
            "needs": sorted(other["key"] for other in touched if task["key"] in set(other["needs"]) & keys),
            "old": task["old"],
            "replaced": task.get("replaced", False),
            "is_same": operations.is_same_thing(task),
            "new": task.get("new"),
        }
        for task in touched
    ]


def _undone(tx: Transaction, stack: Record) -> None:
    """The old things are the stack's again: take away what the update had made."""
    operation = stack["_operation"]
    region = _region(operation)
    fresh = []
    for task in operation["done"]:
        made = task.get("made")
        if made and (task["action"] == "create" or (task.get("replaced") and not operations.is_same_thing(task))):
            fresh.append(_old_deletion(task["key"], made, region[task["key"]], is_old=task["action"] != "create"))
    _order(fresh, {item.key: item for item in region.resources})
    for task in operation["done"]:
        if task["action"] == "create" and not task.get("made"):
            tx.delete("cfn:resource", f"{stack['StackId']}\n{task['key']}")
    operation |= {"phase": "undo-cleanup", "tasks": fresh}
    set_status(tx, stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")


def _removals(tx: Transaction, stack: Record) -> list[Task]:
    """What an update leaves behind: resources that the template no longer has, and things that were replaced."""
    operation = stack["_operation"]
    old = {item.key: item for item in _region(operation, old=True).resources}
    new = {item.key for item in _region(operation).resources}
    tasks: list[Task] = []
    for item in resources_of(tx, stack["StackId"]):
        key = item["LogicalResourceId"]
        if key not in new:
            check(stack.get("_policy"), "Update:Delete", key, item["ResourceType"])
            tasks.append(_old_deletion(key, item, old.get(key), is_old=False))
    for task in operation["tasks"]:
        if task.get("replaced") and not operations.is_same_thing(task):
            before = {**task["old"], "ResourceType": task["type"], "LogicalResourceId": task["key"]}
            tasks.append(_old_deletion(task["key"], before, old[task["key"]], is_old=True))
    _order(tasks, old)
    return tasks


def _old_deletion(key: str, record: Record, resource: Resource | None, *, is_old: bool) -> Task:
    """`is_old` marks a thing whose key another thing has now."""
    target = operations.remembered(record)
    fate = fate_of(resource, is_replaced=is_old)
    return {"key": key, "action": "delete", "state": "waiting", "needs": [], "target": target, "is_old": is_old,
            "fate": fate.value}  # fmt: skip


def _order(tasks: list[Task], resources: Mapping[str, Resource]) -> None:
    """Let each deletion wait for those of what needs it."""
    keys = {task["key"] for task in tasks}
    for task in tasks:
        users = {key for key in keys if key in resources and task["key"] in needs(resources[key])}
        task["needs"] = sorted(users - {task["key"]})


def _rolled_back(tx: Transaction, stack: Record) -> None:
    _end(tx, stack, "ROLLBACK_COMPLETE")


def _rollback_failed(tx: Transaction, stack: Record) -> None:
    _end(tx, stack, "ROLLBACK_FAILED", _failures(stack, "delete"))


def _cleaned(tx: Transaction, stack: Record) -> None:
    _end(tx, stack, "UPDATE_COMPLETE")


def _undo_cleaned(tx: Transaction, stack: Record) -> None:
    _end(tx, stack, "UPDATE_ROLLBACK_COMPLETE")


def _undo_failed(tx: Transaction, stack: Record) -> None:
    _end(tx, stack, "UPDATE_ROLLBACK_FAILED", _failures(stack, "update"))


def _imported(tx: Transaction, stack: Record) -> None:
    _take_over(stack)
    _end(tx, stack, "IMPORT_COMPLETE")


def _import_failed(tx: Transaction, stack: Record) -> None:
    """What was imported leaves the stack again, and stays where it was."""
    reason = _failures(stack, "import")
    set_status(tx, stack, "IMPORT_ROLLBACK_IN_PROGRESS", reason)
    for task in stack["_operation"]["tasks"]:
        record = get_resource(tx, stack["StackId"], task["key"])
        if record:
            forget_resource(tx, stack["StackId"], task["key"])
            add_event(tx, stack, record, "IMPORT_ROLLBACK_COMPLETE")
    _end(tx, stack, "IMPORT_ROLLBACK_COMPLETE")


def _deleted(tx: Transaction, stack: Record) -> None:
    for item in tx.all(EXPORT):
        if item["ExportingStackId"] == stack["StackId"]:
            tx.delete(EXPORT, item["Name"])
    for item in tx.all(CHANGE_SET, prefix=f"{stack['StackId']}\n"):
        tx.delete(CHANGE_SET, f"{stack['StackId']}\n{item['ChangeSetName']}")
    _end(tx, stack, "DELETE_COMPLETE")


def _delete_failed(tx: Transaction, stack: Record) -> None:
    _end(tx, stack, "DELETE_FAILED", _failures(stack, "delete"))


def _failures(stack: Record, verb: str) -> str:
    failed = [task["key"] for task in stack["_operation"]["tasks"] if task["state"] == "failed"]
    return f"The following resource(s) failed to {verb}: [{', '.join(failed)}]. "


def _end(tx: Transaction, stack: Record, status: str, reason: str | None = None) -> None:
    for item in tx.all(CHANGE_SET, prefix=f"{stack['StackId']}\n"):
        if item["ExecutionStatus"] == "EXECUTE_IN_PROGRESS":
            done = "EXECUTE_FAILED" if "FAILED" in status or "ROLLBACK" in status else "EXECUTE_COMPLETE"
            tx.put(CHANGE_SET, f"{stack['StackId']}\n{item['ChangeSetName']}", {**item, "ExecutionStatus": done})
    set_status(tx, stack, status, reason)  # its event still carries the operation's token
    stack["_operation"] = None
    if status == "DELETE_COMPLETE":
        stack["DeletionTime"] = render_time(tx.now)


def _settle_outputs(tx: Transaction, stack: Record) -> None:
    """Resolve outputs; an export's name is unique in the region, and one that others use may not go or change."""
    operation = stack["_operation"]
    resolver = Resolver(tx, stack, operation["resolved"])
    outputs, exports = [], {}
    for output in _region(operation).outputs:
        shown = {"OutputKey": output.name, "OutputValue": str(resolver.value(output.value))}
        if output.description:
            shown["Description"] = output.description
        if output.export is not None:
            shown["ExportName"] = str(resolver.value(output.export))
            exports[shown["ExportName"]] = shown["OutputValue"]
        outputs.append(shown)
    for item in tx.all(EXPORT):
        name, owner = item["Name"], item["ExportingStackId"]
        message = f"Export with name {name} is already exported by stack {owner.split('/')[1]}"
        refuse_if(name in exports and owner != stack["StackId"], INVALID, message)
        if owner == stack["StackId"] and exports.get(name) != item["Value"]:
            users = operations.importers(tx, name)
            message = f"Export {name} cannot be updated as it is in use by {' and '.join(users)}"
            refuse_if(users, INVALID, message)
            tx.delete(EXPORT, name)
    for name, value in exports.items():
        tx.put(EXPORT, name, {"ExportingStackId": stack["StackId"], "Name": name, "Value": value})
    stack["Outputs"] = outputs


@dataclass(frozen=True, slots=True)
class Phase:
    """`goes_on`: whether other tasks are still started after one has failed."""

    on_done: Step
    on_failure: Step
    goes_on: bool


PHASES: Final[Mapping[str, Phase]] = {
    "forward": Phase(_created_or_updated, _forward_failed, goes_on=False),
    "rollback": Phase(_rolled_back, _rollback_failed, goes_on=True),
    # An update whose remains could not be cleaned up is complete all the same, as in CloudFormation.
    "cleanup": Phase(_cleaned, _cleaned, goes_on=True),
    "undo": Phase(_undone, _undo_failed, goes_on=True),
    "undo-cleanup": Phase(_undo_cleaned, _undo_cleaned, goes_on=True),
    "import": Phase(_imported, _import_failed, goes_on=False),
    "delete": Phase(_deleted, _delete_failed, goes_on=True),
}
