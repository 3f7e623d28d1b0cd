"""Event patterns: what is typed, what is kept as it was written, and what cannot be written."""

from __future__ import annotations

import json

import pytest

from mainstay.core.errors import InputRefused
from mainstay.formats.cloudformation import read, render
from mainstay.plan.patterns import EventPattern, Like, Match
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import DbInstance, EventRule
from mainstay.plan.values import Attr, Json, Param, join

FAILED = EventPattern(
    (
        Match(("source",), ("aws.backup",)),
        Match(("detail-type",), ("Backup Job State Change", "Copy Job State Change")),
        Match(("detail", "state"), ("FAILED", Like("prefix", "ABORT"))),
        Match(("detail", "resourceArn"), (Attr("Db", "arn"), join(Attr("Db", "arn"), "*"))),
    )
)
WRITTEN: dict[str, Json] = {
    "source": ["aws.backup"],
    "detail-type": ["Backup Job State Change", "Copy Job State Change"],
    "detail": {
        "state": ["FAILED", {"prefix": "ABORT"}],
        "resourceArn": [{"Fn::GetAtt": ["Db", "DBInstanceArn"]}, {"Fn::Sub": "${Db.DBInstanceArn}*"}],
    },
}


def template(pattern: Json) -> str:
    rule = {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern}}
    return json.dumps(
        {
            "Parameters": {"Word": {"Type": "String"}},
            "Resources": {"Db": {"Type": "AWS::RDS::DBInstance"}, "Rule": rule},
        }
    )


def rule_of(pattern: Json) -> EventRule:
    rule = read(template(pattern), file="t").primary["Rule"]
    assert isinstance(rule, EventRule)
    return rule


def rendered(pattern: EventPattern) -> Json:
    resources = (DbInstance(key="Db", instance_class="db.t4g.micro"), EventRule(key="Rule", pattern=pattern))
    ((_, text),) = render(Plan(regions=(RegionPlan(region="", resources=resources),))).items()
    written: Json = json.loads(text)["Resources"]["Rule"].get("Properties")
    return written


def test_a_pattern_is_nested_json() -> None:
    assert rendered(FAILED) == {"EventPattern": WRITTEN}
    assert rule_of(WRITTEN).pattern == FAILED
    assert rule_of(WRITTEN).extras == {}


def test_a_pattern_tells_what_it_compares_a_field_with() -> None:
    assert FAILED.values_at("detail", "state") == ("FAILED", Like("prefix", "ABORT"))
    assert FAILED.values_at("detail", "status") == ()
    assert FAILED.values_at("detail") == ()


def test_no_match_is_no_pattern() -> None:
    assert rendered(EventPattern(())) is None


@pytest.mark.parametrize("operator", ["prefix", "suffix", "wildcard", "equals-ignore-case", "anything-but"])
def test_every_operator_with_a_text_is_typed(operator: str) -> None:
    rule = rule_of({"source": [{operator: "aws.rds"}, {operator: {"Ref": "Word"}}]})
    assert rule.pattern is not None
    found = rule.pattern.values_at("source")
    assert [(one.operator, one.value) for one in found if isinstance(one, Like)] == [
        (operator, "aws.rds"),
        (operator, Param("Word")),
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        {},
        {"source": []},
        {"source": "aws.rds"},
        {"detail": {}},
        {"detail": {"size": [3]}},
        {"detail": {"size": [None]}},
        {"detail": {"size": [{"numeric": [">", 3]}]}},
        {"detail": {"state": [{"exists": True}]}},
        {"detail": {"state": [{"anything-but": ["a", "b"]}]}},
        {"detail": {"state": [{"anything-but": {"prefix": "a"}}]}},
        {"detail": {"state": [{"prefix": "a", "suffix": "b"}]}},
        {"detail": {"state": [{"Fn::If": ["C", "a", "b"]}]}},
        {"detail": {"state": [{"Ref": "AWS::NoValue"}]}},
        {"$or": [{"source": ["a"]}, {"source": ["b"]}]},
        {"Ref": "Word"},
        {"Fn::Transform": {"Name": "AWS::Include"}},
        ["aws.rds"],
        '{"source": ["aws.rds"]}',
    ],
)
def test_what_a_plan_cannot_say_is_kept_as_it_was(pattern: Json) -> None:
    rule = rule_of(pattern)
    assert rule.pattern is None
    assert rule.extras == {"EventPattern": pattern}
    ((_, text),) = render(read(template(pattern), file="t")).items()
    assert json.loads(text)["Resources"]["Rule"]["Properties"] == {"EventPattern": pattern}


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        ([("source",), ("source",)], "'source' twice"),
        ([("detail",), ("detail", "state")], "'detail.state' and at a field above it"),
        ([("detail", "state"), ("detail",)], "'detail' twice"),
        ([()], "'' twice"),
    ],
)
def test_a_pattern_that_has_no_form_is_refused(paths: list[tuple[str, ...]], said: str) -> None:
    pattern = EventPattern(tuple(Match(path, ("a",)) for path in paths))
    with pytest.raises(InputRefused) as caught:
        rendered(pattern)
    assert said in caught.value.detail
