"""pydantic's errors as findings: object, reason, next step, and the line."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from mainstay.core.findings import Finding, Origin
from mainstay.core.naming import nearest
from mainstay.spec.faults import finding
from mainstay.spec.section import Section
from mainstay.spec.yaml_tree import Path

Loc = tuple[int | str, ...]
MOST_EXPLAINED: Final = 200
# What pydantic calls a type error, and what the author should write instead.
_KINDS = {
    "string_type": ("text", "put it in quotes if it is meant as text"),
    "bool_type": ("true or false", "write true or false"),
    "int_type": ("a whole number", "write digits only"),
    "tuple_type": ("a list", "write [one, two], or a line with - for each"),
    "mapping_type": ("a section of keys and values", "write key: value lines below it"),
    "dict_type": ("a section of keys and values", "write key: value lines below it"),
    "model_type": ("a section of keys and values", "write key: value lines below it"),
}


def explained(error: ValidationError, root: type[BaseModel], places: Mapping[Path, Origin], file: str) -> list[Finding]:
    """The errors of a validation as findings, at the lines where the settings were written.

    All of them up to a number that nobody reads; looking for the word that was meant takes time for each.
    """
    return [_finding(dict(one), root, places, file) for one in error.errors(include_url=False)[:MOST_EXPLAINED]]


def place_of(path: Path, places: Mapping[Path, Origin], file: str) -> Origin:
    """Where a path, or the nearest parent that was written, stands."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, Origin(file, 1, 1))


def _finding(error: dict[str, Any], root: type[BaseModel], places: Mapping[Path, Origin], file: str) -> Finding:
    loc: Loc = error["loc"]
    identifier, detail, hint = _worded(error, loc, root)
    path = (*(str(part) for part in loc), *error.get("ctx", {}).get("at", ()))
    subject = ".".join(path)
    worded = f"{subject}: {detail}" if subject else detail
    source = error.get("ctx", {}).get("source", "")
    return finding(identifier, worded, hint, subject=subject, origin=place_of(path, places, file), source=source)


def _worded(error: dict[str, Any], loc: Loc, root: type[BaseModel]) -> tuple[str, str, str]:
    """Id, detail and hint."""
    kind, given = error["type"], error["input"]
    if kind == "fault":
        context = error["ctx"]
        return context["id"], context["detail"], context["hint"]
    if kind == "extra_forbidden":
        return _unknown(str(loc[-1]), keys_at(loc[:-1], root))
    if kind == "missing":
        return "SP006", "it has to be given.", _example(loc, root)
    if kind in _KINDS:
        wanted, fix = _KINDS[kind]
        return "SP007", f"{_shown(given)} is not {wanted}.", fix
    # Whatever pydantic finds that has no wording of ours: its own words, which say what is wrong.
    return "SP007", f"{error['msg']}.", "see the reference for what stands here"


def _unknown(key: str, known: list[str]) -> tuple[str, str, str]:
    near = nearest(key, known)
    fix = f"did you mean {near}?" if near else f"use one of {', '.join(known)}"
    return "SP005", "there is no such key here.", fix


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a section"
    if isinstance(value, list):
        return "a list"
    return f"{value!r}"[:60]


def keys_at(loc: Loc, root: type[BaseModel]) -> list[str]:
    """The keys that a section knows; `loc` leads to it."""
    model = section_at(loc, root)
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def section_at(loc: Loc, root: type[BaseModel]) -> type[BaseModel] | None:
    """The model behind a place; None where no section stands."""
    model: type[BaseModel] | None = root
    for part in loc:
        if isinstance(part, int):
            continue  # an item of a list: the list's own field has been followed already
        fields = {field.alias or name: field for name, field in model.model_fields.items()} if model else {}
        model = _model_in(fields[part].annotation) if part in fields else None
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:  # Any: annotations are what they are
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    if get_origin(annotation) in (Union, types.UnionType, tuple):
        found = [_model_in(argument) for argument in get_args(annotation)]
        return next((model for model in found if model), None)
    return None


def _example(loc: Loc, root: type[BaseModel]) -> str:
    model = section_at(loc[:-1], root)
    fields = {field.alias or name: field for name, field in model.model_fields.items()} if model else {}
    field = fields.get(str(loc[-1]))
    if field is None or not field.examples:
        return f"add {loc[-1]}:"
    return f"add {loc[-1]}: {field.examples[0]}"
