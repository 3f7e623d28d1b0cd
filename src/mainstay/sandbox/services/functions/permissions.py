"""Who may call a function: its resource policy, a record a statement, and whether a caller is admitted by it.

`*` and `?` in a SourceArn stand for any characters (ArnLike); a statement without conditions admits the service for
whomever it acts.
"""

from __future__ import annotations

import fnmatch
import json
import uuid
from typing import Any, Final

from mainstay.sandbox.services.functions.records import CONFLICT, MISSING, PERMISSION, require_function
from mainstay.sandbox.services.handler import Answer, Params, Table, refuse_if
from mainstay.sandbox.state import Record, Transaction

INVOKE: Final = "lambda:InvokeFunction"
# Lambda API, AddPermission, PolicyLengthExceededException; Lambda quotas (not re-read).
LONGEST_POLICY: Final = 20 * 1024


def add_permission(tx: Transaction, params: Params) -> Answer:
    """A new statement of the policy."""
    function = require_function(tx, params["FunctionName"], params.get("Qualifier"))
    name, identifier = function["FunctionName"], params["StatementId"]
    taken = f"The statement id ({identifier}) provided already exists. Please provide a new statement id, or remove it."
    refuse_if(tx.get(PERMISSION, f"{name}\n{identifier}"), CONFLICT, taken, 409)
    is_public = params["Principal"] == "*" and not {"SourceArn", "SourceAccount", "PrincipalOrgID"} & params.keys()
    message = "The sandbox lets nobody make a function public: name a principal, or who it acts for."
    refuse_if(is_public, "PublicPolicyException", message)
    statement = _statement(function, params)
    held = [*_statements(tx, name), statement]
    size = len(json.dumps(held).encode())
    refuse_if(size > LONGEST_POLICY, "PolicyLengthExceededException", f"The policy has {size} bytes.")
    tx.put(PERMISSION, f"{name}\n{identifier}", {"id": identifier, "function": name, "statement": statement})
    return {"Statement": json.dumps(statement)}


def _statement(function: Record, params: Params) -> dict[str, Any]:  # Any: a policy's JSON
    principal = params["Principal"]
    kind = "Service" if principal.endswith(".amazonaws.com") else "AWS"
    statement: dict[str, Any] = {
        "Sid": params["StatementId"],
        "Effect": "Allow",
        "Principal": principal if principal == "*" else {kind: principal},
        "Action": params["Action"],
        "Resource": function["FunctionArn"],
    }
    for member, operator, key in (
        ("SourceArn", "ArnLike", "AWS:SourceArn"),
        ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
    ):
        if member in params:
            statement.setdefault("Condition", {}).setdefault(operator, {})[key] = params[member]
    return statement


def remove_permission(tx: Transaction, params: Params) -> Answer:
    """Take a statement out of the policy."""
    name = require_function(tx, params["FunctionName"], params.get("Qualifier"))["FunctionName"]
    key = f"{name}\n{params['StatementId']}"
    missing = f"Statement {params['StatementId']} is not found in resource policy."
    refuse_if(tx.get(PERMISSION, key) is None, MISSING, missing, 404)
    tx.delete(PERMISSION, key)
    return {}


def get_policy(tx: Transaction, params: Params) -> Answer:
    """The policy as one document; a function without a statement has none."""
    name = require_function(tx, params["FunctionName"], params.get("Qualifier"))["FunctionName"]
    held = _statements(tx, name)
    refuse_if(not held, MISSING, "The resource you requested does not exist.", 404)
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": held}
    return {"Policy": json.dumps(policy), "RevisionId": str(uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(policy)))}


def admits(tx: Transaction, function: Record, service: str, source: str) -> bool:
    """Whether the policy lets a service call the function for this source, an ARN of this account."""
    return any(
        _admits(statement, service, source, tx.account) for statement in _statements(tx, function["FunctionName"])
    )


def _admits(statement: Record, service: str, source: str, account: str) -> bool:
    principal = statement["Principal"]
    is_named = principal == "*" or principal.get("Service") == service
    conditions = statement.get("Condition", {})
    arn = conditions.get("ArnLike", {}).get("AWS:SourceArn", "*")
    equal = conditions.get("StringEquals", {})
    is_meant = fnmatch.fnmatchcase(source, arn.replace("[", "[[]"))
    is_ours = equal.get("AWS:SourceAccount", account) == account and "aws:PrincipalOrgID" not in equal
    return is_named and is_meant and is_ours and fnmatch.fnmatchcase(INVOKE, statement["Action"])


def forget_policy(tx: Transaction, name: str) -> None:
    """Remove every statement about a function."""
    for held in tx.all(PERMISSION, prefix=f"{name}\n"):
        tx.delete(PERMISSION, f"{name}\n{held['id']}")


def _statements(tx: Transaction, name: str) -> list[Record]:
    return [held["statement"] for held in tx.all(PERMISSION, prefix=f"{name}\n")]


HANDLERS: Final[Table] = {
    "AddPermission": add_permission,
    "RemovePermission": remove_permission,
    "GetPolicy": get_policy,
}
