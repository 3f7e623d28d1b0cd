"""Values of a shown plan or state with references in them again, as a module's text would have them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from mainstay.formats.terraform.shown import HIDDEN, Instance
from mainstay.plan.values import Json

UNKNOWN: Final = "${unknown}"
"""Stands for a value that only `apply` tells; no expression of a plan."""
# Ids of AWS, such as vpc-0a1b2c3d: unlike names, nothing else is called so by chance.
_ID: Final = re.compile(r"[a-z]+-[0-9a-f]{8,17}")
_REFERENCE: Final = re.compile(r"([a-z0-9_]+)\.([A-Za-z0-9_-]+)(?:\[([^\]]*)\])?\.([A-Za-z0-9_.\[\]]+)")


class References:
    """Who is meant by an id, an ARN, or a reference of the configuration."""

    def __init__(self, instances: list[Instance], labels: Mapping[str, str]) -> None:
        self._labels = labels
        self._known: dict[str, str] = {}
        self._named: dict[tuple[str, str, str], list[Instance]] = {}
        for one in instances:
            self._named.setdefault((one.module, one.type_name, one.name), []).append(one)
            for attribute in ("id", "arn"):
                value = one.values.get(attribute)
                if isinstance(value, str) and (value.startswith("arn:") or _ID.fullmatch(value)):
                    self._known.setdefault(value, self._text(one, attribute))

    def values_of(self, one: Instance) -> dict[str, Json]:
        """Its values: what leads to another resource as a reference, what is unknown or hidden as such."""
        found = self._resolved(one.values, one.unknown, one.sensitive, one.expressions, one)
        return found if isinstance(found, dict) else {}

    def _text(self, one: Instance, attribute: str) -> str:
        return f"${{{one.type_name}.{self._labels[one.address]}.{attribute}}}"

    def _resolved(self, value: Json, unknown: Json, sensitive: Json, expression: Json, one: Instance) -> Json:
        if sensitive is True:
            return HIDDEN
        if unknown is True:
            return self._meant(expression, one)

        def inner(name: str | int, item: Json) -> Json:
            return self._resolved(item, _in(unknown, name), _in(sensitive, name), _in(expression, name), one)

        if isinstance(value, dict) or (value is None and isinstance(unknown, dict)):
            members = dict(value) if isinstance(value, dict) else {}
            late = [name for name in unknown if name not in members] if isinstance(unknown, dict) else []
            return {name: inner(name, members.get(name)) for name in (*members, *late)}
        if isinstance(value, list):
            return [inner(index, item) for index, item in enumerate(value)]
        own = (one.values.get("id"), one.values.get("arn"))
        return self._known.get(value, value) if isinstance(value, str) and value not in own else value

    def _meant(self, expression: Json, one: Instance) -> Json:
        """The one attribute that an expression reads; anything more is a value that only Terraform can work out."""
        references = expression.get("references") if isinstance(expression, dict) else None
        found = {
            text
            for reference in (references if isinstance(references, list) else [])
            if isinstance(reference, str) and (text := self._attribute(reference, one)) is not None
        }
        return found.pop() if len(found) == 1 else UNKNOWN

    def _attribute(self, reference: str, one: Instance) -> str | None:
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            return None
        type_name, name, index, attribute = match.groups()
        candidates = self._named.get((one.module, type_name, name), [])
        asked = index.strip('"') if index is not None else one.index
        exact = [other for other in candidates if other.index == asked] or (candidates if len(candidates) == 1 else [])
        return self._text(exact[0], attribute) if exact else None


def _in(node: Json, name: str | int) -> Json:
    """The part of a parallel tree; a mark on the whole holds for each part."""
    if isinstance(node, dict):
        return node.get(str(name))
    if isinstance(node, list) and isinstance(name, int) and name < len(node):
        return node[name]
    return True if node is True else None
