"""Terraform's expressions as a plan's, wherever a plan has a form for them; the rest is Unknown as written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Final

from mainstay.core.records import dataclass
from mainstay.formats.terraform.blocks import Blocks
from mainstay.formats.terraform.expressions import EXPORT, LOOKED_UP, PSEUDO, SECRET_READ, ZONES
from mainstay.formats.terraform.hcl import split, value_of
from mainstay.formats.terraform.words import literal, pieces
from mainstay.plan.values import (
    Attr,
    If,
    Import,
    Json,
    Param,
    Part,
    Pseudo,
    Ref,
    SecretField,
    Unknown,
    Value,
    Zone,
    join,
)

_NAME: Final = r"[A-Za-z_][A-Za-z0-9_-]*"
_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_VARIABLE: Final = re.compile(rf"var\.({_NAME})")
_DATA: Final = re.compile(rf"data\.({_NAME})\.({_NAME})\.({_NAME})(?:\[(\d{{1,4}})\])?")
_RESOURCE: Final = re.compile(rf"({_NAME})\.({_NAME})\.({_NAME}(?:\[\d+\]|\.{_NAME})*)")
_SPLIT: Final = re.compile(rf"split\(\s*({_QUOTED})\s*,\s*(.+?)\s*\)\[(\d{{1,4}})\]")
_LIST: Final = re.compile(rf'split\(",", (data\.{LOOKED_UP}\.{_NAME}\.insecure_value)\)')
_SECRET: Final = re.compile(rf"jsondecode\(\s*ephemeral\.{SECRET_READ}\.({_NAME})\.secret_string\s*\)\[({_QUOTED})\]")
_STACK_NAME: Final = re.compile(r"local\.(?:[a-z0-9_]+_)?stack_name")
_CHOICE: Final = re.compile(rf"local\.({_NAME}) \? (.*)", re.DOTALL)
_COMPACT: Final = re.compile(r"compact\((\[.*\])\)", re.DOTALL)
_PSEUDO: Final = {place: name for name, place in PSEUDO.items()}
_ELSEWHERE: Final = "an expression that only Terraform can evaluate"


@dataclass(frozen=True)
class Names:
    """Who the names in a region stand for: a key and its table by (type, label), secrets by label, parameters by
    variable, exports by label, and parameters by the other region's attribute that they are.
    """

    resources: Mapping[tuple[str, str], tuple[str, Blocks]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    exports: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)


def parse(node: object, names: Names) -> object:
    """A literal, a list or mapping as it is, an expression; Unknown where the text says more than a plan can hold."""
    if isinstance(node, dict):
        return {literal(name) if isinstance(name, str) else name: item for name, item in node.items()}
    if not isinstance(node, str):
        return node
    found = pieces(node)
    if found is None:
        return Unknown(_ELSEWHERE, node)
    if len(found) == 1 and (listed := _COMPACT.fullmatch(found[0][1])):
        items = value_of(listed[1])
        return items if isinstance(items, list) else Unknown(_ELSEWHERE, node)
    parts: list[Value[str]] = []
    for is_expression, text in found:
        value: Value[str] | None = understood(text, names) if is_expression else text
        if value is None:
            return Unknown(_ELSEWHERE, node)
        parts.append(value)
    return join(*parts)


def understood(text: str, names: Names) -> Value[str] | None:
    """One expression; None where a plan has no form for it."""
    if text in names.sources:
        return Param(names.sources[text])
    for pattern, meaning in _FORMS:
        if match := pattern.fullmatch(text):
            return meaning(match, names)
    return Pseudo("stack_name") if _STACK_NAME.fullmatch(text) else None


def _variable(match: re.Match[str], names: Names) -> Value[str] | None:
    name = names.parameters.get(match[1])
    return Param(name) if name else None


def _data(match: re.Match[str], names: Names) -> Value[str] | None:
    type_name, label, attribute, index = match.groups()
    if type_name == ZONES and attribute == "names" and index is not None:
        return Zone(int(index))
    if index is not None:
        return None
    if type_name == EXPORT and attribute == "value" and label in names.exports:
        return Import(names.exports[label])
    if type_name == LOOKED_UP and attribute == "insecure_value" and label in names.parameters:
        return Param(names.parameters[label])
    pseudo = _PSEUDO.get((type_name, attribute))
    return Pseudo(pseudo) if pseudo else None  # type: ignore[arg-type]  # the names of PSEUDO are those of Pseudo


def _resource(match: re.Match[str], names: Names) -> Value[str] | None:
    found = names.resources.get((match[1], match[2]))
    if found is None:
        return None
    key, table = found
    return Attr(key, table.attribute_names.get(match[3], match[3]))


def _split(match: re.Match[str], names: Names) -> Value[str] | None:
    of = understood(match[2], names)
    return Part(of, literal(json.loads(match[1])), int(match[3])) if isinstance(of, Attr) else None


def _secret(match: re.Match[str], names: Names) -> Value[str] | None:
    key = names.secrets.get(match[1])
    return SecretField(Ref(key), json.loads(match[2])) if key else None


def _choice(match: re.Match[str], names: Names) -> Value[str] | None:
    sides = split(match[2], " : ")
    if match[1] not in names.conditions or len(sides) != 2:
        return None
    chosen = [None if side.strip() == "null" else _chosen(side, names) for side in sides]
    return None if any(isinstance(side, Unknown) for side in chosen) else If(names.conditions[match[1]], *chosen)


def _chosen(side: str, names: Names) -> Any:  # Any: a literal, a list of what is written, or an expression
    value = value_of(side)
    return Unknown(_ELSEWHERE, side) if value is None else parse(value, names)


_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Names], Value[str] | None]], ...]] = (
    (_VARIABLE, _variable),
    (_DATA, _data),
    (_SECRET, _secret),
    (_SPLIT, _split),
    (_LIST, lambda match, names: understood(match[1], names)),
    (_RESOURCE, _resource),
    (_CHOICE, _choice),
)


def json_inside(text: str) -> Json:
    """The JSON that a text is, or hands to `jsonencode`; None where it is not written out."""
    encoded = text.startswith("${jsonencode(") and text.endswith(")}")
    try:
        inner: Json = json.loads(text[len("${jsonencode(") : -2] if encoded else text)
    except (ValueError, RecursionError):
        return None
    return inner
