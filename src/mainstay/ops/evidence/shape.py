"""Whether a document is of the published shape: the few words of JSON Schema that our schemas use, and no others."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

Schema = Mapping[str, Any]  # Any: JSON Schema, draft 2020-12
_TYPES: Final[Mapping[str, Callable[[object], bool]]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
# Words that say nothing about a value, or that are read together with another one.
_SILENT: Final = frozenset({"$schema", "$defs", "title", "description", "properties", "additionalProperties"})


def schema(version: int) -> Schema:
    """The published schema of documents of a version."""
    return _loaded(version)


@cache
def _loaded(version: int) -> Schema:
    text = resources.files("mainstay.ops.evidence").joinpath("schemas", f"{version}.json").read_text("utf-8")
    return dict(json.loads(text))


def violations(document: Mapping[str, Any]) -> list[str]:
    """Where a document of a known version is not of its shape, each as `place: what`; empty when it is."""
    whole = schema(int(document["version"]))
    return [f"{place or 'document'}: {what}" for place, what in _wrong(whole, document, "", whole)]


Wrong = Iterator[tuple[str, str]]


def _wrong(rule: Schema, value: Any, place: str, whole: Schema) -> Wrong:  # Any: JSON
    for word, argument in rule.items():
        if word not in _SILENT:
            yield from _WORDS[word](argument, value, place, whole)
    if isinstance(value, dict) and "properties" in rule:
        yield from _members(rule, value, place, whole)


def _members(rule: Schema, value: Mapping[str, Any], place: str, whole: Schema) -> Wrong:
    known = rule["properties"]
    for name, inner in value.items():
        if name in known:
            yield from _wrong(known[name], inner, f"{place}.{name}".lstrip("."), whole)
        elif rule.get("additionalProperties") is False:
            yield place, f"'{name}' is not known"


def _type(wanted: str | list[str], value: object, place: str, whole: Schema) -> Wrong:
    del whole
    kinds = [wanted] if isinstance(wanted, str) else wanted
    if not any(_TYPES[kind](value) for kind in kinds):
        yield place, f"is no {' or '.join(kinds)}"


def _const(wanted: object, value: object, place: str, whole: Schema) -> Wrong:
    del whole
    if value != wanted or type(value) is not type(wanted):
        yield place, f"is {value!r}, not {wanted!r}"


def _enum(wanted: list[object], value: object, place: str, whole: Schema) -> Wrong:
    del whole
    if value not in wanted:
        yield place, f"is {value!r}, none of {', '.join(map(str, wanted))}"


def _required(wanted: list[str], value: object, place: str, whole: Schema) -> Wrong:
    del whole
    if isinstance(value, dict):
        yield from ((place, f"'{name}' is missing") for name in wanted if name not in value)


def _pattern(wanted: str, value: object, place: str, whole: Schema) -> Wrong:
    del whole
    if isinstance(value, str) and re.search(wanted, value) is None:
        yield place, f"'{value}' is not of the form {wanted}"


def _minimum(wanted: float, value: object, place: str, whole: Schema) -> Wrong:
    del whole
    if isinstance(value, int | float) and value < wanted:
        yield place, f"{value} is below {wanted}"


def _items(rule: Schema, value: object, place: str, whole: Schema) -> Wrong:
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _wrong(rule, item, f"{place}[{number}]", whole)


def _ref(name: str, value: object, place: str, whole: Schema) -> Wrong:
    yield from _wrong(whole["$defs"][name.removeprefix("#/$defs/")], value, place, whole)


def _any_of(rules: list[Schema], value: object, place: str, whole: Schema) -> Wrong:
    tried = [list(_wrong(rule, value, place, whole)) for rule in rules]
    if all(tried):
        yield tried[0][0]


_WORDS: Final[Mapping[str, Callable[[Any, Any, str, Schema], Wrong]]] = {  # Any: see Schema
    "type": _type,
    "const": _const,
    "enum": _enum,
    "required": _required,
    "pattern": _pattern,
    "minimum": _minimum,
    "items": _items,
    "$ref": _ref,
    "anyOf": _any_of,
}
