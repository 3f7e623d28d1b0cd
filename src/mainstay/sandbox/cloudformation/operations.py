"""Operations on a stack as they are written down: what is under way, in which phase, and its tasks.

A task is one thing to do to one resource; `needs` are the keys of the tasks that have to be done before. The engine
carries tasks out; nothing here waits.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.diff import fate_of
from mainstay.plan.graph import needs
from mainstay.plan.plan import RegionPlan
from mainstay.plan.values import Import
from mainstay.sandbox.cloudformation import templates
from mainstay.sandbox.cloudformation.changes import Digests, compare
from mainstay.sandbox.cloudformation.records import (
    EXPORT,
    INVALID,
    STACK,
    STACK_TYPE,
    put_stack,
    resources_of,
    set_status,
)
from mainstay.sandbox.services.handler import refuse_if
from mainstay.sandbox.state import Record, Transaction

Task = dict[str, Any]  # Any: JSON; key, action, state, needs, and what the action has to remember


def begin_create(tx: Transaction, stack: Record, change_set: Record, token: str | None) -> None:
    """Start to make everything that the template of a change set holds."""
    region = templates.region_of(change_set["_template"], change_set["_resolved"])
    tasks = [_task(item.key, "create", needs(item)) for item in region.resources]
    _begin(tx, stack, change_set, token, kind="create", phase="forward", tasks=tasks)
    set_status(tx, stack, "CREATE_IN_PROGRESS", "User Initiated")


def begin_update(tx: Transaction, stack: Record, change_set: Record, token: str | None) -> None:
    """Start to change what differs between the template in force and that of a change set."""
    text, resolved = change_set["_template"], change_set["_resolved"]
    region = templates.region_of(text, resolved)
    changed = {
        change.key: change
        for change in compare(
            templates.written(stack["_template"], stack["_resolved"]),
            templates.written(text, resolved),
            held_digests(tx, stack),
            resolved,
            identities(tx, stack),
        )
    }
    actions = {"Add": "create", "Modify": "update"}
    tasks = [
        _task(item.key, actions[changed[item.key].action], needs(item) & changed.keys())
        for item in region.resources
        if item.key in changed
    ]
    _begin(tx, stack, change_set, token, kind="update", phase="forward", tasks=tasks)
    stack["LastUpdatedTime"] = render_time(tx.now)
    set_status(tx, stack, "UPDATE_IN_PROGRESS", "User Initiated")


def begin_import(tx: Transaction, stack: Record, change_set: Record, token: str | None) -> None:
    """Start to take what is there already into the stack."""
    tasks = [_task(key, "import", (), identifier=value) for key, value in change_set["_imported"].items()]
    _begin(tx, stack, change_set, token, kind="import", phase="import", tasks=tasks)
    stack["LastUpdatedTime"] = render_time(tx.now)
    set_status(tx, stack, "IMPORT_IN_PROGRESS", "User Initiated")


def begin_delete(tx: Transaction, stack: Record, retained: Sequence[str], token: str | None) -> None:
    """Start to take away everything that the stack holds, dependents first."""
    held = {item["LogicalResourceId"]: item for item in resources_of(tx, stack["StackId"])}
    stack["_operation"] = {
        "kind": "delete",
        "phase": "delete",
        "token": token,
        "retained": list(retained),
        "tasks": deletions(stack, held, retained=retained),
    }
    stack["DeletionTime"] = render_time(tx.now)
    set_status(tx, stack, "DELETE_IN_PROGRESS", "User Initiated")


def deletions(
    stack: Record, held: Mapping[str, Record], *, on_create: bool = False, retained: Sequence[str] = ()
) -> list[Task]:
    """Tasks that delete these resource records by their fates, each after everything that needs it."""
    text = stack.get("_template")
    region = templates.region_of(text, stack["_resolved"]) if text else None
    plan = {item.key: item for item in region.resources} if region else {}
    users: dict[str, set[str]] = {key: set() for key in held}
    for key in held:
        for needed in needs(plan[key]) if key in plan else ():
            if needed in users:
                users[needed].add(key)
    tasks = []
    for key, item in held.items():
        fate = fate_of(None if key in retained else plan.get(key), on_create=on_create)
        tasks.append(_task(key, "delete", users[key], target=remembered(item), fate=fate.value))
    return tasks


def is_same_thing(task: Task) -> bool:
    """Whether a replacement has the id of what it replaces: it was changed then, and nothing of it is to be deleted."""
    made, old = task.get("made"), task.get("old")
    return bool(made and old and made["PhysicalResourceId"] == old["PhysicalResourceId"])


def remembered(record: Record) -> Record:
    """What a deletion has to know of a resource record."""
    names = ("PhysicalResourceId", "ResourceType", "_attributes", "LogicalResourceId")
    return {name: record[name] for name in names if name in record}


def held_digests(tx: Transaction, stack: Record) -> dict[str, Digests]:
    """What each resource of a stack was last made or changed to."""
    return {item["LogicalResourceId"]: item["_digests"] for item in resources_of(tx, stack["StackId"])}


def physical_ids(tx: Transaction, stack: Record) -> dict[str, str]:
    """The physical id of each resource of a stack."""
    return {
        item["LogicalResourceId"]: item["PhysicalResourceId"]
        for item in resources_of(tx, stack["StackId"])
        if "PhysicalResourceId" in item
    }


def identities(tx: Transaction, stack: Record) -> dict[str, str]:
    """What tells each resource from another one for those that refer to it: its id, and the outputs of a nested stack,
    which may change while its id stays.
    """
    found = physical_ids(tx, stack)
    for item in resources_of(tx, stack["StackId"]):
        key = item["LogicalResourceId"]
        if item["ResourceType"] == STACK_TYPE and key in found:
            outputs = {name: value for name, value in item["_attributes"].items() if name.startswith("Outputs.")}
            found[key] += json.dumps(outputs, sort_keys=True)
    return found


def importers(tx: Transaction, name: str) -> list[str]:
    """The names of the stacks that use an export."""
    return [
        stack["StackName"]
        for stack in tx.all(STACK)
        if name in stack["_imports"] and stack["StackStatus"] != "DELETE_COMPLETE"
    ]


def imports_of(region: RegionPlan) -> list[str]:
    """The names of the exports that a template uses."""
    found = {str(item.name) for item in _walk((region.resources, region.outputs)) if isinstance(item, Import)}
    return sorted(found)


def refuse_lost_exports(tx: Transaction, stack: Record) -> None:
    """Refuse to delete a stack that exports what another one uses."""
    for item in tx.all(EXPORT):
        if item["ExportingStackId"] == stack["StackId"]:
            users = importers(tx, item["Name"])
            message = f"Export {item['Name']} cannot be deleted as it is in use by {' and '.join(users)}"
            refuse_if(users, INVALID, message)


# What an update replaces when it succeeds, and what its being taken back brings back.
_IN_FORCE: Final = ("_template", "_parameters", "_resolved", "_imports", "Outputs", "Tags")


def _begin(
    tx: Transaction, stack: Record, change_set: Record, token: str | None, *, kind: str, phase: str, tasks: list[Task]
) -> None:
    stack["_operation"] = {
        "kind": kind,
        "phase": phase,
        "token": token,
        "template": change_set["_template"],
        "parameters": change_set["_parameters"],
        "resolved": change_set["_resolved"],
        "old_template": stack.get("_template"),
        "old_resolved": stack["_resolved"],
        "tasks": tasks,
        "disable_rollback": change_set["_disable_rollback"],
        "before": {name: stack[name] for name in _IN_FORCE if name in stack},
    }
    region = templates.region_of(change_set["_template"], change_set["_resolved"])
    stack["_imports"] = sorted({*stack["_imports"], *imports_of(region)})
    stack["Capabilities"] = change_set["Capabilities"]
    stack["Tags"] = change_set["Tags"]
    if "ChangeSetId" in change_set:  # a nested stack has none
        stack["ChangeSetId"] = change_set["ChangeSetId"]
    if region.description:
        stack["Description"] = region.description
    put_stack(tx, stack)


def _task(key: str, action: str, needed: Sequence[str] | frozenset[str] | set[str], **more: object) -> Task:
    return {"key": key, "action": action, "state": "waiting", "needs": sorted(needed), **more}


def _walk(value: object) -> Iterator[object]:
    yield value
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _walk(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _walk(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for spec in dataclasses.fields(value):
            yield from _walk(getattr(value, spec.name))
