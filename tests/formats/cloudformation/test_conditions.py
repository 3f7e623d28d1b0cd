"""Conditions that known parameters settle, and those that stay open."""

from __future__ import annotations

import pytest

from mainstay.formats.cloudformation.conditions import decide
from mainstay.formats.cloudformation.scope import Scope
from mainstay.plan.values import Json

SCOPE = Scope(parameters={"Env": "String", "Open": "String"}, given={"Env": "prod", "Flag": True})
TRUE: Json = {"Fn::Equals": [{"Ref": "Env"}, "prod"]}
FALSE: Json = {"Fn::Equals": [{"Ref": "Env"}, "dev"]}
OPEN: Json = {"Fn::Equals": [{"Ref": "Open"}, "x"]}


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        (TRUE, True),
        (FALSE, False),
        (OPEN, None),
        ({"Fn::Not": [FALSE]}, True),
        ({"Fn::Not": [OPEN]}, None),
        ({"Fn::And": [TRUE, TRUE]}, True),
        ({"Fn::And": [OPEN, FALSE]}, False),
        ({"Fn::And": [OPEN, TRUE]}, None),
        ({"Fn::Or": [OPEN, TRUE]}, True),
        ({"Fn::Or": [FALSE, FALSE]}, False),
        ({"Fn::Or": [OPEN, FALSE]}, None),
        ({"Condition": "IsProd"}, True),
        ({"Condition": "Nothing"}, None),
        ({"Condition": ["IsProd"]}, None),
        ({"Condition": "Subject"}, None),
        ({"Fn::Equals": [{"Fn::If": ["IsProd", "a", "b"]}, "a"]}, True),
        ({"Fn::Equals": [True, "true"]}, True),
        ({"Fn::Equals": ["a"]}, None),
        ({"Fn::Contains": [["a"], "a"]}, None),
        ("IsProd", None),
    ],
)
def test_outcomes(condition: Json, outcome: bool | None) -> None:
    found = decide({"IsProd": TRUE, "Subject": condition}, SCOPE)
    assert found["IsProd"] is True
    assert found.get("Subject") is outcome


def test_conditions_in_a_circle_stay_open() -> None:
    circle: dict[str, Json] = {"A": {"Condition": "B"}, "B": {"Fn::Not": [{"Condition": "A"}]}}
    assert decide(circle, SCOPE) == {}


def test_a_chain_of_thousands_is_not_followed_and_does_not_crash() -> None:
    chain: dict[str, Json] = {f"C{number}": {"Condition": f"C{number + 1}"} for number in range(5_000)}
    chain |= {"C5000": {"Fn::Equals": ["a", "a"]}, "Own": {"Condition": "C5000"}}
    found = decide(chain, SCOPE)
    assert found["Own"]
    assert "C0" not in found
