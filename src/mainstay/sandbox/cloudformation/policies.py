"""Stack policies: what an update may do to which resource. They say nothing about deleting the whole stack."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from typing import Any, Final

from mainstay.sandbox.cloudformation.records import INVALID, put_stack, require_stack
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.handler import Answer, Params, Table, as_list, policy_document, statements
from mainstay.sandbox.state import Transaction

DENIED: Final = "Action denied by stack policy"


def set_stack_policy(tx: Transaction, params: Params) -> Answer:
    """Replace the stack's policy."""
    stack = require_stack(tx, params["StackName"])
    text = params.get("StackPolicyBody", "")
    policy_document(text, code=INVALID, message="Error validating stack policy: Invalid stack policy")
    put_stack(tx, {**stack, "_policy": text})
    return {}


def get_stack_policy(tx: Transaction, params: Params) -> Answer:
    """The stack's policy; nothing when it has none."""
    text = require_stack(tx, params["StackName"]).get("_policy")
    return {"StackPolicyBody": text} if text else {}


def check(policy: str | None, action: str, key: str, type_name: str) -> None:
    """Refuse an `Update:Modify`, `Update:Replace` or `Update:Delete` that the policy does not allow.

    A policy denies what it does not allow, and a Deny wins: CloudFormation guide, protect-stack-resources, checked
    2026-11-20.
    """
    if not policy:
        return
    document = policy_document(policy, code=INVALID, message="Invalid stack policy")
    found = [statement for statement in statements(document) if _speaks_of(statement, action, key, type_name)]
    denied = any(statement.get("Effect") == "Deny" for statement in found)
    if denied or not any(statement.get("Effect") == "Allow" for statement in found):
        message = f"{DENIED}: {'a statement denies' if denied else 'no statement allows'} [{action}] for resource "
        raise ServiceError(INVALID, f"{message}[LogicalResourceId/{key}]")


def _speaks_of(statement: Mapping[str, Any], action: str, key: str, type_name: str) -> bool:
    matches = _listed(statement, "Action", action) and _listed(statement, "Resource", f"LogicalResourceId/{key}")
    conditions: Mapping[str, Mapping[str, Any]] = statement.get("Condition", {})
    for operator, tests in conditions.items():
        wanted = as_list(tests.get("ResourceType"))
        if operator == "StringEquals":
            matches = matches and type_name in wanted
        else:
            matches = matches and any(fnmatch.fnmatchcase(type_name, pattern) for pattern in wanted)
    return matches


def _listed(statement: Mapping[str, Any], member: str, value: str) -> bool:
    if f"Not{member}" in statement:
        return not any(fnmatch.fnmatchcase(value, pattern) for pattern in as_list(statement[f"Not{member}"]))
    return any(fnmatch.fnmatchcase(value, pattern) for pattern in as_list(statement.get(member)))


HANDLERS: Final[Table] = {"SetStackPolicy": set_stack_policy, "GetStackPolicy": get_stack_policy}
