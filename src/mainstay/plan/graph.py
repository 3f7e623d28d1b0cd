"""Who points at whom: references between resources, their faults, and an order that respects them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mainstay.core.errors import InputRefused
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import Resource
from mainstay.plan.values import Attr, If, Join, Ref, SecretField

# Bookkeeping fields of a resource that are no statement about the real thing.
_ASIDE = frozenset({"key", "address", "origin", "extras"})
_LINKS: Final[dict[type, tuple[tuple[str, str | None], ...]]] = {}


@dataclasses.dataclass(frozen=True, slots=True)
class Edge:
    """`source` needs `target`, because of `field` (dotted path); `kind` is the class that the field demands."""

    source: str
    target: str
    field: str
    kind: str | None = None


def edges(resource: Resource) -> Iterator[Edge]:
    """Every reference that a resource holds, at any depth, `depends_on` included."""
    for name, kind, value in _fields(resource):
        for path, target in _references(value, name):
            yield Edge(resource.key, target, path, kind)


def needs(resource: Resource) -> frozenset[str]:
    """The keys of the resources that have to exist before this one."""
    return frozenset(edge.target for edge in edges(resource))


# What an unknown resource is, and what an output of a nested stack names, nobody knows from here.
_ANYTHING: Final = ("Opaque", "NestedStack")


def referred(region: RegionPlan) -> frozenset[str]:
    """The keys that some resource or some output of the region names."""
    named = {edge.target for resource in region.resources for edge in edges(resource)}
    return frozenset(named | {key for output in region.outputs for _, key in _references(output.value, output.name)})


def faults(region: RegionPlan) -> list[str]:
    """Sentences about references that lead nowhere or to a resource of another kind."""
    kinds = {resource.key: type(resource).__name__ for resource in region.resources}
    sentences = []
    for edge in (edge for resource in region.resources for edge in edges(resource)):
        if edge.target not in kinds:
            sentences.append(f"{edge.source}.{edge.field} points at {edge.target}, which does not exist")
        elif edge.kind not in (None, kinds[edge.target], "Resource") and kinds[edge.target] not in _ANYTHING:
            sentences.append(
                f"{edge.source}.{edge.field} needs a {edge.kind}, but {edge.target} is a {kinds[edge.target]}"
            )
    return sentences


def in_dependency_order(region: RegionPlan) -> list[Resource]:
    """Resources so that each stands after what it needs; InputRefused names a cycle."""
    waiting = {resource.key: set(needs(resource)) for resource in region.resources}
    by_key = {resource.key: resource for resource in region.resources}
    ordered: list[Resource] = []
    while waiting:
        ready = [key for key, missing in waiting.items() if not missing & waiting.keys()]
        if not ready:
            raise InputRefused(
                "resources need each other in a circle",
                detail=f"None of these can be created first: {', '.join(sorted(waiting))}.",
                hint="write rules between two security groups as resources of their own",
            )
        for key in ready:
            del waiting[key]
            ordered.append(by_key[key])
    return ordered


def references(value: object) -> Iterator[str]:
    """The keys of the resources that a value names, at any depth."""
    return (key for _, key in _references(value, ""))


def _fields(resource: Resource) -> Iterator[tuple[str, str | None, Any]]:  # Any: a field holds any value shape
    return ((name, kind, getattr(resource, name)) for name, kind in _links_of(type(resource)))


def _links_of(of: type[Resource]) -> tuple[tuple[str, str | None], ...]:
    """The fields of a kind of resource, and the kinds that they link to, read off once."""
    if of not in _LINKS:
        # Annotations are text here (PEP 563): the kind in `Link[Kind]` is read off without importing anything.
        found = ((spec.name, re.search(r"Link\[(\w+)\]", str(spec.type))) for spec in dataclasses.fields(of))
        _LINKS[of] = tuple((name, link[1] if link else None) for name, link in found if name not in _ASIDE)
    return _LINKS[of]


def _references(value: object, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case None | str() | int():  # most of what is asked
            return
        case Ref(key) | Attr(key, _) | SecretField(Ref(key), _):
            yield path, key
        case Join(parts):
            for part in parts:
                yield from _references(part, path)
        case If(_, when_true, when_false):
            yield from _references(when_true, path)
            yield from _references(when_false, path)
        case Mapping():
            for name, item in value.items():
                yield from _references(item, f"{path}.{name}")
        case tuple():
            for item in value:
                yield from _references(item, path)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            for spec in dataclasses.fields(value):
                yield from _references(getattr(value, spec.name), f"{path}.{spec.name}")
