"""What is done to one resource: created, updated, taken back, deleted. Each action starts, is polled, may fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from mainstay.formats.cloudformation import TABLES
from mainstay.plan.resources import Fate, Opaque, Resource
from mainstay.sandbox.cloudformation import templates
from mainstay.sandbox.cloudformation.changes import Digests, differing, digests, replacement
from mainstay.sandbox.cloudformation.imports import require_same
from mainstay.sandbox.cloudformation.operations import Task, identities, remembered
from mainstay.sandbox.cloudformation.policies import check
from mainstay.sandbox.cloudformation.realisers import NOT_REALISED, REALISERS, Making, Realiser
from mainstay.sandbox.cloudformation.realisers.making import GOES_ON
from mainstay.sandbox.cloudformation.records import INVALID, add_event, forget_resource, get_resource, put_resource
from mainstay.sandbox.cloudformation.resolve import ASIDE, Physical, Resolver
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.handler import refuse_if
from mainstay.sandbox.state import Record, Transaction

_REPLACING: Final = "Requested update requires the creation of a new physical resource; hence creating one."


class Site:
    """A stack in one transaction, and the template and parameters that an action works by."""

    def __init__(self, tx: Transaction, stack: Record) -> None:
        self.tx = tx
        self.stack = stack
        self.operation: Record = stack["_operation"]

    def wanted(self, key: str, *, old: bool = False) -> tuple[Resource, Digests]:
        """The resource as the template wants it, unresolved, and the digests of its properties."""
        text, resolved = self._version(old=old)
        block = templates.written(text, resolved)["Resources"][key]
        made = digests(block, resolved, identities(self.tx, self.stack))
        return templates.region_of(text, resolved)[key], made

    def written_before(self, key: str) -> tuple[Resource, Digests] | None:
        """The resource as the template in force has it, and its digests as they are now; None for a new one."""
        text = self.operation["old_template"]
        is_there = text is not None and key in templates.written(text, self.operation["old_resolved"])["Resources"]
        return self.wanted(key, old=True) if is_there else None

    def resolved(self, resource: Resource, *, old: bool = False) -> Resource:
        """The resource with literals in every field."""
        return Resolver(self.tx, self.stack, self._version(old=old)[1]).resource(resource)

    def making(self, key: str) -> Making:
        """What a realiser works with."""
        return Making(self.tx, self.stack, key)

    def type_of(self, key: str) -> str:
        """The CloudFormation type of a resource that the template wants."""
        text, resolved = self._version(old=False)
        return str(templates.written(text, resolved)["Resources"][key]["Type"])

    def _version(self, *, old: bool) -> tuple[str, Mapping[str, str]]:
        name = "old_" if old else ""
        return self.operation[f"{name}template"], self.operation[f"{name}resolved"]


def realiser_of(resource: Resource) -> Realiser[Any]:  # Any: a realiser of any kind
    """How this kind is made real; a kind that cannot be is refused by name."""
    found = REALISERS.get(type(resource))
    if found is None:
        kind = resource.type if isinstance(resource, Opaque) else type(resource).__name__
        reason = NOT_REALISED.get(kind, "the sandbox has never heard of it")
        raise ServiceError(
            INVALID, f"The sandbox has no realiser for {kind}, so it cannot make {resource.key}: {reason}."
        )
    # A path that begins with @ stands beside the properties (metadata, a condition): it makes nothing.
    unknown = sorted(path for path in resource.extras if not path.startswith("@"))
    message = f"The sandbox cannot make {resource.key}: it does not know {', '.join(unknown)}."
    refuse_if(unknown, INVALID, message)
    return found


def start_create(site: Site, task: Task) -> None:
    """Make a new thing; in the same transaction write down which."""
    key = task["key"]
    resource, wanted = site.wanted(key)
    record = {
        "LogicalResourceId": key,
        "ResourceType": site.type_of(key),
        "_stack": site.stack["StackId"],
        "_attributes": {},
        "_digests": wanted,
    }
    put_resource(site.tx, site.stack, record, "CREATE_IN_PROGRESS")
    _make(site, task, resource, record, "CREATE_IN_PROGRESS")


def _make(site: Site, task: Task, resource: Resource, record: Record, status: str) -> None:
    made = realiser_of(resource).create(site.making(task["key"]), site.resolved(resource))
    record |= {
        "PhysicalResourceId": made.id,
        "_attributes": {TABLES[type(resource)].ref_is: made.id, **made.attributes},
    }
    task["made"] = remembered(record)
    put_resource(site.tx, site.stack, record, status, "Resource creation Initiated")


def poll_create(site: Site, task: Task) -> None:
    """Done when the thing is ready."""
    _settle(site, task, "CREATE_COMPLETE")


def fail_create(site: Site, task: Task) -> None:
    """The resource stays in the stack as failed, with its physical id if it ever had one."""
    _fail(site, task, "CREATE_FAILED", {"ResourceType": site.type_of(task["key"]), "_digests": {}})


def start_import(site: Site, task: Task) -> None:
    """Take a thing that is there already into the stack, as it is: the template is believed, not applied."""
    key, identifier = task["key"], task["identifier"]
    resource, wanted = site.wanted(key)
    record = {
        "LogicalResourceId": key,
        "PhysicalResourceId": identifier,
        "ResourceType": site.type_of(key),
        "_stack": site.stack["StackId"],
        "_attributes": {},
        "_digests": wanted,
    }
    put_resource(site.tx, site.stack, record, "IMPORT_IN_PROGRESS", "Resource import started.")
    require_same(site.type_of(key), site.resolved(resource), identifier)
    adopt = realiser_of(resource).adopt
    attributes = adopt(site.making(key), identifier) if adopt else None
    if attributes is None:
        raise ServiceError("NotFound", f"Resource of type '{record['ResourceType']}' with identifier '{identifier}'")
    record["_attributes"] = {TABLES[type(resource)].ref_is: identifier, **attributes}
    site.tx.put("cfn:resource", f"{site.stack['StackId']}\n{key}", record)


def poll_import(site: Site, task: Task) -> None:
    """Done when the thing is ready; then CloudFormation gives it the stack's tags."""
    _settle(site, task, "IMPORT_COMPLETE")
    if task["state"] == "done":
        record = _held(site, task["key"])
        told = "Apply stack-level tags to imported resource if applicable."
        put_resource(site.tx, site.stack, record, "UPDATE_IN_PROGRESS", told)
        put_resource(site.tx, site.stack, record, "UPDATE_COMPLETE")


