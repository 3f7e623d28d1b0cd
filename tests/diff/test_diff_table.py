"""The table: every row is about something that exists, and no replacement that a schema tells is missing."""

from __future__ import annotations

import dataclasses
import re

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from mainstay import diff, facts
from mainstay.diff.row import Row
from mainstay.diff.table import BY_FIELD, ROWS
from mainstay.formats import cloudformation, terraform
from mainstay.plan.resources import KINDS, Resource


def test_there_is_one_row_a_field_and_no_row_of_nothing() -> None:
    assert len(ROWS) == len(BY_FIELD) > 30
    strangers = [
        (row.kind.__name__, row.field)
        for row in ROWS
        if row.kind not in KINDS or row.field not in {spec.name for spec in dataclasses.fields(row.kind)}
    ]
    assert strangers == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.kind.__name__}.{row.field}")
def test_a_row_says_where_it_is_from_and_ends_with_what_holds_otherwise(row: Row) -> None:
    assert re.search(r"\(2026-\d\d-\d\d\)$", row.source)
    assert row.cases[-1].test is None
    assert [case for case in row.cases[:-1] if case.test is None or not case.when] == []
    assert [case.outage for case in row.cases if case.outage and facts.outage(case.outage).most <= 0] == []
    interrupting = (diff.Effect.REBOOT, diff.Effect.FAILOVER, diff.Effect.PENDING_REBOOT)
    assert [case for case in row.cases if bool(case.outage) != (case.effect in interrupting)] == []


@pytest.mark.parametrize("kind", cloudformation.TABLES, ids=lambda kind: kind.__name__)
def test_no_create_only_property_of_the_schemas_is_missing(kind: type[Resource]) -> None:
    name = cloudformation.TABLES[kind].type_name
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name).schema
    written = [path.split("/")[2] for path in schema.get("createOnlyProperties", ())]
    assert [one for one in written if diff.replaces(name, [one]) != "yes"] == []
    perhaps = [path.split("/")[2] for path in schema.get("conditionalCreateOnlyProperties", ())]
    assert [one for one in perhaps if diff.replaces(name, [one]) == "no"] == []
    assert facts.has_replacement_facts(name)


@pytest.mark.parametrize("name", [one for one in facts.replacement_types() if one not in cloudformation.tables.BY_TYPE])
def test_types_that_no_table_reads_are_as_their_schemas_say(name: str) -> None:
    """Foreign templates have them, and some hold data."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name).schema
    written = [path.split("/")[2] for path in schema.get("createOnlyProperties", ())]
    assert [one for one in written if diff.replaces(name, [one]) != "yes"] == []


@pytest.mark.parametrize("kind", terraform.TABLES, ids=lambda kind: kind.__name__)
def test_every_type_of_the_provider_is_known_with_arguments_that_exist(kind: type[Resource]) -> None:
    table = terraform.TABLES[kind]
    assert facts.has_replacement_facts(table.type_name)


def test_a_replacement_of_a_field_is_one_in_both_formats_or_known_not_to_be() -> None:
    """What CloudFormation replaces and the provider does not, and the other way round, among the fields of a plan."""
    targets = [
        diff.Target(diff.CLOUDFORMATION, cloudformation.TABLES),
        diff.Target(diff.TERRAFORM, terraform.TABLES),
    ]
    differing = set()
    for kind in terraform.TABLES:
        for row in cloudformation.TABLES[kind].rows:
            one, other = (target.place_of(kind, row.field) for target in targets)
            own = terraform.TABLES[kind].type_name == other[0]
            answers = diff.replaces(one[0], [one[1]]) == "yes", own and diff.replaces(other[0], [other[1]]) == "yes"
            if answers[0] != answers[1]:
                differing.add(f"{kind.__name__}.{row.field}")
    assert {"DbInstance.identifier", "DbInstance.subnet_group", "DbProxy.name"} <= differing
    assert {"DbInstance.key_id", "DbInstance.database_name", "ParameterGroup.description"} & differing == set()
