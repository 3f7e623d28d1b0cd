"""Codecs for shapes that only Terraform's provider has: blocks of names with values, and JSON inside a text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from mainstay.core.records import dataclass
from mainstay.formats.codec import NOT_WRITTEN, CannotExpress, Codec, Dialect, Foreign, Reading
from mainstay.formats.lists import Each, LinkTo
from mainstay.formats.scalars import text
from mainstay.formats.terraform.hcl import settled
from mainstay.formats.terraform.understanding import json_inside
from mainstay.formats.terraform.words import Perhaps, Template
from mainstay.plan.values import Attr, If, Json, Param, Ref, Unknown


@dataclass(frozen=True)
class NamedBlocks:
    """A mapping as blocks of a name and a value, such as an option's settings; `also` stands in each of them."""

    name: str
    value: str
    item: Codec = text
    absent: object = None

    def is_silent(self, value: Mapping[str, object]) -> bool:
        """Whether there is nothing to write."""
        return not value

    def write(self, value: Mapping[str, object], dialect: Dialect) -> Json:
        """A block for each name, in the plan's order."""
        return [{self.name: name, self.value: self.item.write(item, dialect)} for name, item in value.items()]

    def read(self, node: Json, reading: Reading) -> Mapping[str, object]:
        """The mapping; Foreign when a block is repeated, or holds more than a name and a value."""
        found: dict[str, object] = {}
        for block in node if isinstance(node, list) else [node]:
            match block:
                case {self.name: str(name), self.value: item, **rest} if not rest and name not in found:
                    found[name] = self.item.read(item, reading)
                case _:
                    raise Foreign
        return found


@dataclass(frozen=True)
class BlockEach:
    """A list of values, each of which is the only argument of a block of its own.

    `computed` are attributes that the provider adds where a plan or a state is shown; nobody writes them.
    """

    argument: str
    items: Each
    computed: frozenset[str] = frozenset()
    absent: object = ()

    def is_silent(self, value: tuple[object, ...]) -> bool:
        """Whether there is nothing to write."""
        return not value

    def write(self, value: tuple[object, ...], dialect: Dialect) -> Json:
        """The bodies; CannotExpress when only Terraform knows how many there are."""
        written = self.items.write(value, dialect)
        if not isinstance(written, list):
            raise CannotExpress("a list that is known only to Terraform cannot be a block for each element")
        if any(isinstance(one, Perhaps) for one in written):
            raise CannotExpress("a block for an element cannot hang on a condition")
        return [{self.argument: one} for one in written]

    def read(self, node: Json, reading: Reading) -> tuple[object, ...]:
        """The values; Foreign when a block holds more."""
        bodies = node if isinstance(node, list) else [node]
        if not all(isinstance(body, dict) and body.keys() - self.computed == {self.argument} for body in bodies):
            raise Foreign
        return self.items.read([cast("dict[str, Json]", body)[self.argument] for body in bodies], reading)


@dataclass(frozen=True)
class InJson:
    """A value whose JSON stands inside a text, by `jsonencode`: Terraform takes JSON for an expression."""

    item: Codec
    absent: object = NOT_WRITTEN

    def is_silent(self, value: object) -> bool:
        """Whether there is nothing to write."""
        return self.item.is_silent(value)

    def write(self, value: object, dialect: Dialect) -> Json:
        """`${jsonencode({…})}`."""
        return Template(f"${{jsonencode({json.dumps(settled(self.item.write(value, dialect)))})}}")

    def read(self, node: Json, reading: Reading) -> object:
        """The value; Foreign when the text holds something else."""
        inner = json_inside(node) if isinstance(node, str) else None
        if inner is None:
            raise Foreign
        return self.item.read(inner, reading)


@dataclass(frozen=True)
class Alone:
    """A tuple of one, where the provider takes a single value."""

    item: Codec
    absent: object = ()

    def is_silent(self, value: tuple[object, ...]) -> bool:
        """Whether there is nothing to write."""
        return not value

    def write(self, value: tuple[object, ...], dialect: Dialect) -> Json:
        """The one value; CannotExpress when there are more."""
        whole = isinstance(value[0], Unknown) and value[0].is_list
        chosen = isinstance(value[0], If) and tuple in (type(value[0].when_true), type(value[0].when_false))
        if len(value) != 1 or whole or chosen or (isinstance(value[0], Param) and dialect.is_list(value[0].name)):
            raise CannotExpress("the provider takes one value, and this is a list of them")
        return self.item.write(value[0], dialect)

    def read(self, node: Json, reading: Reading) -> tuple[object, ...]:
        """The value in a tuple."""
        return (self.item.read(node, reading),)


@dataclass(frozen=True)
class InList:
    """A single value, where the provider takes a list of them."""

    item: Codec
    absent: object = NOT_WRITTEN

    def is_silent(self, value: object) -> bool:
        """As the codec."""
        return self.item.is_silent(value)

    def write(self, value: object, dialect: Dialect) -> Json:
        """A list of one."""
        return [self.item.write(value, dialect)]

    def read(self, node: Json, reading: Reading) -> object:
        """The one element; Foreign when there are others.

        What a plan shows of a list that is not known yet is the one resource that its expression names, which is its
        element where references are wanted.
        """
        whole = reading.dialect.parse(node) if isinstance(node, str) else None
        if isinstance(whole, list):
            node = whole
        elif isinstance(whole, Attr) and isinstance(self.item, LinkTo):
            node = [node]
        if not isinstance(node, list) or len(node) != 1:
            raise Foreign
        return self.item.read(node[0], reading)


@dataclass(frozen=True)
class ByIdentifier(LinkTo):
    """Another resource by whatever a metric knows it by."""

    identities: tuple[str, ...] = ("id",)

    def _referred(self, value: object, dialect: Dialect) -> object:
        return Ref(value.key) if isinstance(value, Attr) and value.name == "id" else value


dimensions = ByIdentifier()
