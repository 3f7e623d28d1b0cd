"""Terraform as a dialect: the expressions of one region, with the meaning that names have in the module."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import field

from mainstay.core.records import dataclass
from mainstay.formats.terraform import expressions, understanding
from mainstay.formats.terraform.scope import Scope
from mainstay.formats.terraform.understanding import Names
from mainstay.formats.terraform.words import Template
from mainstay.plan.values import If, Json


@dataclass(frozen=True)
class Terraform:
    """The dialect of one region's blocks (see `formats.codec.Dialect`)."""

    scope: Scope
    names: Names = field(default_factory=Names)

    def render(self, value: object) -> Json:
        """An expression as a template."""
        return expressions.render(value, self.scope)

    def choice(self, value: If, when_true: Json, when_false: Json) -> Json:
        """A conditional expression over the local that the condition is; nothing is null."""
        return expressions.choice(value, when_true, when_false, self.scope)

    def parse(self, node: Json) -> object:
        """A literal, a list, a mapping, or an expression."""
        return understanding.parse(node, self.names)

    def reference(self, key: str, identity: str) -> Json:
        """An attribute of the resource's main block."""
        return Template(f"${{{expressions.reference(key, identity, self.scope)}}}")

    def identifies(self, key: str, attribute: str, identities: Collection[str]) -> bool:
        """Whether an attribute is one of the identities by which a resource may be named."""
        return self.scope.identifies(key, attribute, identities)

    def is_list(self, parameter: str) -> bool:
        """Whether a parameter holds several values."""
        return parameter in self.scope.lists
