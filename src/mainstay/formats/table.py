"""A format is a table: rows of *field, property path, codec*, from which writing and reading are both derived."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from typing import Any, Final, TypeAlias, cast

from mainstay.core.records import dataclass
from mainstay.formats.codec import Codec, Dialect, Foreign, Reading
from mainstay.formats.paths import below, put, segment
from mainstay.plan.values import Json

_UNSET: Final = object()

# Rows by the parts of their paths: a row at the end, a deeper tree in between.
_Tree: TypeAlias = "dict[str, _Tree | Row]"


@dataclass(frozen=True, slots=True)
class Row:
    """One field of a record and where it stands. `absent` is what the format means when nothing is written there,
    for a record whose own default says something else.
    """

    field: str
    path: str
    codec: Codec
    absent: object = _UNSET


@dataclass(frozen=True)
class Rows:
    """The rows of one record class; they write properties in their own order."""

    record: type
    rows: tuple[Row, ...]

    @cached_property
    def tree(self) -> _Tree:
        """The rows by path."""
        root: _Tree = {}
        for row in self.rows:
            *between, last = row.path.split(".")
            here = root
            for part in between:
                here = cast("_Tree", here.setdefault(part, {}))
            here[last] = row
        return root

    @cached_property
    def defaults(self) -> dict[str, object]:
        """What the fields are when nothing was written, where the record does not say so itself."""
        required = {
            spec.name
            for spec in dataclasses.fields(self.record)
            if spec.default is dataclasses.MISSING and spec.default_factory is dataclasses.MISSING
        }
        named = {row.field: row.absent for row in self.rows if row.absent is not _UNSET}
        return {row.field: row.codec.absent for row in self.rows if row.field in required} | named

    @cached_property
    def spoken(self) -> frozenset[str]:
        """The fields that are written even when nobody has set them."""
        unset = {spec.name: _default(spec) for spec in dataclasses.fields(self.record)} | self.defaults
        return frozenset(
            row.field for row in self.rows if unset[row.field] is not None and not row.codec.is_silent(unset[row.field])
        )

    def write(self, record: object, dialect: Dialect) -> dict[str, Json]:
        """A record's properties; CannotExpress names what the format has no form for."""
        properties: dict[str, Json] = {}
        for row in self.rows:
            value = getattr(record, row.field)
            if value is not None and not row.codec.is_silent(value):
                put(properties, row.path, row.codec.write(value, dialect))
        return properties

    def read(self, node: Mapping[str, Json], reading: Reading) -> dict[str, object]:
        """The fields found in a record's properties; the rest goes to the extras of `reading`.

        Foreign when a field is missing that the record requires and that has no value for that case.
        """
        fields = dict(self.defaults)
        self._descend(node, self.tree, reading.path, reading, fields)
        if any(fields[name] is None for name in self.defaults):
            raise Foreign
        return fields

    def _descend(
        self, node: Mapping[str, Json], tree: _Tree, path: str, reading: Reading, fields: dict[str, object]
    ) -> None:
        for name, child in node.items():
            part = segment(name)
            self._visit(child, tree.get(part), below(path, part), reading, fields)

    def _visit(
        self, node: Json, known: _Tree | Row | None, path: str, reading: Reading, fields: dict[str, object]
    ) -> None:
        if isinstance(known, Row) and node is not None:
            inner = Reading(reading.dialect, path)
            try:
                value = known.codec.read(node, inner)
                reading.extras.update(inner.extras)
                if value is not None:
                    fields[known.field] = value
            except Foreign:
                self._leave_out(known, fields)
                reading.extras[path] = node
        elif isinstance(known, dict) and isinstance(node, dict) and node and "0" not in known:
            self._descend(node, known, path, reading, fields)
        elif isinstance(known, dict) and isinstance(node, list) and node and "0" in known:
            for index, item in enumerate(node):
                self._visit(item, known.get(str(index)), f"{path}.{index}", reading, fields)
        else:
            if isinstance(known, Row):
                self._leave_out(known, fields)
            reading.extras[path] = node

    def _leave_out(self, row: Row, fields: dict[str, object]) -> None:
        """Make the field silent, because an extra is written in its place; Foreign where the field cannot be."""
        if row.field in self.spoken:
            if row.codec.absent is None:
                raise Foreign
            fields[row.field] = row.codec.absent


def _default(spec: dataclasses.Field[Any]) -> object:
    if spec.default_factory is not dataclasses.MISSING:
        return spec.default_factory()
    return None if spec.default is dataclasses.MISSING else spec.default


@dataclass(frozen=True)
class Table:
    """How one kind of resource is spelled.

    `attributes` gives the format's name for each attribute of the plan; `ref_is` says which of them a bare
    reference stands for (`id` when it has no other name); `ref_attributes` are further names for the same.
    """

    type_name: str
    kind: type
    rows: tuple[Row, ...]
    attributes: Mapping[str, str] = field(default_factory=dict)
    ref_is: str = "id"
    ref_attributes: tuple[str, ...] = ()

    @cached_property
    def body(self) -> Rows:
        """The rows, ready to write and to read."""
        return Rows(self.kind, self.rows)

    @cached_property
    def attribute_names(self) -> dict[str, str]:
        """The plan's name for each of the format's attributes."""
        return {theirs: ours for ours, theirs in self.attributes.items()} | dict.fromkeys(self.ref_attributes, "id")


@dataclass(frozen=True)
class Block:
    """A record inside a record, such as the metadata options of an instance."""

    rows: Rows
    absent: object = None

    def is_silent(self, value: object) -> bool:
        """Never: an empty block is written as one."""
        return False

    def write(self, value: object, dialect: Dialect) -> Json:
        """The block's properties."""
        return self.rows.write(value, dialect)

    def read(self, node: Json, reading: Reading) -> Any:
        """The block; Foreign unless it is a mapping of properties."""
        properties = reading.dialect.parse(node)
        if not isinstance(properties, dict):
            raise Foreign
        return self.rows.record(**self.rows.read(properties, reading))


@dataclass(frozen=True)
class Blocks:
    """A list of records. Where `keeps_empty`, an empty list says something else than no list."""

    rows: Rows
    keeps_empty: bool = False
    absent: object = ()

    def is_silent(self, value: tuple[object, ...]) -> bool:
        """Whether there is nothing to write."""
        return not value and not self.keeps_empty

    def write(self, value: tuple[object, ...], dialect: Dialect) -> Json:
        """The list of blocks."""
        return [self.rows.write(record, dialect) for record in value]

    def read(self, node: Json, reading: Reading) -> tuple[Any, ...]:
        """The records; Foreign when one of them is not written out."""
        if not isinstance(node, list):
            raise Foreign
        block = Block(self.rows)
        places = (Reading(reading.dialect, f"{reading.path}.{index}", reading.extras) for index in range(len(node)))
        return tuple(block.read(item, place) for item, place in zip(node, places, strict=True))


def block(record: type, *rows: Row) -> Block:
    """A codec for a record inside a record."""
    return Block(Rows(record, rows))


def blocks(record: type, *rows: Row, keeps_empty: bool = False) -> Blocks:
    """A codec for a list of records."""
    return Blocks(Rows(record, rows), keeps_empty)
