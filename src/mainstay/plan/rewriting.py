"""A plan, or a part of one, with some of its values changed; whatever did not change is the same object."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

from mainstay.plan.values import EXPRESSIONS, If, Join, Ref, join

T = TypeVar("T")

Change: TypeAlias = Callable[[Any, str], Any]
"""What becomes of a value at a path. Any: a literal, an expression or a reference of any kind."""


def rewritten(node: T, change: Change, path: str = "") -> T:
    """The node with `change(value, path)` made of every literal, expression and reference in it.

    Paths are fields, positions and names: `rules.0.copies.1.vault`. The parts of a concatenation and the sides of a
    choice are changed before the whole is, each under the path of the whole. An element of a list that becomes
    nothing is left out, one that becomes a list stands there with all its elements; a name that becomes nothing goes.
    """
    return _rewritten(node, change, path)  # type: ignore[no-any-return]  # a record stays of its class


def _rewritten(node: Any, change: Change, path: str) -> Any:  # Any, here and below: whatever a plan is made of
    if isinstance(node, EXPRESSIONS):
        return change(_with_parts(node, change, path), path)
    if isinstance(node, tuple):
        items = [_rewritten(item, change, _below(path, str(at))) for at, item in enumerate(node)]
        return node if all(one is two for one, two in zip(items, node, strict=True)) else tuple(_spliced(items))
    if isinstance(node, Mapping):
        members = {name: _rewritten(item, change, _below(path, name)) for name, item in node.items()}
        if all(members[name] is item for name, item in node.items()):
            return node
        return {name: item for name, item in members.items() if item is not None}
    if dataclasses.is_dataclass(node) and not isinstance(node, Ref | type):
        return _record(node, change, path)
    return node if node is None else change(node, path)


def _spliced(items: list[Any]) -> Iterator[Any]:
    for item in items:
        if isinstance(item, tuple):
            yield from item
        elif item is not None:
            yield item


def _with_parts(node: Any, change: Change, path: str) -> Any:
    if isinstance(node, Join):
        parts = tuple(_rewritten(part, change, path) for part in node.parts)
        return node if all(one is two for one, two in zip(parts, node.parts, strict=True)) else join(*parts)
    if isinstance(node, If):
        # A side may be a tuple, whose elements have no place of their own; the condition's name is no value.
        sides = [
            _rewritten(one, lambda value, _: change(value, path), path) for one in (node.when_true, node.when_false)
        ]
        return node if sides[0] is node.when_true and sides[1] is node.when_false else If(node.condition, *sides)
    return node


def _record(node: Any, change: Change, path: str) -> Any:
    fields = {spec.name: getattr(node, spec.name) for spec in dataclasses.fields(node)}
    found = {name: _rewritten(value, change, _below(path, name)) for name, value in fields.items()}
    changed = {name: value for name, value in found.items() if value is not fields[name]}
    return dataclasses.replace(node, **changed) if changed else node


def _below(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part
