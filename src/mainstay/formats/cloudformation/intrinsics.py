"""CloudFormation's intrinsic functions as a plan's expressions: every equivalent spelling gives the same value.

What cannot be resolved here is Unknown with its reason and exactly what was written.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Final, cast

from mainstay.formats.cloudformation.expressions import PSEUDO
from mainstay.formats.cloudformation.scope import Scope
from mainstay.plan.values import (
    REGION,
    Attr,
    If,
    Import,
    Join,
    Json,
    Param,
    Part,
    Ref,
    SecretField,
    Unknown,
    Value,
    Zone,
    is_expression,
    join,
)

_OURS: Final = {theirs: ours for ours, theirs in PSEUDO.items()}
_VARIABLE: Final = re.compile(r"\$\{([^${}]*)\}")
_DYNAMIC: Final = "{{resolve:"
_SECRET_BEFORE: Final = re.compile(r"(?s)(.*)\{\{resolve:secretsmanager:")
# `SecretString`, the only kind there is, the version stage and the id may be written empty (CloudFormation User
# Guide, dynamic-references-secretsmanager, checked 2026-11-21).
_SECRET_AFTER: Final = re.compile(r"(?s):(?:SecretString)?:([^:{}]+):{0,2}\}\}(.*)")
_MOST_SUBNETS: Final = 256
OUTPUTS: Final = "Outputs."
"""What the attribute of a nested stack begins with that is an output of it."""
# Variables inside variables could make any length out of a few lines; a whole template has at most 1 MB.
_LONGEST_TEXT: Final = 1_000_000
_LENGTH_OF_NAME: Final = 100
MOST_ITEMS: Final = 1_000
"""What a list may hold that is written once and may stand in many places."""
_UNKNOWN_KEY: Final = "Fn::FindInMap with a key that is not known here"


class Unresolvable(Exception):
    """An intrinsic function that has no value here; the text is the reason."""


def parse(node: object, scope: Scope) -> object:
    """A literal, a list or mapping of nodes, an expression, or None for AWS::NoValue.

    An expression that was parsed already is returned as it is.
    """
    if isinstance(node, str):
        return _resolved((node,), node) if _DYNAMIC in node else node
    if node is None:
        return Unknown("a null, which CloudFormation refuses")
    if isinstance(node, dict) and len(node) == 1:
        ((name, argument),) = node.items()
        function = _FUNCTIONS.get(name)
        if function or name.startswith("Fn::"):
            try:
                return (function or _no_such_function)(argument, scope)
            except Unresolvable as reason:
                return Unknown(str(reason), node)
    return node


def _no_such_function(argument: Json, scope: Scope) -> object:
    raise Unresolvable("a function that is known only to CloudFormation")


def _ref(argument: Json, scope: Scope) -> object:
    if argument == "AWS::NoValue":
        return None
    if not isinstance(argument, str):
        raise Unresolvable("Ref takes a name")
    return _named(argument, scope)


def _named(name: str, scope: Scope) -> object:
    key = scope.key(name)
    if key is not None:
        return Attr(key, "id")
    if name in scope.given:
        return scope.given[name]
    if name in scope.parameters:
        return Param(scope.prefix + name)
    if name in _OURS:
        return _OURS[name]
    raise Unresolvable(f"nothing here is called {name}")


def _get_att(argument: Json, scope: Scope) -> object:
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    match parts:
        case [str(local), str(name)] if name and (key := scope.key(local)) is not None:
            told = scope.told(key, name.removeprefix(OUTPUTS)) if name.startswith(OUTPUTS) else None
            return Attr(key, scope.attribute(key, name)) if told is None else told
    raise Unresolvable("Fn::GetAtt takes a resource of this template and an attribute")


def _join(argument: Json, scope: Scope) -> object:
    match argument:
        case [str(delimiter), listed]:
            parts = parse(listed, scope)
            if isinstance(parts, list):
                return _concatenated(delimiter, [_piece(part, scope) for part in parts])
    raise Unresolvable("Fn::Join over a list that is not known here")


def _concatenated(delimiter: str, pieces: list[Value[str]]) -> object:
    spaced = [part for piece in pieces for part in (delimiter, piece)][1:]
    return _fold_secrets(_joined(spaced))


def _piece(node: Json, scope: Scope) -> Value[str]:
    # A text may be half of a dynamic reference, so it is looked at when the whole is there.
    value = node if isinstance(node, str) else parse(node, scope)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str) or (is_expression(value) and not _is_silent(value)):
        return cast("Value[str]", value)
    raise Unresolvable("a part of the text is not a text")


def _is_silent(value: object) -> bool:
    return isinstance(value, Unknown) and value.source is None


def _sub(argument: Json, scope: Scope) -> object:
    match argument:
        case str(template):
            return _substituted(template, {}, scope)
        case [str(template), dict(variables)]:
            return _substituted(template, variables, scope)
    raise Unresolvable("Fn::Sub takes a text, or a text and its variables")


def _substituted(template: str, variables: Mapping[str, Json], scope: Scope) -> object:
    # Texts and names by turns. Each name is looked up once, however often it stands there.
    pieces: list[Value[str]] = list(_VARIABLE.split(template))
    values = {name: _variable(str(name).strip(), variables, scope) for name in dict.fromkeys(pieces[1::2])}
    pieces[1::2] = [values[name] for name in pieces[1::2]]
    return _fold_secrets(_joined(pieces))


def _length(value: Value[str]) -> int:
    parts = value.parts if isinstance(value, Join) else (value,)
    return sum(len(part) if isinstance(part, str) else _LENGTH_OF_NAME for part in parts)


def _joined(pieces: list[Value[str]]) -> Value[str]:
    """A concatenation; neighbouring texts are put together at once, because there may be very many."""
    if sum(_length(piece) for piece in pieces) > _LONGEST_TEXT:
        raise Unresolvable(f"a text of more than {_LONGEST_TEXT:,} characters")
    runs = groupby(pieces, key=lambda piece: isinstance(piece, str))
    return join(*(part for is_text, run in runs for part in (["".join(map(str, run))] if is_text else run)))


def _variable(name: str, variables: Mapping[str, Json], scope: Scope) -> Value[str]:
    if name.startswith("!"):
        return f"${{{name[1:]}}}"
    # What a variable stands for is written once, in the map: in place it could be written a thousand times.
    implied: Json = {"Fn::GetAtt": name} if "." in name else {"Ref": name}
    value = _piece(variables.get(name, implied), scope)
    if isinstance(value, Unknown):
        raise Unresolvable(value.reason)
    return value


def _fold_secrets(value: Value[str]) -> object:
    parts = value.parts if isinstance(value, Join) else (value,)
    if any(isinstance(part, str) and _DYNAMIC in part for part in parts):
        return _resolved(parts, None)
    return value


def _resolved(parts: tuple[Value[str], ...], node: Json) -> object:
    """Text with references to secrets of this template as SecretField; any other dynamic reference is Unknown."""
    folded: list[Value[str]] = list(parts)
    index = 1
    while index < len(folded) - 1:
        before, key, after = folded[index - 1 : index + 2]
        if isinstance(before, str) and isinstance(key, Attr) and isinstance(after, str) and key.name in ("id", "arn"):
            opened, closed = _SECRET_BEFORE.fullmatch(before), _SECRET_AFTER.fullmatch(after)
            if opened and closed:
                folded[index - 1 : index + 2] = [opened[1], SecretField(Ref(key.key), closed[1]), closed[2]]
        index += 1
    if any(isinstance(part, str) and _DYNAMIC in part for part in folded):
        if node is None:
            raise Unresolvable("resolved by CloudFormation when it deploys")
        return Unknown("resolved by CloudFormation when it deploys", node)
    return join(*folded)


def _select(argument: Json, scope: Scope) -> object:
    match argument:
        case [int() | str() as position, listed]:
            index = _index(position)
            if _is_own_zones(listed, scope):
                return Zone(index)
            part = _part(index, listed, scope)
            if part is not None:
                return part
            items = parse(listed, scope)
            if isinstance(items, list) and index < len(items):
                return parse(items[index], scope)
    raise Unresolvable("Fn::Select from a list that is not known here")


def _part(index: int, listed: Json, scope: Scope) -> Part | None:
    match listed:
        case {"Fn::Split": [str(separator), source]} if separator:
            whole = parse(source, scope)
            return Part(whole, separator, index) if isinstance(whole, Attr) else None
    return None


def _index(position: int | str) -> int:
    if isinstance(position, bool) or not str(position).isdecimal() or len(str(position)) > 4:
        raise Unresolvable("Fn::Select takes a number from 0")
    return int(position)


def _is_own_zones(node: Json, scope: Scope) -> bool:
    match node:
        case {"Fn::GetAZs": region}:
            return region == "" or parse(region, scope) == REGION
    return False


def _split(argument: Json, scope: Scope) -> object:
    match argument:
        case [str(delimiter), source] if delimiter:
            value = parse(source, scope)
            if isinstance(value, str) and value.count(delimiter) < MOST_ITEMS:
                return value.split(delimiter)
    raise Unresolvable("Fn::Split of a text that is not known here")


def _find_in_map(argument: Json, scope: Scope) -> object:
    match argument:
        case [first, second, third, *rest] if not rest or _is_default(rest):
            found: object = scope.mappings
            for step in (first, second, third):
                key = parse(step, scope)
                if not isinstance(key, str | int):
                    raise Unresolvable(_UNKNOWN_KEY)
                if not isinstance(found, Mapping) or str(key) not in found:
                    return _otherwise(rest, scope)
                found = found[str(key)]
            return _from_map(found)
    raise Unresolvable("Fn::FindInMap takes a map and two keys")


def _from_map(value: object) -> object:
    """A value of a mapping: a text or a number, or a list of them, which may stand for a property many times over."""
    if isinstance(value, dict) or (isinstance(value, list) and len(value) > MOST_ITEMS):
        raise Unresolvable(f"a mapping, or a list of more than {MOST_ITEMS:,} items")
    return value


def _is_default(rest: list[Json]) -> bool:
    """Whether this is the default of the language extensions (their reference, Fn::FindInMap, 2026-11-21)."""
    return len(rest) == 1 and isinstance(rest[0], dict) and rest[0].keys() == {"DefaultValue"}


def _otherwise(rest: list[Json], scope: Scope) -> object:
    match rest:
        case [{"DefaultValue": value}]:
            return parse(value, scope)
    raise Unresolvable(_UNKNOWN_KEY)


def _count(argument: Json, scope: Scope) -> object:
    listed = parse(argument, scope)
    if isinstance(listed, list):
        return len(listed)
    raise Unresolvable("Fn::Length of a list that is not known here")


def _as_json(argument: Json, scope: Scope) -> object:
    if isinstance(argument, dict | list) and not _has_functions(argument):
        return json.dumps(argument, separators=(",", ":"), ensure_ascii=False)
    raise Unresolvable("Fn::ToJsonString of values that are not known here")


def _has_functions(node: Json) -> bool:
    if isinstance(node, dict):
        return any(name == "Ref" or name.startswith("Fn::") or _has_functions(item) for name, item in node.items())
    return any(_has_functions(item) for item in node) if isinstance(node, list) else _is_dynamic(node)


def _is_dynamic(node: Json) -> bool:
    return isinstance(node, str) and _DYNAMIC in node


def _import_value(argument: Json, scope: Scope) -> object:
    name = parse(argument, scope)
    if isinstance(name, str):
        return Import(name)
    raise Unresolvable("an import whose name is not known here")


def _if(argument: Json, scope: Scope) -> object:
    match argument:
        case [str(condition), when_true, when_false]:
            if condition in scope.decisions:
                return parse(when_true if scope.decisions[condition] else when_false, scope)
            sides = [parse(side, scope) for side in (when_true, when_false)]
            if not any(_is_silent(side) for side in sides):
                return If(scope.prefix + condition, *sides)
    raise Unresolvable("Fn::If takes a condition and two values")


def _cidr(argument: Json, scope: Scope) -> object:
    match argument:
        case [block, count, *rest] if len(rest) <= 1:
            values = [parse(value, scope) for value in (block, count, *(rest or [8]))]
            try:
                return _subnets(str(values[0]), int(str(values[1])), int(str(values[2])))
            except ValueError:
                pass
    raise Unresolvable("Fn::Cidr of a block that is not known here")


def _subnets(block: str, count: int, host_bits: int) -> list[str]:
    network = ipaddress.ip_network(block)
    prefix = network.max_prefixlen - host_bits
    if host_bits < 1:
        raise ValueError("no room for an address")
    if not 1 <= count <= min(_MOST_SUBNETS, 2 ** max(0, prefix - network.prefixlen)) or prefix < network.prefixlen:
        raise ValueError("more subnets than the block holds")
    first, size = int(network.network_address), 2**host_bits
    kind = type(network.network_address)
    return [f"{kind(first + index * size)}/{prefix}" for index in range(count)]


_FUNCTIONS: Final[Mapping[str, Callable[[Json, Scope], object]]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Join": _join,
    "Fn::Sub": _sub,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::FindInMap": _find_in_map,
    "Fn::ImportValue": _import_value,
    "Fn::If": _if,
    "Fn::Cidr": _cidr,
    "Fn::Length": _count,
    "Fn::ToJsonString": _as_json,
}
