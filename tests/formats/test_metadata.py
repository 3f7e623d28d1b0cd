"""The intent as metadata: complete, with a version, and refused when it is damaged."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mainstay.core.errors import InputRefused
from mainstay.core.units import Duration
from mainstay.formats.metadata import VERSION, Metadata, read_metadata, write_metadata
from mainstay.plan.intent import DrillIntent, Intent, SqlCheck, Suppression
from mainstay.plan.plan import OutputOf, Parameter, RegionPlan

INTENT = Intent(
    name="shop",
    environment="dev",
    rpo=Duration.parse("5m"),
    drill=DrillIntent(
        every=Duration.parse("7d"), parallel=4, checks=(SqlCheck(name="n", statement="select '{{resolve:ssm:a}}'"),)
    ),
    suppressions=(Suppression(rule="DB001", reason="known", until=date(2027, 1, 31)),),
)
FILLED = Parameter(name="KeyArn", source=OutputOf("us-east-1", "Key"))
REGION = RegionPlan(region="eu-west-1", stack="shop-dev")


def written() -> dict[str, Any]:
    return dict(write_metadata(REGION, INTENT))


def test_it_is_read_back_as_it_was() -> None:
    assert read_metadata(written(), file="t") == Metadata(region="eu-west-1", stack="shop-dev", intent=INTENT)
    assert written()["Intent"]["Rpo"] == "5m"
    assert written()["Version"] == VERSION


def test_nothing_to_say_is_nothing_written() -> None:
    assert write_metadata(RegionPlan(region=""), Intent()) == {}
    assert write_metadata(RegionPlan(region="a"), Intent()) != {}
    assert write_metadata(RegionPlan(region="", stack="a"), Intent()) != {}
    assert write_metadata(RegionPlan(region=""), Intent(name="a")) != {}
    assert write_metadata(RegionPlan(region="", parameters=(FILLED,)), Intent()) != {}
    assert read_metadata(None, file="t") == Metadata()


def test_where_a_parameter_comes_from_is_told() -> None:
    region = RegionPlan(region="eu-west-1", parameters=(Parameter(name="Given"), FILLED))
    node = write_metadata(region, Intent())
    assert node["Sources"] == {"KeyArn": {"Region": "us-east-1", "Output": "Key"}}
    assert read_metadata(node, file="t").sources == {"KeyArn": OutputOf("us-east-1", "Key")}


def test_a_newer_version_is_refused() -> None:
    with pytest.raises(InputRefused, match="template of a newer Mainstay"):
        read_metadata({**written(), "Version": VERSION + 1}, file="t")


@pytest.mark.parametrize(
    "damage",
    [
        {"Version": 0},
        {"Version": True, "Region": 5},
        {"Region": 5},
        {"More": 1},
        {"Sources": []},
        {"Sources": {"A": "b"}},
        {"Sources": {"A": {"Region": "us-east-1"}}},
        {"Sources": {"A": {"Region": "us-east-1", "Output": 5}}},
        {"Sources": {"A": {"Region": "us-east-1", "Output": "b", "More": 1}}},
        {"Intent": []},
        {"Intent": {"Rpo": "soon"}},
        {"Intent": {"Name": []}},
        {"Intent": {"Unheard": 1}},
        {"Intent": {"Drill": 5}},
        {"Intent": {"Suppressions": [5]}},
        {"Intent": {"Suppressions": [{"Rule": "a", "Reason": "b", "Until": "someday"}]}},
        {"Intent": {"Suppressions": [{"Rule": "a"}]}},
    ],
)
def test_damage_is_refused(damage: dict[str, Any]) -> None:
    with pytest.raises(InputRefused, match="metadata of Mainstay damaged"):
        read_metadata({**written(), **damage}, file="t")


def test_metadata_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(InputRefused, match="metadata of Mainstay damaged"):
        read_metadata([], file="t")
