"""One kind of resource as Terraform's blocks: one main block, and what the provider keeps in blocks of its own.

A row's path starts with the type of its block: `aws_s3_bucket_versioning.versioning_configuration.status`. So one
table says both which field lives in which block, and where in it. Fields that the provider has no argument for are
kept in the block's comment (`//`), where the reader finds them again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Final, TypeAlias, cast

from mainstay.core.records import dataclass
from mainstay.formats.table import Table
from mainstay.plan.values import Json

ASIDE: Final = "//"
"""The comment of a block (Terraform's JSON syntax, "Comment Properties", checked 2026-11-21)."""

NOWHERE: Final = ""
"""Stands in `attributes` for what the provider does not show."""

Doc: TypeAlias = "dict[str, Json]"
"""A resource on its way: the type of each of its blocks, and the block's body, or a list of bodies."""


def body(doc: Doc, type_name: str) -> Doc:
    """The body of a resource's only block of a type."""
    return cast("Doc", doc[type_name])


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Who is being written or read: the label of its main block with the region's `prefix`, and its stack."""

    label: str
    stack: str = ""
    alias: str = ""
    prefix: str = ""

    @property
    def own(self) -> str:
        """The label without the region's part."""
        return self.label.removeprefix(self.prefix)

    def name(self) -> str:
        """A name for what the provider wants named and a plan leaves to AWS."""
        return f"{self.stack}-{self.own.replace('_', '-')}".strip("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A further block of a resource. `joins` maps its arguments to the main block's attributes that they hold.

    `is_many` blocks are told apart by a number; `block` is `resource` or `ephemeral`.
    """

    type_name: str
    joins: Mapping[str, str] = field(default_factory=dict)
    is_many: bool = False
    block: str = "resource"


Derived: TypeAlias = "Callable[[Any, Place], Json]"  # Any: a resource of the table's own kind
Reshape: TypeAlias = "Callable[[Doc, Place], None]"


@dataclass(frozen=True)
class Blocks(Table):
    """How one kind of resource is spelled.

    `beside` are the blocks next to the main one. `derived` are arguments that follow from the resource and say
    nothing of their own, by path: written always, and dropped by the reader where they are what would be written
    (None writes nothing). `outward` and `inward` undo each other, for what no row can say. `named` is an argument
    that the provider wants where AWS would make a name up. `ignores` are arguments that the service changes by itself,
    each with when. What `is_precious` is never destroyed by a plan, whatever becomes of it elsewhere. `needs` are
    arguments that the provider cannot do without and a plan can: a resource without one of them is refused.
    """

    beside: tuple[Beside, ...] = ()
    derived: Mapping[str, Derived] = field(default_factory=dict)
    outward: Reshape | None = None
    inward: Reshape | None = None
    named: str = ""
    ignores: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)  # Any: the table's own kind
    is_precious: bool = False
    needs: tuple[str, ...] = ()

    @property
    def types(self) -> tuple[str, ...]:
        """Every type of block, the main one first."""
        return (self.type_name, *(one.type_name for one in self.beside))
