"""The tables against CloudFormation's own provider schemas, as cfn-lint carries them."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from mainstay.formats import lists, scalars
from mainstay.formats.cloudformation import REFUSED, TABLES, codecs
from mainstay.formats.cloudformation.policies import PolicyDocument
from mainstay.formats.cloudformation.tables import BY_TYPE
from mainstay.formats.patterns import PatternCodec
from mainstay.formats.table import Block, Blocks, Row, Table
from mainstay.plan.resources import KINDS, Opaque, Resource

# What a codec writes, in the words of JSON schema.
WRITES: Mapping[int, str] = {
    id(scalars.text): "string",
    id(scalars.integer): "integer",
    id(scalars.integer_text): "string",
    id(scalars.number): "number",
    id(scalars.boolean): "boolean",
    id(scalars.gib): "integer",
    id(scalars.gib_text): "string",
    id(scalars.mib): "integer",
    id(scalars.days): "integer",
    id(scalars.hours): "integer",
    id(scalars.hours_text): "string",
    id(scalars.minutes): "integer",
    id(scalars.schedule): "string",
    id(scalars.seconds): "integer",
    id(scalars.seconds_text): "string",
    id(scalars.daily_window): "string",
    id(scalars.weekly_window): "string",
    id(codecs.user_data): "string",
}
ASIDE = {"key", "address", "origin", "extras", "depends_on", "on_delete", "on_replace"}
# Properties that a schema demands, but that only a plan with an Unknown leaves out.
EACH = pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.type_name)


def schema_of(table: Table) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", table.type_name).schema
    return schema


def resolved(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        found: Any = schema
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def at(schema: Mapping[str, Any], node: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    for part in path.split("."):
        node = resolved(schema, node)
        node = node["items"] if part.isdecimal() else node["properties"][part]
    return resolved(schema, node)


def written(codec: Any) -> str:
    match codec:
        case Block() | lists.Named() | PolicyDocument() | PatternCodec():
            return "object"
        case Blocks() | lists.Each() | codecs.NameValues():
            return "array"
        case lists.LinkTo() | scalars.Plain():
            return "string"
    return WRITES[id(codec)]


def leaves(schema: Mapping[str, Any], node: Mapping[str, Any], rows: tuple[Row, ...]) -> Iterator[tuple[Row, Any]]:
    for row in rows:
        found = at(schema, node, row.path)
        yield row, found
        if isinstance(row.codec, Block):
            yield from leaves(schema, found, row.codec.rows.rows)
        if isinstance(row.codec, Blocks):
            yield from leaves(schema, resolved(schema, found["items"]), row.codec.rows.rows)


def required_paths(
    schema: Mapping[str, Any], node: Mapping[str, Any], rows: Collection[str], path: str = ""
) -> Iterator[str]:
    """What has to be written, by the rows' paths: below a property that the rows take apart, its own members."""
    for name in node.get("required", []):
        here = f"{path}{name}"
        if any(row.startswith(f"{here}.") for row in rows):
            yield from required_paths(schema, resolved(schema, node["properties"][name]), rows, f"{here}.")
        else:
            yield here


def test_every_kind_has_a_table_or_a_reason() -> None:
    assert TABLES
    assert set(TABLES) | set(REFUSED) == set(KINDS)
    assert not set(TABLES) & set(REFUSED)
    assert all(reason.strip() for reason in REFUSED.values())
    assert Opaque not in TABLES
    assert len(BY_TYPE) == len(TABLES)


@EACH
def test_every_field_has_one_row(table: Table) -> None:
    fields = {spec.name for spec in dataclasses.fields(table.kind)} - ASIDE
    assert sorted(row.field for row in table.rows) == sorted(fields)
    assert len({row.path for row in table.rows}) == len(table.rows)


def test_every_field_of_a_block_has_one_row() -> None:
    blocks = [
        row.codec.rows for table in TABLES.values() for row in table.rows if isinstance(row.codec, Block | Blocks)
    ]
    assert len(blocks) > 5
    for rows in blocks:
        fields = {spec.name for spec in dataclasses.fields(rows.record)}
        assert {row.field for row in rows.rows} == fields


@EACH
def test_every_path_exists_with_that_type(table: Table) -> None:
    schema = schema_of(table)
    for row, found in leaves(schema, schema, table.rows):
        allowed = found["type"] if isinstance(found["type"], list) else [found["type"]]
        # A whole number is a number as well.
        fits = {written(row.codec), "number" if written(row.codec) == "integer" else ""}
        assert fits & set(allowed), (row.path, allowed)


@EACH
def test_every_list_holds_what_the_schema_says(table: Table) -> None:
    schema = schema_of(table)
    for row, found in leaves(schema, schema, table.rows):
        if isinstance(row.codec, codecs.NameValues):
            pair = resolved(schema, found["items"])["properties"]
            assert {row.codec.name, "Value"} == set(pair)
        if isinstance(row.codec, lists.Each):
            assert resolved(schema, found["items"])["type"] == "string"


@EACH
def test_nothing_that_is_read_only_is_written(table: Table) -> None:
    read_only = {path.removeprefix("/properties/") for path in schema_of(table).get("readOnlyProperties", [])}
    # RDS lets one member of a read-only block be chosen.
    assert not {row.path for row in table.rows} & read_only


@EACH
def test_every_required_property_is_a_required_field(table: Table) -> None:
    paths = {row.path: row for row in table.rows}
    required = set(required_paths(schema_of(table), schema_of(table), paths))
    assert required <= paths.keys()
    for path in required:
        spec = next(one for one in dataclasses.fields(table.kind) if one.name == paths[path].field)
        has_default = spec.default is not dataclasses.MISSING or spec.default_factory is not dataclasses.MISSING
        # The target type of an attachment is the only kind of database that a plan holds.
        assert not has_default or spec.default == "AWS::RDS::DBInstance", path


@EACH
def test_every_attribute_can_be_asked_for(table: Table) -> None:
    known = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", table.type_name).get_atts
    for theirs in (*table.attributes.values(), *table.ref_attributes):
        assert theirs in known, theirs
    assert not set(table.attributes) & {"id"}
    assert table.ref_is == "id" or table.ref_is in table.attributes or table.ref_is == "name"


@EACH
def test_a_missing_property_never_stops_a_resource(table: Table) -> None:
    assert None not in table.body.defaults.values()
    assert all(row.codec.absent is not None for row in table.rows if row.field in table.body.spoken)


def test_a_kind_is_in_the_table_of_its_type() -> None:
    assert {kind.__name__: table.kind for kind, table in TABLES.items()} == {kind.__name__: kind for kind in KINDS}
    assert all(issubclass(table.kind, Resource) for table in TABLES.values())
