"""Which resources of a plan are spoken of where no table reads: resources that no table knows, parts kept as written.

A name in a text is enough here: the question is never whether something is used, but whether it may be.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from mainstay.plan.graph import edges
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import NestedStack, Opaque, Resource
from mainstay.plan.values import EXPRESSIONS, Unknown

_NAME: Final = re.compile(r"[A-Za-z0-9]+")
# How a resource is named in the text of a module: `${aws_security_group.app.id}`.
_IN_MODULE: Final = re.compile(r"\baws_([a-z0-9_]+)\.([A-Za-z0-9_-]+)")
# What makes resources that this plan does not show, or changes some that it does: stacks, custom resources, modules.
_MAKES_OTHERS: Final = ("Custom::", "AWS::CloudFormation::", "AWS::Serverless::Application")

_NOTHING: Final[tuple[object, ...]] = (None, "", [], {}, "${unknown}")


def mentions(region: RegionPlan) -> frozenset[str]:
    """The names that stand in texts which no table reads, in lower case; a key among them may be named there."""
    return region.remember(("mentions",), lambda: frozenset(_all(region)))


def is_mentioned(key: str, region: RegionPlan) -> bool:
    """Whether a resource may be named in such a text."""
    return key.lower() in mentions(region)


def meddled(region: RegionPlan) -> frozenset[str]:
    """The keys that a nested stack, a custom resource or the like is told: what it does with them nobody sees here."""

    def found() -> frozenset[str]:
        makers = [one for one in region.resources if _makes_others(one)]
        named = {edge.target for one in makers for edge in edges(one)}
        spoken = {name for one in makers if isinstance(one, Opaque) for name in _names(one.properties)}
        return frozenset(named | {one.key for one in region.resources if one.key.lower() in spoken})

    return region.remember(("meddled",), found)


def has_kind(region: RegionPlan, *words: str) -> bool:
    """Whether a resource that no table knows is of a type with one of these words, small and without separators."""
    kinds = region.remember(("kinds",), lambda: frozenset(_kind(one) for one in region.of(Opaque) if _is_typed(one)))
    return any(word in kind for kind in kinds for word in words)


def _kind(one: Opaque) -> str:
    return re.sub(r"[^a-z0-9]", "", one.type.lower())


def keeps(one: Resource, pattern: re.Pattern[str]) -> bool:
    """Whether a property that matches by its path, in small letters, is kept as it was written, and says something.

    A plan of Terraform shows what the provider will fill in by itself as `${unknown}`, and what is empty as such.
    """
    return any(pattern.search(path.lower()) and value not in _NOTHING for path, value in one.extras.items())


def _makes_others(one: Resource) -> bool:
    return isinstance(one, NestedStack) or (
        isinstance(one, Opaque) and (not _is_typed(one) or one.type.startswith(_MAKES_OTHERS))
    )


def _is_typed(one: Opaque) -> bool:
    return isinstance(one.type, str)


def _all(region: RegionPlan) -> Iterator[str]:
    yield from _names(region.extras)
    for output in region.outputs:
        yield from _names(output.extras)
    for one in region.resources:
        yield from _names(one.extras)
        yield from _names(one.properties) if isinstance(one, Opaque) else _of_sources(one)


def _of_sources(one: Resource) -> Iterator[str]:
    for unknown in unknowns_of(one):
        yield from _names(unknown.source)


def unknowns_of(one: Resource) -> Iterator[Unknown]:
    """Every value in a resource's fields, at any depth, that cannot be known."""
    for spec in dataclasses.fields(one):
        value = getattr(one, spec.name)
        if value is not None and not isinstance(value, str):
            yield from unknowns(value)


def unknowns(value: object) -> Iterator[Unknown]:
    """Every value in a field, at any depth, that cannot be known."""
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from unknowns(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from unknowns(item)
    elif isinstance(value, EXPRESSIONS) or (dataclasses.is_dataclass(value) and not isinstance(value, type)):
        for spec in dataclasses.fields(value):
            yield from unknowns(getattr(value, spec.name))


def _names(node: object) -> Iterator[str]:
    """The words of all texts in a tree of JSON, and the names by which a module's text means a resource."""
    if isinstance(node, str):
        yield from (found.lower() for found in _NAME.findall(node))
        for kind, label in _IN_MODULE.findall(node):
            name = re.sub(r"[^a-z0-9]", "", label.lower())
            yield name
            yield kind.replace("_", "") + name
    elif isinstance(node, Mapping):
        yield from _many(node.values())
    elif isinstance(node, list | tuple):
        yield from _many(node)


def _many(nodes: Iterable[object]) -> Iterator[str]:
    for node in nodes:
        yield from _names(node)
