"""Policy documents: typed statements as IAM's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from mainstay.core.records import dataclass
from mainstay.formats.codec import CannotExpress, Dialect, Foreign, Reading
from mainstay.formats.paths import below, segment
from mainstay.formats.scalars import text
from mainstay.plan.policies import ANYBODY, Condition, Policy, Principal, Statement
from mainstay.plan.values import Json, Value

# What a statement lists, beside its principals and conditions: member of the JSON and field of the statement.
_LISTED: Final = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
_WHO: Final = {"Principal": "principals", "NotPrincipal": "not_principals"}


@dataclass(frozen=True)
class PolicyDocument:
    """A policy; one without statements is written as nothing."""

    absent: object = Policy(())

    def is_silent(self, value: Policy) -> bool:
        """Whether there is nothing to write."""
        return not value.statements

    def write(self, value: Policy, dialect: Dialect) -> Json:
        """The document, members in the order in which people write them."""
        return {"Version": value.version, "Statement": [_write(one, dialect) for one in value.statements]}

    def read(self, node: Json, reading: Reading) -> Policy:
        """The policy; Foreign when it or a statement is not written out."""
        document = _mapping(node)
        match document:
            case {"Statement": dict() | list() as found} if found:
                # A document without a version is of the older one (IAM User Guide,
                # reference_policies_elements_version, checked 2026-11-20).
                version = _read_text(document.get("Version", "2008-10-17"))
                places = enumerate(found if isinstance(found, list) else [found])
                path = below(reading.path, "Statement")
                statements = tuple(
                    _read(one, Reading(reading.dialect, f"{path}.{index}", reading.extras)) for index, one in places
                )
                _keep_rest(document, {"Version", "Statement"}, reading)
                return Policy(statements, version)
        raise Foreign


def _write(statement: Statement, dialect: Dialect) -> dict[str, Json]:
    members: dict[str, Json] = {"Sid": statement.sid} if statement.sid else {}
    members["Effect"] = statement.effect
    for member, name in _WHO.items():
        if principals := getattr(statement, name):
            members[member] = _write_principals(principals, dialect)
    for member, name in _LISTED.items():
        if values := getattr(statement, name):
            members[member] = _one_or_list(values, dialect)
    if statement.conditions:
        members["Condition"] = _write_conditions(statement.conditions, dialect)
    return members


def _write_principals(principals: tuple[Principal, ...], dialect: Dialect) -> Json:
    if principals == (ANYBODY,):
        return "*"
    kinds: dict[str, list[Value[str]]] = {}
    for principal in principals:
        if principal.kind == "*":
            raise CannotExpress("a statement names anybody and somebody; '*' stands alone in a policy")
        kinds.setdefault(principal.kind, []).append(principal.value)
    return {kind: _one_or_list(tuple(values), dialect) for kind, values in kinds.items()}


def _write_conditions(conditions: tuple[Condition, ...], dialect: Dialect) -> Json:
    operators: dict[str, dict[str, Json]] = {}
    for condition in conditions:
        tests = operators.setdefault(condition.operator, {})
        if condition.key in tests:
            raise CannotExpress(f"a statement tests {condition.key} twice with {condition.operator}")
        tests[condition.key] = _one_or_list(condition.values, dialect)
    return {operator: dict(tests) for operator, tests in operators.items()}


def _one_or_list(values: tuple[Value[str], ...], dialect: Dialect) -> Json:
    written = [text.write(value, dialect) for value in values]
    return written[0] if len(written) == 1 else written


def _read(node: Json, reading: Reading) -> Statement:
    statement = _mapping(node)
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise Foreign
    # Any: each field of a statement has a type of its own.
    fields: dict[str, Any] = {"effect": statement["Effect"], "sid": _read_text(statement.get("Sid", ""))}
    for member, name in _LISTED.items():
        if member in statement:
            fields[name] = _read_list(statement[member], reading)
    for member, name in _WHO.items():
        if member in statement:
            fields[name] = _read_principals(statement[member], reading)
    if "Condition" in statement:
        fields["conditions"] = tuple(_read_conditions(statement["Condition"], reading))
    _keep_rest(statement, {"Effect", "Sid", "Condition", *_LISTED, *_WHO}, reading)
    return Statement(**fields)


def _read_text(node: Json) -> str:
    if not isinstance(node, str):
        raise Foreign
    return node


def _read_list(node: Json, reading: Reading) -> tuple[Value[str], ...]:
    values = [text.read(one, reading) for one in (node if isinstance(node, list) else [node])]
    if not values or any(value is None or text.is_silent(value) for value in values):
        raise Foreign
    return tuple(cast("list[Value[str]]", values))


def _read_principals(node: Json, reading: Reading) -> tuple[Principal, ...]:
    if node == "*":
        return (ANYBODY,)
    if not isinstance(node, dict) or not node or not node.keys() <= {"Service", "AWS", "Federated", "CanonicalUser"}:
        raise Foreign
    return tuple(Principal(kind, value) for kind, values in node.items() for value in _read_list(values, reading))


def _read_conditions(node: Json, reading: Reading) -> list[Condition]:
    if not isinstance(node, dict) or not node:
        raise Foreign
    found = []
    for operator, tests in node.items():
        if not isinstance(tests, dict) or not tests or any(name.startswith("Fn::") for name in (operator, *tests)):
            raise Foreign
        found += [Condition(operator, key, _read_list(values, reading)) for key, values in tests.items()]
    return found


def _mapping(node: Json) -> Mapping[str, Json]:
    if not isinstance(node, Mapping):
        raise Foreign
    return node


def _keep_rest(node: Mapping[str, Json], known: set[str], reading: Reading) -> None:
    for name, value in node.items():
        if name not in known:
            reading.extras[below(reading.path, segment(name))] = value


policy = PolicyDocument()
