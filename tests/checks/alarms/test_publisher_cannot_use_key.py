"""SN001: publishers, keys, statements."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.alarms.publisher_cannot_use_key import faults
from mainstay.checks.examples import alarm, key_for, plan_of, told
from mainstay.core.findings import Finding
from mainstay.plan.policies import ANYBODY, Condition, Policy, Principal, Statement
from mainstay.plan.resources import EventRule, EventSubscription, EventTarget
from mainstay.plan.values import Attr, Param, Ref

Say = Callable[..., list[Finding]]
TOPIC, MAIL, _ = told(key_id=Ref("Key"))
EVENTS = EventSubscription(key="Events", topic=Ref("Topic"))
CLOUDWATCH = Principal("Service", "cloudwatch.amazonaws.com")
USE = ("kms:Decrypt", "kms:GenerateDataKey*")


@pytest.mark.parametrize(
    ("statement", "is_shut_out"),
    [
        (Statement(principals=(CLOUDWATCH,), actions=USE), False),
        (Statement(principals=(CLOUDWATCH,), actions=("kms:*",)), False),
        (Statement(principals=(CLOUDWATCH,), actions=("*",)), False),
        (Statement(principals=(CLOUDWATCH,), actions=("KMS:decrypt", "kms:generatedatakey")), False),
        (Statement(principals=(CLOUDWATCH,), actions=("kms:Decrypt",)), True),
        (Statement(principals=(CLOUDWATCH,), actions=("kms:GenerateDataKey*",)), True),
        (Statement(principals=(CLOUDWATCH,), actions=(Param("Actions"),)), False),
        (Statement(principals=(CLOUDWATCH,), not_actions=("kms:Delete*",)), False),
        (Statement(effect="Deny", principals=(CLOUDWATCH,), actions=USE), True),
        (Statement(principals=(Principal("Service", "s3.amazonaws.com"),), actions=USE), True),
        (Statement(principals=(Principal("Service", Param("Service")),), actions=USE), False),
        (Statement(principals=(Principal("AWS", Param("Admin")),), actions=USE), True),
        (Statement(principals=(Principal("AWS", "*"),), actions=USE), False),
        (Statement(principals=(ANYBODY,), actions=USE), False),
        (Statement(not_principals=(Principal("AWS", "123456789012"),), actions=USE), False),
    ],
)
def test_statements(statement: Statement, is_shut_out: bool, say: Say) -> None:
    findings = say(faults, plan_of(alarm(), TOPIC, MAIL, key_for(policy=Policy((statement,)))))
    assert len(findings) == is_shut_out
    assert all("cloudwatch.amazonaws.com" in finding.detail for finding in findings)


def test_each_publisher_needs_the_key(say: Say) -> None:
    plan = plan_of(alarm(), EVENTS, TOPIC, MAIL, key_for("cloudwatch.amazonaws.com"))
    (finding,) = say(faults, plan)
    assert "which events.rds.amazonaws.com may not use" in finding.detail
    both = key_for("cloudwatch.amazonaws.com", "events.rds.amazonaws.com")
    assert say(faults, plan_of(alarm(), EVENTS, TOPIC, MAIL, both)) == []


def test_an_ok_action_is_a_publication_too(say: Say) -> None:
    quiet = alarm(alarm_actions=(), ok_actions=(Ref("Topic"),))
    assert len(say(faults, plan_of(quiet, TOPIC, MAIL, key_for()))) == 1


@pytest.mark.parametrize("key", [None, "alias/mine", "arn:aws:kms:us-east-1:123456789012:key/1", Param("Key")])
def test_keys_that_cannot_be_seen(key: object, say: Say) -> None:
    assert say(faults, plan_of(alarm(), *told(key_id=key))) == []


def test_a_topic_that_no_service_publishes_to(say: Say) -> None:
    assert say(faults, plan_of(*told(key_id="alias/aws/sns"))) == []


def test_a_policy_that_is_kept_as_it_was_written(say: Say) -> None:
    hidden = key_for(policy=Policy(()), extras={"KeyPolicy": {"Fn::If": []}})
    assert say(faults, plan_of(alarm(), TOPIC, MAIL, hidden)) == []
    assert len(say(faults, plan_of(alarm(), TOPIC, MAIL, key_for(policy=Policy(()))))) == 1


@pytest.mark.parametrize(
    ("service", "operator", "key", "is_shut_out"),
    [
        ("events.amazonaws.com", "StringEquals", "aws:SourceAccount", True),
        ("events.amazonaws.com", "ArnLike", "AWS:SourceArn", True),
        ("events.amazonaws.com", "ArnLikeIfExists", "aws:SourceArn", False),
        ("events.amazonaws.com", "StringNotEquals", "aws:SourceAccount", False),
        ("events.amazonaws.com", "StringEquals", "aws:PrincipalOrgID", False),
        ("cloudwatch.amazonaws.com", "StringEquals", "aws:SourceAccount", False),
    ],
)
def test_conditions_that_eventbridge_never_meets(
    service: str, operator: str, key: str, is_shut_out: bool, say: Say
) -> None:
    condition = Condition(operator, key, ("123456789012",))
    admitted = Statement(principals=(Principal("Service", service),), actions=USE, conditions=(condition,))
    rule = EventRule(key="Rule", targets=(EventTarget(name="oncall", arn=Attr("Topic", "id")),))
    publisher = rule if service == "events.amazonaws.com" else alarm()
    findings = say(faults, plan_of(publisher, TOPIC, MAIL, key_for(policy=Policy((admitted,)))))
    assert [service in finding.detail for finding in findings] == [True] * is_shut_out
