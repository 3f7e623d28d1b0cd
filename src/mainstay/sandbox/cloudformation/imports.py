"""What a change set of type IMPORT is refused for, in CloudFormation's words, and what it brings into a stack.

It may do nothing else: no resource beside the imported ones is made, changed or removed, and no output. The refusals,
and which of them fail the change set instead of the call: CloudFormation user guide, resource-import and
resource-import-existing-stack, and the texts that its users report, 2026-11-21.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mainstay.plan.resources import Resource
from mainstay.sandbox.cloudformation import operations, templates
from mainstay.sandbox.cloudformation.changes import Change, compare
from mainstay.sandbox.cloudformation.records import INVALID, RESOURCE, STACK
from mainstay.sandbox.errors import ServiceError, not_implemented
from mainstay.sandbox.rds.records import INSTANCE, PROXY_GROUP
from mainstay.sandbox.services.handler import Answer, refuse_if
from mainstay.sandbox.services.logs import GROUP
from mainstay.sandbox.state import Record, Transaction

IMPORT: Final = "IMPORT"


@dataclass(frozen=True, slots=True)
class _Importable:
    """A type that can be imported: the property that identifies it, the plan's field of its name, where it is kept."""

    property: str
    field: str | None
    place: str
    member: str


# Primary identifiers: CloudFormation registry schemas, 2026-11-21. No template names a target group's.
_IMPORTABLE: Final = {
    "AWS::RDS::DBInstance": _Importable("DBInstanceIdentifier", "identifier", INSTANCE, "DBInstanceIdentifier"),
    "AWS::RDS::DBProxyTargetGroup": _Importable("TargetGroupArn", None, PROXY_GROUP, "TargetGroupArn"),
    "AWS::Logs::LogGroup": _Importable("LogGroupName", "name", GROUP, "logGroupName"),
}
_TEXT: Final = re.compile(r"\S+")


def imported(
    tx: Transaction, stack: Record, text: str, resolved: Mapping[str, str], wanted: Sequence[Mapping[str, Any]]
) -> tuple[list[Answer], str]:
    """The changes of an import, and why its change set failed; ServiceError for what the call itself is refused for."""
    refuse_if(not wanted, INVALID, "Must Provide at least one resource to import")
    new = templates.written(text, resolved)
    blocks: Mapping[str, Mapping[str, Any]] = new["Resources"]
    keys = [str(each["LogicalResourceId"]) for each in wanted]
    _refuse_strange(wanted, keys, blocks)
    is_new = "_template" not in stack
    old = {"Resources": {}} if is_new else templates.written(stack["_template"], stack["_resolved"])
    found = compare(old, new, operations.held_digests(tx, stack), resolved, operations.identities(tx, stack))
    _refuse_beside(old, new, found, keys)
    bare = [key for key in keys if "DeletionPolicy" not in blocks[key]]
    message = f"The following resources to import {_listed(bare)} must have DeletionPolicy attribute specified in the "
    refuse_if(bare, INVALID, message + "template.")
    message = "As part of the import operation, you cannot modify or add [Outputs]"
    refuse_if(new.get("Outputs", {}) != old.get("Outputs", {}), INVALID, message)
    reasons = (_not_importable(tx, each) for each in wanted)
    return [_shown(each) for each in wanted], next((reason for reason in reasons if reason), "")


def identifiers(wanted: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The physical id that each logical id is going to have."""
    return {str(each["LogicalResourceId"]): _value(each) for each in wanted}


def _refuse_strange(
    wanted: Sequence[Mapping[str, Any]], keys: Sequence[str], blocks: Mapping[str, Mapping[str, Any]]
) -> None:
    """What does not fit the template, or names nothing that could be looked up."""
    message = "Every resource to import must have unique LogicalResourceId"
    refuse_if(len(set(keys)) != len(keys), INVALID, message)
    strange = [key for key in keys if key not in blocks]
    message = f"The logical resource ids {_listed(strange)} provided in ResourceToImport do not exist in the template."
    refuse_if(strange, INVALID, message)
    for each in wanted:
        kind, key = str(each["ResourceType"]), str(each["LogicalResourceId"])
        written = blocks[key]["Type"]
        message = (
            f"Resource type of [{key}] passed in ResourceToImport does not match with resource type defined in the "
            f"template. Resource type in ResourceToImport: {kind}; Resource type in Template: {written}."
        )
        refuse_if(kind != written, INVALID, message)
        if kind not in _IMPORTABLE:
            raise not_implemented("cloudformation", "CreateChangeSet", f"an import of {kind}")
        name = _IMPORTABLE[kind].property
        message = f"Invalid resource identifier for resource type {kind}. Expected [{name}]"
        refuse_if(list(each["ResourceIdentifier"]) != [name] or not _TEXT.fullmatch(_value(each)), INVALID, message)


def _refuse_beside(old: Mapping[str, Any], new: Mapping[str, Any], found: list[Change], keys: Sequence[str]) -> None:
    """What an import would do beside importing."""
    added = [each.key for each in found if each.action == "Add"]
    refuse_if(not added, INVALID, "The template should contain at least one new resource to import.")
    held = [key for key in keys if key not in added]
    message = f"Resources {_listed(held)} passed in ResourceToImport are already in a stack and cannot be imported."
    refuse_if(held, INVALID, message)
    missing = [key for key in added if key not in keys]
    refuse_if(missing, INVALID, f"Resources {_listed(missing)} is missing from ResourceToImport list")
    before, after = old["Resources"], new["Resources"]
    changed = {each.key for each in found if each.action != "Add"}
    changed |= {key for key in before if before[key] != after.get(key)}  # policies and the like are changes, too
    message = (
        f"You have modified resources {_listed(sorted(changed))} in your template that are not being imported. "
        "Update, create or delete operations cannot be executed during import operations."
    )
    refuse_if(changed, INVALID, message)


def _not_importable(tx: Transaction, wanted: Mapping[str, Any]) -> str:
    """Why a resource cannot come into a stack: another one holds it, or there is none."""
    kind, value = str(wanted["ResourceType"]), _value(wanted)
    for item in tx.all(RESOURCE):
        owner = tx.get(STACK, item["_stack"])
        if (item["ResourceType"], item.get("PhysicalResourceId")) == (kind, value) and owner:
            return f"{value} already exists in stack {owner['StackId']}"
    known = _IMPORTABLE[kind]
    is_there = any(item.get(known.member) == value for item in tx.all(known.place))
    return "" if is_there else f"Resource of type '{kind}' with identifier '{value}' was not found."


def _shown(wanted: Mapping[str, Any]) -> Answer:
    change = {
        "Action": "Import",
        "LogicalResourceId": wanted["LogicalResourceId"],
        "PhysicalResourceId": _value(wanted),
        "ResourceType": wanted["ResourceType"],
        "Scope": [],
        "Details": [],
    }
    return {"Type": "Resource", "ResourceChange": change}


def _value(wanted: Mapping[str, Any]) -> str:
    return str(next(iter(wanted["ResourceIdentifier"].values()), ""))


def _listed(keys: Sequence[str]) -> str:
    return f"[{', '.join(keys)}]"


def require_same(kind: str, wanted: Resource, value: str) -> None:
    """Refuse to import under a template that gives the thing another name: the next update would replace it."""
    field = _IMPORTABLE[kind].field
    named = getattr(wanted, field) if field else None
    if named is not None and str(named).lower() != value.lower():
        message = f"The template names {wanted.key} '{named}', and the resource to import is '{value}'."
        raise ServiceError(INVALID, message)