def fail_import(site: Site, task: Task) -> None:
    """The thing stays as it was; its record goes with the import's being taken back."""
    _fail(site, task, "IMPORT_FAILED", {"ResourceType": site.type_of(task["key"]), "_digests": {}})


def start_update(site: Site, task: Task) -> None:
    """Change a thing in place, or make a new one in its stead, or see that nothing differs after all."""
    key = task["key"]
    record = _held(site, key)
    resource, wanted = site.wanted(key)
    changed = differing(record["_digests"], wanted)
    if not changed:
        task["state"] = "done"
        return
    if _is_reworded(site, record, resource, changed):
        record["_digests"] = wanted
        site.tx.put("cfn:resource", f"{site.stack['StackId']}\n{key}", record)
        task["state"] = "done"
        return
    kind = record["ResourceType"]
    is_new = replacement(kind, changed) == "True"
    check(site.stack.get("_policy"), "Update:Replace" if is_new else "Update:Modify", key, kind)
    task["type"] = kind
    task["old"] = {name: record[name] for name in ("PhysicalResourceId", "_attributes", "_digests")}
    put_resource(site.tx, site.stack, record, "UPDATE_IN_PROGRESS", _REPLACING if is_new else None)
    record["_digests"] = wanted
    if is_new:
        task["replaced"] = True
        _make(site, task, resource, record, "UPDATE_IN_PROGRESS")
        return
    _change(site, record, resource, changed, old=False)


def _is_reworded(site: Site, record: Record, resource: Resource, changed: tuple[str, ...]) -> bool:
    """Whether these properties only say in another way what they said: a literal in place of a reference to it.

    Nothing that they name may have changed since, else what they said then cannot be told any more.
    """
    before = site.written_before(resource.key)
    if before is None or any(before[1].get(name) != record["_digests"].get(name) for name in changed):
        return False
    try:
        old, new = site.resolved(before[0], old=True), site.resolved(resource)
    except ServiceError:
        return False
    return all(getattr(old, spec.name) == getattr(new, spec.name) for spec in fields(new) if spec.name not in ASIDE)


def _change(site: Site, record: Record, resource: Resource, changed: tuple[str, ...], *, old: bool) -> None:
    realiser = realiser_of(resource)
    physical = Physical(record["PhysicalResourceId"], record["_attributes"])
    if realiser.update is not None:
        making = site.making(resource.key)
        attributes = realiser.update(making, site.resolved(resource, old=old), physical, changed)
        record["_attributes"] = attributes or record["_attributes"]
    site.tx.put("cfn:resource", f"{site.stack['StackId']}\n{resource.key}", record)


def poll_update(site: Site, task: Task) -> None:
    """Done when the thing is ready again."""
    _settle(site, task, "UPDATE_COMPLETE")


def fail_update(site: Site, task: Task) -> None:
    """What was written of it before the failure is undone; the old thing is still the stack's."""
    _fail(site, task, "UPDATE_FAILED", {})


