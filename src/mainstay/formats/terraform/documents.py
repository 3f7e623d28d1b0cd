"""IAM's JSON, as it stands in a state or in a text that somebody wrote, as the arguments of a policy document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mainstay.formats.codec import Foreign
from mainstay.plan.values import Json

_LISTED: Final = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
_WHO: Final = {"Principal": "principals", "NotPrincipal": "not_principals"}


def document_of(policy: Json) -> dict[str, Json]:
    """The arguments; Foreign when a statement says what they have no place for."""
    if not isinstance(policy, dict) or not policy.keys() <= {"Version", "Id", "Statement"}:
        raise Foreign
    written = policy.get("Statement", [])
    statements: list[Json] = [_statement(one) for one in (written if isinstance(written, list) else [written])]
    # A document without a version is of the older one (IAM User Guide, reference_policies_elements_version,
    # 2026-11-20).
    return {"version": policy.get("Version", "2008-10-17"), "statement": statements}


def _statement(node: Json) -> Json:
    known = {"Sid", "Effect", "Condition", *_LISTED, *_WHO}
    if not isinstance(node, dict) or not node.keys() <= known:
        raise Foreign
    found: dict[str, Json] = {"effect": node.get("Effect", "Allow")}
    if "Sid" in node:
        found["sid"] = node["Sid"]
    for member, argument in _LISTED.items():
        if member in node:
            found[argument] = _list(node[member])
    for member, argument in _WHO.items():
        if member in node:
            found[argument] = _principals(node[member])
    if "Condition" in node:
        found["condition"] = _conditions(node["Condition"])
    return found


def _principals(node: Json) -> Json:
    if node == "*":
        return [{"type": "*", "identifiers": ["*"]}]
    return [{"type": kind, "identifiers": _list(who)} for kind, who in _mapping(node).items()]


def _conditions(node: Json) -> Json:
    return [
        {"test": operator, "variable": key, "values": _list(values)}
        for operator, tests in _mapping(node).items()
        for key, values in _mapping(tests).items()
    ]


def _list(node: Json) -> list[Json]:
    return list(node) if isinstance(node, list) else [node]


def _mapping(node: Json) -> Mapping[str, Json]:
    if not isinstance(node, dict):
        raise Foreign
    return node
