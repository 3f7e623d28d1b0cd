"""What hangs on a condition has a count of one or none, and is referred to as its first.

Blocks are written, and read, as if there were no counts; these two functions put them in and take them out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from mainstay.formats.terraform.blocks import Doc
from mainstay.formats.terraform.words import Template, escaped, pieces
from mainstay.plan.values import Json

COUNT: Final = "count"
_COUNTED: Final = re.compile(r"\$\{local\.([A-Za-z0-9_-]+) \? 1 : 0\}")
_PREFIXES: Final = {"resource": "", "data": "data.", "ephemeral": "ephemeral."}
_REFERENCE: Final = re.compile(
    r'(?<![\w."-])((?:data\.|ephemeral\.)?[a-z][a-z0-9_]*\.[A-Za-z_][A-Za-z0-9_-]*)(\[0\])?\.(?=[a-z_])'
)


def count_of(local: str) -> Template:
    """The count of what is there when a local is true."""
    return Template(f"${{local.{local} ? 1 : 0}}")


def with_first(node: Json, counted: frozenset[str]) -> Json:
    """A body in which every reference to something counted leads to its first."""
    return _changed(node, lambda match: f"{match[1]}[0]." if match[1] in counted else match[0])


def without_first(node: Json, counted: frozenset[str]) -> Json:
    """The body as if nothing were counted."""
    return _changed(node, lambda match: f"{match[1]}." if match[1] in counted else match[0])


def counted_in(top: Doc) -> dict[str, str]:
    """The address of each block that has a count of ours, with the local that it hangs on."""
    found: dict[str, str] = {}
    for section, prefix in _PREFIXES.items():
        for type_name, members in _members(top.get(section)):
            for label, body in _members(members):
                count = body.get(COUNT) if isinstance(body, dict) else None
                match = _COUNTED.fullmatch(count) if isinstance(count, str) else None
                if match:
                    found[f"{prefix}{type_name}.{label}"] = match[1]
    return found


def without_counts(top: Doc, counted: frozenset[str]) -> Doc:
    """The sections of a module as if nothing were counted."""
    found: Doc = {}
    for section, written in top.items():
        members = written
        if section in _PREFIXES and isinstance(written, dict):
            members = {
                type_name: {
                    label: _uncounted(body) if f"{_PREFIXES[section]}{type_name}.{label}" in counted else body
                    for label, body in _members(bodies)
                }
                if isinstance(bodies, dict)
                else bodies
                for type_name, bodies in written.items()
            }
        found[section] = without_first(members, counted)
    return found


def _uncounted(body: Json) -> Json:
    return {name: item for name, item in body.items() if name != COUNT} if isinstance(body, dict) else body


def _members(node: Json) -> list[tuple[str, Json]]:
    return list(node.items()) if isinstance(node, dict) else []


def _changed(node: Json, change: Callable[[re.Match[str]], str]) -> Json:
    if isinstance(node, dict):
        return {name: _changed(item, change) for name, item in node.items()}
    if isinstance(node, list):
        return [_changed(item, change) for item in node]
    return _in_text(node, change) if isinstance(node, str) and "${" in node else node


def _in_text(text: str, change: Callable[[re.Match[str]], str]) -> str:
    found = pieces(text) or []
    changed = [
        (is_expression, _REFERENCE.sub(change, part) if is_expression else part) for is_expression, part in found
    ]
    if changed == found:
        return text  # as somebody wrote it, spaces and all
    return "".join(f"${{{part}}}" if is_expression else escaped(part) for is_expression, part in changed)
