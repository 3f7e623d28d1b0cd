"""The plan: resources in one or more regions, and their intent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import TypeVar

from mainstay.core.errors import InputRefused
from mainstay.core.records import dataclass
from mainstay.core.units import Bytes
from mainstay.plan.intent import Intent
from mainstay.plan.resources import Resource
from mainstay.plan.values import Json, Ref, Value

R = TypeVar("R", bound=Resource)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OutputOf:
    """An output of the plan's other region: what only that region can tell once it is deployed."""

    region: str
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """Something the deployer may set. `type` is the target's word (`String`, `AWS::EC2::Image::Id`).

    `default` None means it must be given, or taken from `source`, which a target with state of its own (a stack)
    knows only after that region is deployed; `is_secret` keeps the value out of consoles and logs.
    """

    name: str
    type: str = "String"
    default: str | None = None
    description: str = ""
    allowed: tuple[str, ...] = ()
    pattern: str | None = None
    is_secret: bool = False
    source: OutputOf | None = None
    extras: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Something the plan tells its users; `export` is the name under which other stacks import it."""

    name: str
    value: Value[str]
    description: str = ""
    export: Value[str] | None = None
    extras: Mapping[str, Json] = field(default_factory=dict)


class _Index:
    """Resources by key and by kind, put together when somebody first asks: rules ask thousands of times.

    It follows from the resources, so it is no field: no comparison, copy or document sees it.
    """

    __slots__ = ("_by_key", "_by_kind", "_known")
    resources: tuple[Resource, ...]

    def remember(self, question: tuple[str, ...], answer: Callable[[], T]) -> T:
        """The answer to a question about these resources alone, worked out once however often it is asked."""
        known: dict[tuple[str, ...], T] | None = getattr(self, "_known", None)
        if known is None:
            known = {}
            object.__setattr__(self, "_known", known)
        if question not in known:
            known[question] = answer()
        return known[question]

    def _keys(self) -> dict[str, Resource]:
        found: dict[str, Resource] | None = getattr(self, "_by_key", None)
        if found is None:
            found = {resource.key: resource for resource in self.resources}
            object.__setattr__(self, "_by_key", found)
        return found

    def _kinds(self, kind: type[R]) -> tuple[R, ...]:
        found: dict[type, tuple[R, ...]] | None = getattr(self, "_by_kind", None)
        if found is None:
            found = {}
            object.__setattr__(self, "_by_kind", found)
        if kind not in found:
            found[kind] = tuple(resource for resource in self.resources if isinstance(resource, kind))
        return found[kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How much there was in a template that a region was read from, its own or that of a stack nested in it."""

    file: str
    size: Bytes
    resources: int = 0
    parameters: int = 0
    outputs: int = 0
    dynamic_references: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionPlan(_Index):
    """What should exist in one region. Resources by key, in a stable order; keys are unique.

    `region` is empty when a template does not say which region it is for. `extras` keeps what a format's
    top level holds beyond this (mappings, conditions, transforms). `written` is outside equality.
    """

    region: str
    stack: str = ""
    description: str = ""
    resources: tuple[Resource, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    outputs: tuple[Output, ...] = ()
    extras: Mapping[str, Json] = field(default_factory=dict)
    written: tuple[Written, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for resource in self.resources:
            if resource.key in seen:
                raise InputRefused(
                    "two resources with one name",
                    detail=f"'{resource.key}' is used twice in region {self.region or '(not given)'}.",
                    hint="rename one of them",
                )
            seen.add(resource.key)

    def __getitem__(self, key: str) -> Resource:
        return self._keys()[key]

    def find(self, key: str | None) -> Resource | None:
        """The resource of that key; None where there is none."""
        return None if key is None else self._keys().get(key)

    @property
    def awaits(self) -> frozenset[str]:
        """The regions whose outputs this one's parameters take."""
        return frozenset(one.source.region for one in self.parameters if one.source is not None)

    def of(self, kind: type[R]) -> Iterator[R]:
        """All resources of a kind, in order."""
        return iter(self._kinds(kind))

    def resolve(self, link: object, kind: type[R]) -> R | None:
        """What a link points at when it is a reference to a resource of that kind here; None for anything else."""
        found = self.find(link.key) if isinstance(link, Ref) else None
        return found if isinstance(found, kind) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What should exist; the first region is the primary one. `in_deploy_order` says which is deployed first."""

    regions: tuple[RegionPlan, ...]
    intent: Intent = field(default_factory=Intent)

    @property
    def primary(self) -> RegionPlan:
        """The region that holds the primary database."""
        return self.regions[0]

    @property
    def in_deploy_order(self) -> tuple[RegionPlan, ...]:
        """Each region after those whose outputs its parameters take; it is destroyed in the reverse order.

        InputRefused when regions wait for each other, or for one that the plan does not have.
        """
        waiting = list(self.regions)
        ordered: list[RegionPlan] = []
        while waiting:
            there = {region.region for region in ordered}
            ready = [region for region in waiting if region.awaits <= there]
            if not ready:
                names = ", ".join(f"{one.region} (for {', '.join(sorted(one.awaits - there))})" for one in waiting)
                raise InputRefused(
                    "no region can be deployed first",
                    detail=f"Each of these waits for the outputs of another: {names}.",
                    hint="give the parameters values of their own, or add the region that they take them from",
                )
            ordered += ready
            waiting = [region for region in waiting if region not in ready]
        return tuple(ordered)

    def of(self, kind: type[R]) -> Iterator[R]:
        """All resources of a kind in every region."""
        return (resource for region in self.regions for resource in region.of(kind))
