"""Codecs for links to other resources, for lists of values, and for names with values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from mainstay.core.records import dataclass
from mainstay.formats.codec import NOT_WRITTEN, Codec, Dialect, Foreign, Reading
from mainstay.formats.scalars import Scalar, text
from mainstay.plan.values import Attr, If, Json, Param, Ref, Unknown


@dataclass(frozen=True)
class LinkTo:
    """Another resource by its identity (`id`, `arn`, `name`), or the id of something outside the plan.

    The first identity is written; any of them is read as the same reference.
    """

    identities: tuple[str, ...]
    absent: object = NOT_WRITTEN

    def is_silent(self, value: object) -> bool:
        """Whether the value stands for something that was not written."""
        return text.is_silent(value)

    def write(self, value: object, dialect: Dialect) -> Json:
        """A reference, expression or literal in the format's form."""
        return self._scalar(dialect).write(value, dialect)

    def read(self, node: Json, reading: Reading) -> object:
        """A Ref where the resource is named by one of the identities, otherwise what a text would be."""
        return self._referred(text.read(node, reading), reading.dialect)

    def _scalar(self, dialect: Dialect) -> Scalar:
        def to_wire(value: object) -> Json:
            return dialect.reference(value.key, self.identities[0]) if isinstance(value, Ref) else str(value)

        return Scalar(to_wire, str)

    def _referred(self, value: object, dialect: Dialect) -> object:
        if isinstance(value, If):
            sides = (self._referred(side, dialect) for side in (value.when_true, value.when_false))
            return If(value.condition, *sides)
        if isinstance(value, Attr) and dialect.identifies(value.key, value.name, self.identities):
            return Ref(value.key)
        return value


@dataclass(frozen=True)
class Each:
    """A list of values. A lone element may stand for the whole list: a list parameter, an `If` between tuples,
    or an Unknown that `is_list`.
    """

    item: Codec
    absent: object = ()

    def is_silent(self, value: tuple[object, ...]) -> bool:
        """Whether there is nothing to write."""
        return not value

    def write(self, value: tuple[object, ...], dialect: Dialect) -> Json:
        """The list, or the expression that stands for all of it."""
        match value:
            case (If(_, when_true, when_false) as chosen,) if isinstance(when_true, tuple) or isinstance(
                when_false, tuple
            ):
                return dialect.choice(chosen, self._side(when_true, dialect), self._side(when_false, dialect))
            case (Unknown(is_list=True) as whole,):
                return dialect.render(whole)
            case (Param(name) as whole,) if dialect.is_list(name):
                return dialect.render(whole)
        return [self.item.write(element, dialect) for element in value]

    def read(self, node: Json, reading: Reading) -> tuple[Any, ...]:
        """The elements; Foreign when one of them is nothing."""
        return self._whole(reading.dialect.parse(node), reading)

    def _side(self, side: object, dialect: Dialect) -> Json:
        return self.write(side, dialect) if isinstance(side, tuple) else None

    def _whole(self, parsed: object, reading: Reading) -> tuple[Any, ...]:
        match parsed:
            case list():
                return tuple(self._element(element, reading) for element in parsed)
            case If(condition, when_true, when_false):
                sides = [None if side is None else self._whole(side, reading) for side in (when_true, when_false)]
                if sides == [None, None]:
                    raise Foreign
                return (If(condition, *sides),)
            case Unknown():
                return (dataclasses.replace(parsed, is_list=True),)
            case Attr(_, name) if name != "id" and not isinstance(self._element(parsed, reading), Ref):
                return (Unknown("an attribute that may be a list", reading.dialect.render(parsed), is_list=True),)
        # One value where a list is wanted: CloudFormation and Terraform both take it for a list of one.
        return (self._element(parsed, reading),)

    def _element(self, node: Any, reading: Reading) -> object:  # Any: as written, or parsed already
        return _present(None if node is None else self.item.read(node, reading))


@dataclass(frozen=True)
class Named:
    """A mapping of names to values, as a plain mapping; sorted where the order says nothing."""

    item: Codec
    is_sorted: bool = False
    absent: object = None

    def is_silent(self, value: Mapping[str, object]) -> bool:
        """Whether there is nothing to write."""
        return not value

    def write(self, value: Mapping[str, object], dialect: Dialect) -> Json:
        """The mapping, in the plan's order unless it is sorted."""
        names = sorted(value) if self.is_sorted else list(value)
        return {name: self.item.write(value[name], dialect) for name in names}

    def read(self, node: Json, reading: Reading) -> Mapping[str, object]:
        """The mapping; Foreign when the whole of it is an expression."""
        mapping = reading.dialect.parse(node)
        if not isinstance(mapping, dict):
            raise Foreign
        return {
            name: _present(None if node is None else self.item.read(node, reading)) for name, node in mapping.items()
        }


def _present(value: object) -> object:
    if value is None:
        raise Foreign
    return value


def link(*identities: str) -> LinkTo:
    """A codec for a reference by the first of these identities; the others are understood."""
    return LinkTo(identities)


def links(*identities: str) -> Each:
    """A codec for a list of references."""
    return Each(LinkTo(identities))


texts = Each(text)
