"""What stands inside the tables' blocks, and the words and numbers that we fix, against CloudFormation's schemas."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pytest
from tests.formats.cloudformation.test_tables import EACH, leaves, required_paths, resolved, schema_of

from mainstay import facts
from mainstay.formats import scalars
from mainstay.formats.cloudformation.tables import BY_TYPE
from mainstay.formats.table import Block, Blocks, Row, Table

Found = tuple[Row, Mapping[str, Any]]


def found_in(type_name: str) -> list[Found]:
    table = BY_TYPE[type_name]
    return list(leaves(schema_of(table), schema_of(table), table.rows))


def enum(type_name: str, field: str) -> Collection[Any]:
    """The values that a schema allows for a field."""
    (node,) = (node for row, node in found_in(type_name) if row.field == field)
    node = resolved(schema_of(BY_TYPE[type_name]), node["items"]) if "items" in node else node
    allowed: Collection[Any] = node["enum"]
    return allowed


def silent(table: Table) -> Iterator[tuple[Row, str]]:
    """What a block has to have, and its record can come without."""
    schema = schema_of(table)
    for row, node in leaves(schema, schema, table.rows):
        if isinstance(row.codec, Block | Blocks):
            rows = {one.path: one for one in row.codec.rows.rows}
            inner = node if isinstance(row.codec, Block) else resolved(schema, node["items"])
            fields = {spec.name: spec for spec in dataclasses.fields(row.codec.rows.record)}
            for path in required_paths(schema, inner, rows):
                spec = fields[rows[path].field]
                if spec.default is None or spec.default_factory is not dataclasses.MISSING:
                    yield row, path


@EACH
def test_every_required_property_of_a_block_is_written(table: Table) -> None:
    assert list(silent(table)) == []


@EACH
def test_every_word_of_a_switch_is_one_that_the_schema_allows(table: Table) -> None:
    for row, node in leaves(schema_of(table), schema_of(table), table.rows):
        if isinstance(row.codec, scalars.Plain) and row.codec.silent is None:
            assert {row.codec.to_wire(is_on) for is_on in (True, False)} <= set(node["enum"]), row.path


@EACH
def test_every_word_that_a_field_is_typed_with_is_allowed(table: Table) -> None:
    hints = {spec.name: str(spec.type) for spec in dataclasses.fields(table.kind)}
    for row, node in leaves(schema_of(table), schema_of(table), table.rows):
        if "Literal[" in hints.get(row.field, ""):
            written = hints[row.field].partition("Literal[")[2].partition("]")[0]
            words = typing.get_args(eval(f"Literal[{written}]", {"Literal": typing.Literal}))  # text of our own source
            assert words
            assert set(words) <= set(node["enum"]), row.path


def test_the_days_that_we_know_are_those_that_the_services_take() -> None:
    retention = facts.load("retention").data
    assert retention["log_group_days"] == sorted(enum("AWS::Logs::LogGroup", "retention"))
    assert retention["performance_insights_days"] == sorted(
        enum("AWS::RDS::DBInstance", "performance_insights_retention")
    )


def test_the_statistics_of_recommended_alarms_are_those_of_cloudwatch() -> None:
    known = enum("AWS::CloudWatch::Alarm", "statistic")
    recommended = {fact.statistic for name in facts.metric_names() if (fact := facts.metric(name)) is not None}
    recommended -= {"p90", "p99"}  # extended statistics
    assert recommended
    assert recommended <= set(known)


@pytest.mark.parametrize(
    ("type_name", "field", "words"),
    [
        ("AWS::RDS::DBInstance", "insights_mode", {"standard", "advanced"}),
        ("AWS::RDS::DBProxy", "engine_family", {"MYSQL", "POSTGRESQL"}),
        ("AWS::RDS::DBProxy", "login_by_default", {"IAM_AUTH", "NONE"}),
        ("AWS::RDS::DBProxy", "scheme", {"SECRETS"}),
        ("AWS::RDS::DBProxy", "iam", {"REQUIRED", "DISABLED"}),
        ("AWS::EC2::FlowLog", "traffic", {"ALL", "REJECT"}),
        ("AWS::EC2::FlowLog", "destination_type", {"cloud-watch-logs", "s3"}),
        ("AWS::S3::Bucket", "algorithm", {"aws:kms", "AES256"}),
        ("AWS::S3::Bucket", "versioning", {"Enabled"}),
        ("AWS::S3::Bucket", "ownership", {"BucketOwnerEnforced"}),
        ("AWS::S3::Bucket", "storage_class", {"STANDARD_IA", "GLACIER", "DEEP_ARCHIVE"}),
        ("AWS::EC2::Instance", "tokens", {"required"}),
        ("AWS::EC2::Instance", "volume_type", {"gp3"}),
        ("AWS::Lambda::Function", "log_format", {"Text", "JSON"}),
        ("AWS::Lambda::Function", "architectures", {"arm64", "x86_64"}),
        ("AWS::Backup::RestoreTestingPlan", "algorithm", {"LATEST_WITHIN_WINDOW"}),
        ("AWS::Backup::RestoreTestingPlan", "recovery_point_types", {"SNAPSHOT", "CONTINUOUS"}),
        ("AWS::CloudWatch::Alarm", "missing_data", {"breaching", "notBreaching", "ignore", "missing"}),
    ],
)
def test_the_words_of_passes_and_rules_are_allowed(type_name: str, field: str, words: set[str]) -> None:
    assert words <= set(enum(type_name, field))