def start_undo(site: Site, task: Task) -> None:
    """Take an update back: the old thing is the stack's again, changed back where it had been changed."""
    key, before = task["key"], task["old"]
    record = _held(site, key)
    changed = differing(record["_digests"], before["_digests"])
    # A thing that was changed in place has the attributes of the change; only one that was replaced has the old ones.
    record |= before if task.get("replaced") else {"_digests": before["_digests"]}
    put_resource(site.tx, site.stack, record, "UPDATE_IN_PROGRESS")
    if not changed:
        return
    resource, _ = site.wanted(key, old=True)
    if not task.get("replaced"):
        _change(site, record, resource, changed, old=True)
    elif task.get("is_same"):  # made anew over itself, and so made again as it was
        realiser_of(resource).create(site.making(key), site.resolved(resource, old=True))


def start_delete(site: Site, task: Task) -> None:
    """Take a thing away as its fate says; one that is retained only leaves the stack."""
    target = task["target"]
    key, kind = task["key"], target["ResourceType"]
    if "PhysicalResourceId" not in target:
        _finish_delete(site, task, "DELETE_COMPLETE")
        return
    fate = Fate(task.get("fate", Fate.DELETE))
    if fate in (Fate.RETAIN, Fate.RETAIN_EXCEPT_ON_CREATE):
        _finish_delete(site, task, "DELETE_SKIPPED")
        return
    _tell(site, task, "DELETE_IN_PROGRESS")
    realiser = _realiser_of_type(kind)
    physical = Physical(target["PhysicalResourceId"], target["_attributes"])
    delete = realiser.snapshot if fate is Fate.SNAPSHOT and realiser.snapshot else realiser.delete
    delete(site.making(key), physical)


def poll_delete(site: Site, task: Task) -> None:
    """Done when the thing is gone."""
    target = task["target"]
    physical = Physical(target["PhysicalResourceId"], target["_attributes"])
    realiser = _realiser_of_type(target["ResourceType"])
    if realiser.gone(site.making(task["key"]), physical):
        _finish_delete(site, task, "DELETE_COMPLETE")


def fail_delete(site: Site, task: Task) -> None:
    """The thing stays, and stays the stack's."""
    _tell(site, task, "DELETE_FAILED", task["reason"])


def _settle(site: Site, task: Task, status: str) -> None:
    key = task["key"]
    record = _held(site, key)
    physical = Physical(record["PhysicalResourceId"], record["_attributes"])
    realiser = _realiser_of_type(record["ResourceType"])
    attributes = realiser.settled(site.making(key), physical)
    if attributes is None:
        return
    record["_attributes"] = attributes
    if attributes.get(GOES_ON):
        site.tx.put("cfn:resource", f"{site.stack['StackId']}\n{key}", record)
    else:
        put_resource(site.tx, site.stack, record, status)
        task["state"] = "done"


def _realiser_of_type(kind: str) -> Realiser[Any]:  # Any: a realiser of any kind
    """The realiser of a CloudFormation type."""
    found = next((REALISERS.get(table.kind) for table in TABLES.values() if table.type_name == kind), None)
    if found is None:
        raise ServiceError(INVALID, f"The sandbox has no realiser for {kind}.")
    return found


def _held(site: Site, key: str) -> Record:
    found = get_resource(site.tx, site.stack["StackId"], key)
    if found is None:
        raise ServiceError(INVALID, f"Resource {key} is not in the stack.")
    return found


def _fail(site: Site, task: Task, status: str, more: Mapping[str, object]) -> None:
    fresh = {"LogicalResourceId": task["key"], "_stack": site.stack["StackId"], "_attributes": {}, **more}
    record = get_resource(site.tx, site.stack["StackId"], task["key"]) or fresh
    put_resource(site.tx, site.stack, record, status, task["reason"])


def _finish_delete(site: Site, task: Task, status: str) -> None:
    task["state"] = "done"
    _tell(site, task, status)
    held = get_resource(site.tx, site.stack["StackId"], task["key"])
    target = task["target"].get("PhysicalResourceId")
    if held and held.get("PhysicalResourceId") == target and not task.get("is_old"):
        forget_resource(site.tx, site.stack["StackId"], task["key"])


def _tell(site: Site, task: Task, status: str, reason: str | None = None) -> None:
    """An event about the thing; the resource's own record moves with it unless another thing has taken its place."""
    target = task["target"]
    held = get_resource(site.tx, site.stack["StackId"], task["key"])
    if held and not task.get("is_old"):
        put_resource(site.tx, site.stack, held, status, reason)
    else:
        add_event(site.tx, site.stack, target, status, reason)


@dataclass(frozen=True, slots=True)
class Action:
    """The three steps of an action. A step that raises is undone, and `failed` writes down why."""

    start: Callable[[Site, Task], None]
    poll: Callable[[Site, Task], None]
    failed: Callable[[Site, Task], None]


ACTIONS: Final[Mapping[str, Action]] = {
    "create": Action(start_create, poll_create, fail_create),
    "update": Action(start_update, poll_update, fail_update),
    "import": Action(start_import, poll_import, fail_import),
    "undo": Action(start_undo, poll_update, fail_update),
    "delete": Action(start_delete, poll_delete, fail_delete),
}
