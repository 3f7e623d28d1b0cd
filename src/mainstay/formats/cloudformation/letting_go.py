"""A template that lets go of some of its resources and takes others in under the same logical ids, in four forms.

A resource can leave a stack and stay only if nothing refers to it any more, and an import may change nothing else, not
even an output. So what refers to it says, meanwhile, what it got there: the same values as literals. The forms are what
a stack is updated to, one after the other (CloudFormation user guide, refactor-stacks and resource-import, 2026-11-21).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from mainstay.core.errors import InputRefused
from mainstay.plan.values import Json

Template = Mapping[str, Json]
# What a reference to a logical id stands for: by attribute, `Ref` for the bare one.
Literals = Mapping[str, Mapping[str, str]]
REF: Final = "Ref"
_RETAINED: Final = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
_NAMED: Final = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.([A-Za-z0-9.]+))?\}")


def resources_in(template: Template) -> Mapping[str, Mapping[str, Json]]:
    """The resources of a template, those that are mappings."""
    found = template.get("Resources")
    return {key: body for key, body in found.items() if isinstance(body, Mapping)} if isinstance(found, Mapping) else {}


def uses(template: Template, key: str) -> tuple[str, ...]:
    """The attributes of a resource that the rest of the template reads, sorted; `Ref` among them."""
    found: set[str] = set()

    def note(name: str, attribute: str) -> None:
        if name == key:
            found.add(attribute)

    for part in _beside(template, {key}):
        _replaced(part, note)
    return tuple(sorted(found))


def held_loosely(template: Template, literals: Literals) -> dict[str, Json]:
    """The first form: these resources stay when they leave, and what refers to them says the same as literals.

    InputRefused for an attribute whose value is not among the literals.
    """

    def literal(name: str, attribute: str) -> str | None:
        if name not in literals:
            return None
        if attribute not in literals[name]:
            raise InputRefused(
                "a reference that cannot be told",
                detail=f"The template reads {attribute} of {name}, whose value is not known.",
                hint="take that reference out of the stack first, or swap with --swap rename",
            )
        return literals[name][attribute]

    made = {section: _replaced(content, literal) for section, content in template.items() if section != "Resources"}
    blocks: dict[str, Json] = {}
    for key, body in resources_in(template).items():
        blocks[key] = {**body, **_RETAINED} if key in literals else _free(_replaced(body, literal), literals)
    return {**made, "Resources": blocks}


def without(template: Template, keys: Mapping[str, object]) -> dict[str, Json]:
    """The second form: without these resources."""
    return {**template, "Resources": {key: body for key, body in resources_in(template).items() if key not in keys}}


def importing(template: Template, blocks: Mapping[str, Mapping[str, Json]]) -> dict[str, Json]:
    """The third form: with these resources, which are imported as they are, and kept if they leave again."""
    there = {*resources_in(template), *blocks}
    taken = {key: _depending({**body, **_RETAINED}, there) for key, body in blocks.items()}
    return {**template, "Resources": {**resources_in(template), **taken}}


def renamed(template: Template, names: Mapping[str, tuple[str, str]]) -> dict[str, Json]:
    """The last form: as at the beginning, with other names: by logical id, the property and its value."""
    blocks = {key: _named(body, names.get(key)) for key, body in resources_in(template).items()}
    return {**template, "Resources": blocks}


def _named(body: Mapping[str, Json], name: tuple[str, str] | None) -> Mapping[str, Json]:
    properties = body.get("Properties")
    held = properties if isinstance(properties, Mapping) else {}
    return body if name is None else {**body, "Properties": {**held, name[0]: name[1]}}


def _beside(template: Template, keys: set[str]) -> Iterator[Json]:
    yield from (content for section, content in template.items() if section != "Resources")
    yield from (body for key, body in resources_in(template).items() if key not in keys)


def _replaced(value: Json, literal: Callable[[str, str], str | None]) -> Json:
    """A value with literals in the place of references; None of `literal` leaves one as it is."""
    if isinstance(value, list):
        return [_replaced(item, literal) for item in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        found = _reference(value, literal)
        if found is not None:
            return found
    return {name: _replaced(item, literal) for name, item in value.items()}


def _reference(value: Mapping[str, Json], literal: Callable[[str, str], str | None]) -> Json:
    """What takes the place of `Ref`, `Fn::GetAtt` or `Fn::Sub`; None for anything else, or where nothing does."""
    ((function, what),) = value.items()
    if function == REF and isinstance(what, str):
        return literal(what, REF)
    if function == "Fn::GetAtt":
        parts = what.split(".", 1) if isinstance(what, str) else what
        return literal(*map(str, parts)) if isinstance(parts, list) and len(parts) == 2 else None
    if function != "Fn::Sub":
        return None
    text, given = (what[0], what[1]) if isinstance(what, list) and len(what) == 2 else (what, {})
    if not isinstance(text, str) or not isinstance(given, Mapping):
        return None

    def put(found: re.Match[str]) -> str:
        said = None if found[1] in given else literal(found[1], found[2] or REF)
        return found[0] if said is None else said

    changed = _NAMED.sub(put, text)
    return {function: [changed, _replaced(given, literal)] if isinstance(what, list) else changed}


def _free(body: Json, literals: Literals) -> Json:
    return _depending(body, None, literals) if isinstance(body, Mapping) else body


def _depending(
    body: Mapping[str, Json], there: set[str] | None = None, gone: Mapping[str, object] | None = None
) -> dict[str, Json]:
    """A resource that waits for no other than those that are there, or not for those that are gone."""
    waits = body.get("DependsOn")
    names = [waits] if isinstance(waits, str) else waits if isinstance(waits, list) else []
    kept = [name for name in names if (there is None or name in there) and name not in (gone or {})]
    made = {name: value for name, value in body.items() if name != "DependsOn" or kept == names}
    if kept and kept != names:
        made["DependsOn"] = kept[0] if isinstance(waits, str) else kept
    return made
