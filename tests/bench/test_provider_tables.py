"""What is said of Terraform's tables against the provider's schema: unknown, wrongly shaped and missing arguments."""

from __future__ import annotations

import pytest
from bench.oracles.provider_schema import Argument, BlockType
from bench.oracles.provider_tables import READ, REWRITTEN, SUPPLIED, Use, complaints, shape, uses

from mainstay.formats import lists, scalars
from mainstay.formats.codec import Codec
from mainstay.formats.terraform import TABLES
from mainstay.formats.terraform.codecs import InList
from mainstay.formats.terraform.policies import policy


def argument(storage: str = "string", kind: str = "simple", *, is_required: bool = False) -> Argument:
    return Argument(is_block=False, is_required=is_required, kind=kind, storage=storage)


def nested(*, is_required: bool = False, **members: Argument) -> Argument:
    return Argument(is_block=True, is_required=is_required, kind="list", storage="x", block=members)


SCHEMA = BlockType(
    {
        "name": argument(is_required=True),
        "days": argument("number"),
        "subnet_ids": argument("stringList", "set"),
        "rule": nested(id=argument(is_required=True), status=argument()),
        "alone": nested(is_required=True, only=argument(is_required=True)),
    },
    frozenset({"name", "arn"}),
)
NAME = Use("aws_thing", "name", "string", is_sure=True)
ONLY = Use("aws_thing", "alone.only", "string", is_sure=False)
SURE = Use("aws_thing", "alone.only", "string", is_sure=True)


@pytest.mark.parametrize(
    ("written", "is_always", "said"),
    [
        ([NAME, SURE], True, []),
        ([NAME, SURE, Use("aws_other", "nonsense", "string", is_sure=False)], True, []),
        ([NAME, SURE, Use("aws_thing", "days", "number", is_sure=False)], True, []),
        ([NAME, SURE, Use("aws_thing", "days", "string", is_sure=False)], True, ["days is no string, it is a number"]),
        ([NAME, SURE, Use("aws_thing", "name", "number", is_sure=True)], True, []),
        ([NAME, SURE, Use("aws_thing", "subnet_ids", "list", is_sure=False)], True, []),
        ([NAME, SURE, Use("aws_thing", "week", "string", is_sure=False)], True, ["week is unknown"]),
        ([NAME, SURE, Use("aws_thing", "name.week", "string", is_sure=False)], True, ["name.week is unknown"]),
        ([NAME, SURE, Use("aws_thing", "rule", "map", is_sure=False)], True, ["rule is no map"]),
        ([NAME, SURE, Use("aws_thing", "rule", "block", is_sure=False)], True, ["rule.id is required, and nothing"]),
        ([SURE], True, ["name is required, and nothing writes it"]),
        ([NAME], True, ["alone is required, and nothing writes it"]),
        ([NAME, ONLY], True, ["alone is required, and a plan may come without it"]),
        # A block beside the main one comes with its only member; what follows from it makes none by itself.
        ([Use("aws_thing", "name", "string", is_sure=True, follows=True), ONLY], False, []),
        ([NAME, ONLY], False, ["alone is required, and a plan may come without it"]),
        (
            [NAME, SURE, *(Use("aws_thing", f"rule.{name}", "string", is_sure=False) for name in ("id", "status"))],
            True,
            ["rule.id is required, and a plan may come without it"],
        ),
    ],
)
def test_a_table_is_held_against_the_schema(written: list[Use], is_always: bool, said: list[str]) -> None:
    found = list(complaints("aws_thing", written, SCHEMA, is_always=is_always))
    assert len(found) == len(said)
    assert all(one.startswith(f"aws_thing.{expected}") for one, expected in zip(found, said, strict=True))


def test_a_type_that_the_provider_does_not_have_is_named() -> None:
    assert list(complaints("aws_thing", [NAME], None)) == ["aws_thing is unknown"]


@pytest.mark.parametrize(
    ("codec", "written"),
    [
        (scalars.text, "string"),
        (scalars.gib_text, "string"),
        (scalars.hours_text, "string"),
        (scalars.switch("Enabled", "Disabled"), "string"),
        (scalars.weekly_window, "string"),
        (scalars.days, "number"),
        (scalars.mib, "number"),
        (scalars.number, "number"),
        (scalars.boolean, "boolean"),
        (lists.texts, "list"),
        (InList(scalars.text), "list"),
        (lists.Named(scalars.text), "map"),
        (lists.link("id"), "string"),
        (policy, "string"),
    ],
)
def test_a_codec_says_what_it_writes(codec: Codec, written: str) -> None:
    assert shape(codec) == written


def test_every_row_of_every_table_is_looked_at() -> None:
    found = {f"{use.type_name}.{use.path}".rstrip(".") for table in TABLES.values() for use in uses(table)}
    rows = {row.path for table in TABLES.values() for row in table.rows if ".//." not in row.path}
    assert rows - found == REWRITTEN.keys() & rows
    assert found >= {"aws_backup_plan.rule.copy_action.lifecycle.delete_after", "aws_iam_role_policy.role", *SUPPLIED}
    assert {target for target in REWRITTEN.values() if "." in target} <= found
    assert ("data", "aws_region", "region") in READ
