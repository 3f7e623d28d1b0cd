"""What a plan that is not applied yet leaves to expressions: the peer of a group's rule, and what a rule calls."""

from __future__ import annotations

import pytest
from tests.formats.terraform.shapes import Made, plan, read, references

from mainstay.plan.resources import EventRule, SecurityGroup
from mainstay.plan.values import Ref, Unknown

APP, OPS = (Made(type="aws_security_group", name=name, unknown={"id": True}) for name in ("app", "ops"))


def admitted(*named: str) -> SecurityGroup:
    """A group with a rule whose list of groups is unknown and names these attributes."""
    rule = {"protocol": "tcp", "from_port": 5432, "to_port": 5432}
    group = Made(
        type="aws_security_group",
        name="db",
        values={"ingress": [rule]},
        unknown={"ingress": [{"security_groups": True}]},
        expressions={"ingress": [{"security_groups": references(*named)}]},
    )
    found = read(plan(APP, OPS, group)).primary["Db"]
    assert isinstance(found, SecurityGroup)
    return found


def test_the_only_group_that_a_rule_names_is_its_peer() -> None:
    assert [one.group for one in admitted("aws_security_group.app.id").ingress] == [Ref("App")]


@pytest.mark.parametrize(
    "named",
    [("aws_security_group.app.id", "aws_security_group.ops.id"), ("var.groups",), ("aws_security_group.app.name",)],
)
def test_a_list_that_cannot_be_told_stays_out_of_sight(named: tuple[str, ...]) -> None:
    group = admitted(*named)
    assert [one.group for one in group.ingress] == [None]
    assert any("security_groups" in path for path in group.extras)


@pytest.mark.parametrize(
    ("named", "is_known"),
    [
        ("aws_sns_topic.told.arn", True),
        ("aws_sns_topic.told.id", True),
        ("aws_sns_topic.told.name", False),
        ("aws_lambda_function.pager.arn", True),
        ("aws_lambda_function.pager.id", False),
        ("aws_db_instance.shop.arn", False),
    ],
)
def test_what_a_rule_calls(named: str, is_known: bool) -> None:
    made = [
        Made(type="aws_sns_topic", name="told", unknown={"id": True, "arn": True}),
        Made(type="aws_lambda_function", name="pager", values={"function_name": "pager"}, unknown={"arn": True}),
        Made(type="aws_db_instance", name="shop", values={"instance_class": "db.t4g.micro"}, unknown={"arn": True}),
        Made(type="aws_cloudwatch_event_rule", name="failed", values={"name": "failed"}),
        Made(
            type="aws_cloudwatch_event_target",
            name="oncall",
            values={"rule": "failed", "target_id": "oncall"},
            unknown={"arn": True},
            expressions={"arn": references(named)},
        ),
    ]
    (rule,) = read(plan(*made)).primary.of(EventRule)
    (target,) = rule.targets
    assert isinstance(target.arn, Unknown) is not is_known
