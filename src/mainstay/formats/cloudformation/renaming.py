"""The references of a template under other names: in nested stacks, and beside another design in one stack."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from mainstay.formats.metadata import MEMBER

Node: TypeAlias = Any  # Any: JSON of a template
# What a reference becomes: the resource's or parameter's name and the attribute (None for Ref) → the new name and
# attribute.
Rename: TypeAlias = Callable[[str, str | None], tuple[str, str | None]]

_NAMED: Final = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.([A-Za-z0-9.]+))?\}")
_SECTIONS: Final = ("Parameters", "Resources", "Outputs")


def renamed(node: Node, rename: Rename) -> Node:
    """A part of a template in which every reference has its new name; CloudFormation's own (`AWS::Region`) stay."""
    match node:
        case {"Ref": str(target), **rest} if not rest:
            return node if target.startswith("AWS::") else _reference(*rename(target, None))
        case {"Fn::GetAtt": [str(target), str(attribute)], **rest} if not rest:
            return _reference(*rename(target, attribute))
        case {"Fn::Sub": str(text), **rest} if not rest:
            return {"Fn::Sub": _NAMED.sub(lambda found: _substituted(*rename(found[1], found[2])), text)}
        case Mapping():
            return {name: renamed(value, rename) for name, value in node.items()}
        case list():
            return [renamed(value, rename) for value in node]
    return node


def prefixed(template: Mapping[str, Node], prefix: str) -> dict[str, Node]:
    """A template that we wrote, each of its parameters, resources and outputs under a name that begins with `prefix`.

    Exports keep theirs, because they are named after the design and not after the stack. What the template says of
    itself stands in a member of its own, `MainstayOrders` for the prefix `Orders`.
    """
    return {
        title: _titled(section, prefix) if title in _SECTIONS else _described(title, section, prefix)
        for title, section in template.items()
    }


def _titled(section: Mapping[str, Node], prefix: str) -> Node:
    blocks = {prefix + name: _waiting(block, prefix) for name, block in section.items()}
    return renamed(blocks, lambda target, attribute: (prefix + target, attribute))


def _described(title: str, section: Node, prefix: str) -> Node:
    if title != "Metadata":
        return section
    ours = dict(section[MEMBER])
    if "Sources" in ours:
        ours["Sources"] = {prefix + name: source for name, source in ours["Sources"].items()}
    return {MEMBER + prefix: ours}


def _waiting(block: Mapping[str, Node], prefix: str) -> dict[str, Node]:
    match block.get("DependsOn"):
        case str(one):
            return {**block, "DependsOn": prefix + one}
        case list(several):
            return {**block, "DependsOn": [prefix + one for one in several]}
    return dict(block)


def _reference(target: str, attribute: str | None) -> Node:
    return {"Fn::GetAtt": [target, attribute]} if attribute else {"Ref": target}


def _substituted(target: str, attribute: str | None) -> str:
    return f"${{{target}.{attribute}}}" if attribute else f"${{{target}}}"
