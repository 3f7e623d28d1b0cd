"""EV001: targets that do not let a rule in, and patterns that match nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.alarms.event_not_delivered import faults
from mainstay.checks.backup.examples import topic_policy
from mainstay.checks.examples import plan_of
from mainstay.core.findings import Finding
from mainstay.plan.patterns import EventPattern, Match
from mainstay.plan.resources import EventRule, EventTarget, Function, FunctionPermission, Resource, Topic
from mainstay.plan.values import Attr, Param, Ref, Unknown

Say = Callable[..., list[Finding]]
FUNCTION = Function(key="Look", role="arn:aws:iam::123456789012:role/look")
CALLING = EventRule(key="Rule", targets=(EventTarget(name="a", arn=Attr("Look", "arn")),))
ANOTHER = EventRule(key="Another")
LEAVE = FunctionPermission(
    key="Leave", function=Ref("Look"), principal="events.amazonaws.com", action="lambda:InvokeFunction"
)


@pytest.mark.parametrize(
    ("permission", "count"),
    [
        (None, 1),
        (LEAVE, 0),
        (replace(LEAVE, source_arn=Attr("Rule", "arn")), 0),
        (replace(LEAVE, source_arn=Attr("Another", "arn")), 1),
        (replace(LEAVE, source_arn="arn:aws:events:us-east-1:123456789012:rule/*"), 0),
        (replace(LEAVE, principal="secretsmanager.amazonaws.com"), 1),
        (replace(LEAVE, principal="*"), 0),
        (replace(LEAVE, principal=Param("Principal")), 0),
        (replace(LEAVE, function=Ref("Other")), 1),
        (replace(LEAVE, function=Unknown("late")), 0),
    ],
)
def test_functions(permission: Resource | None, count: int, say: Say) -> None:
    rest = (permission,) if permission else ()
    other = replace(FUNCTION, key="Other")
    assert len(say(faults, plan_of(CALLING, ANOTHER, FUNCTION, other, *rest))) == count


@pytest.mark.parametrize(
    "rule",
    [
        replace(CALLING, state="DISABLED"),
        replace(CALLING, targets=(replace(CALLING.targets[0], role="arn:aws:iam::123456789012:role/call"),)),
        replace(CALLING, targets=(EventTarget(name="a", arn="arn:aws:lambda:us-east-1:123456789012:function:f"),)),
        replace(CALLING, targets=()),
    ],
)
def test_rules_of_which_nothing_can_be_said(rule: Resource, say: Say) -> None:
    assert say(faults, plan_of(rule, FUNCTION)) == []


def test_topics(say: Say) -> None:
    rule = EventRule(key="Rule", targets=(EventTarget(name="a", arn=Attr("Topic", "arn")),))
    (finding,) = say(faults, plan_of(rule, Topic(key="Topic")))
    assert "Rule publishes to Topic" in finding.detail
    assert len(say(faults, plan_of(rule, Topic(key="Topic"), topic_policy("cloudwatch.amazonaws.com")))) == 1
    assert say(faults, plan_of(rule, Topic(key="Topic"), topic_policy("events.amazonaws.com"))) == []


@pytest.mark.parametrize(
    ("source", "kinds", "member", "hint"),
    [
        ("aws.rds", ("RDS DB Instance Event",), "EventID", None),
        ("aws.rds", ("RDS DB Instance Event",), "eventID", "compare detail.EventID"),
        ("aws.rds", ("RDS DB Instance Event",), "status", "compare detail.EventCategories, detail.SourceType"),
        ("aws.rds", ("RDS DB Instance Event",), "$or", None),
        ("aws.rds", ("AWS API Call via CloudTrail",), "eventName", None),
        ("aws.rds", ("RDS DB Instance Event", "AWS API Call via CloudTrail"), "eventName", None),
        ("aws.rds", (), "eventName", None),
        ("aws.ec2", ("RDS DB Instance Event",), "state", None),
    ],
)
def test_members(source: str, kinds: tuple[str, ...], member: str, hint: str | None, say: Say) -> None:
    matches = [Match(("source",), (source,)), Match(("detail", member), ("x",))]
    matches += [Match(("detail-type",), kinds)] if kinds else []
    found = say(faults, plan_of(EventRule(key="Rule", pattern=EventPattern(tuple(matches)))))
    assert [(hint or "-") in each.hint for each in found] == ([] if hint is None else [True])
