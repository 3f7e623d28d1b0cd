"""Who carries a plan out, what it calls each field, and what it replaces when one changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Final, Literal, Protocol

from mainstay import facts
from mainstay.core.records import dataclass
from mainstay.diff.fates import STAYS, STRENGTH, fate_in_terraform, fate_of
from mainstay.plan.resources import Fate, Opaque, Resource

Name = Literal["CloudFormation", "Terraform"]
Replaces = Literal["yes", "perhaps", "no"]
CLOUDFORMATION: Final[Name] = "CloudFormation"
TERRAFORM: Final[Name] = "Terraform"


class Place(Protocol):
    """A row of a format's table: a field, and the path of the property or argument that it is written to."""

    @property
    def field(self) -> str:
        """The plan's word."""
        ...

    @property
    def path(self) -> str:
        """The format's words, with dots."""
        ...


class Spelling(Protocol):
    """How a format spells one kind of resource; what `formats` calls a table."""

    @property
    def type_name(self) -> str:
        """The format's name of the kind."""
        ...

    @property
    def rows(self) -> Iterable[Place]:
        """A row for each field."""
        ...


@dataclass(frozen=True)
class Target:
    """CloudFormation or Terraform, with the spelling of each kind."""

    name: Name
    spellings: Mapping[type[Resource], Spelling]

    def type_of(self, resource: Resource) -> str:
        """The target's name for a resource's kind; empty where it has none."""
        if isinstance(resource, Opaque):
            return resource.type
        spelling = self.spellings.get(type(resource))
        return spelling.type_name if spelling else ""

    def written(self, resource: Resource, field: str) -> tuple[str, str]:
        """The type and the top-level property that a field is written to; the plan's own word where there is none.

        In Terraform the type may be that of a block beside the resource's main one.
        """
        return self.place_of(type(resource), field, self.type_of(resource))

    def place_of(self, kind: type[Resource], field: str, own: str = "") -> tuple[str, str]:
        """The same of a kind; `own` is its type where the target has no spelling of it."""
        return self._places.get((kind, field), (own, field))

    @cached_property
    def _places(self) -> dict[tuple[type[Resource], str], tuple[str, str]]:
        """Where each field of each kind is written."""
        return {
            (kind, row.field): split(row.path, spelling.type_name)
            for kind, spelling in self.spellings.items()
            for row in spelling.rows
        }

    def fate(self, before: Resource, after: Resource | None = None) -> Fate:
        """What becomes of a thing that is removed, or replaced by `after`: then the weaker of both policies counts."""
        if self.name == TERRAFORM:
            return fate_in_terraform(before)
        if after is None:
            return fate_of(before)
        return min((fate_of(one, is_replaced=True) for one in (before, after)), key=STRENGTH.index)

    def forbids(self, resource: Resource) -> bool:
        """Whether a module that Mainstay writes keeps Terraform from replacing a thing (`prevent_destroy`)."""
        is_precious = bool(getattr(self.spellings.get(type(resource)), "is_precious", False))
        # A log group is left alone by an argument of its own.
        is_kept = fate_in_terraform(resource) is not Fate.RETAIN and resource.on_delete in STAYS
        is_ours = self.name == TERRAFORM and not resource.address
        return is_ours and (is_kept or (is_precious and resource.on_delete is not Fate.DELETE))

    def ignores(self, resource: Resource, name: str) -> bool:
        """Whether a module that Mainstay writes tells Terraform to leave an argument alone (`ignore_changes`)."""
        known: Mapping[str, Callable[[Resource], bool]] = getattr(self.spellings.get(type(resource)), "ignores", {})
        return name in known and known[name](resource)


def split(path: str, own: str) -> tuple[str, str]:
    """The type and the top-level property of a path; `own` is the type of a path that names none."""
    first, _, rest = path.partition(".")
    if first.startswith("aws_") and rest:
        return first, rest.partition(".")[0]
    return own, first


def replaces(type_name: str, properties: Iterable[str]) -> Replaces:
    """Whether changing these properties of a type replaces the thing: the one question that everything asks."""
    fact, changed = facts.replacement(type_name), set(properties)
    if changed and (fact.is_always or changed & fact.replacing):
        return "yes"
    return "perhaps" if changed & fact.conditional else "no"
