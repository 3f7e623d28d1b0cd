"""What has to change in one JSON document so that it reads like another: the smallest places."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.core.patches import Change, Operation
from mainstay.plan.values import Json

Path = tuple[str, ...]


def changes(old: Json, new: Json, path: Path = ()) -> Iterator[Change]:
    """The places in which two documents differ, in the order of the new one; what goes comes last.

    A list that grew at its end has its new items added, any other list of another length is replaced whole, and so are
    an expression, which a template may spell in other forms, and a mapping of which no name stays.
    """
    if _is_expression(old) or _is_expression(new) or (path and _are_apart(old, new)):
        if old != new:
            yield Change(path=path, value=new)
    elif isinstance(old, dict) and isinstance(new, dict):
        for name, item in new.items():
            yield from changes(old[name], item, (*path, name)) if name in old else _added((*path, name), item)
        yield from (Change(path=(*path, name), operation=Operation.REMOVE) for name in old if name not in new)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from changes(before, after, (*path, str(index)))
    elif isinstance(old, list) and isinstance(new, list) and new[: len(old)] == old:
        for index in range(len(old), len(new)):
            yield from _added((*path, str(index)), new[index])
    elif old != new or type(old) is not type(new):
        yield Change(path=path, value=new)


def _is_expression(node: Json) -> bool:
    """Whether it is one of CloudFormation's functions."""
    name = next(iter(node)) if isinstance(node, dict) and len(node) == 1 else ""
    return name == "Ref" or name.startswith("Fn::")


def _are_apart(old: Json, new: Json) -> bool:
    """Whether they are mappings that share no name."""
    return isinstance(old, dict) and isinstance(new, dict) and bool(old and new) and not old.keys() & new.keys()


def _added(path: Path, value: Json) -> Iterator[Change]:
    yield Change(path=path, operation=Operation.ADD, value=value)
