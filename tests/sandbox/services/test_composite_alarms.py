"""Composite alarms: their rules, and the states that other alarms give them."""

from __future__ import annotations

from typing import Any

import pytest

from mainstay.sandbox.services.alarm_rules import RuleFault, alarms_in, holds

METRIC: dict[str, Any] = {
    "MetricName": "CPUUtilization",
    "Namespace": "AWS/RDS",
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 80.0,
    "ComparisonOperator": "GreaterThanThreshold",
}


@pytest.fixture
def cloudwatch(site: Any) -> Any:
    client = site.client("cloudwatch")
    for name in ("a", "b"):
        client.put_metric_alarm(AlarmName=name, **METRIC)
    return client


@pytest.mark.parametrize(
    ("rule", "is_true"),
    [
        ("ALARM(a)", True),
        ('ALARM("b")', False),
        ("OK('b') AND ALARM(a)", True),
        ("ALARM(b) OR OK(a) OR ALARM(a)", True),
        ("TRUE OR FALSE AND FALSE", True),
        ("(TRUE OR FALSE) AND FALSE", False),
        ("NOT NOT TRUE", True),
        ("(" * 99 + "TRUE" + ")" * 99, True),
        ("INSUFFICIENT_DATA(c)", True),
        ('ALARM("OR")', False),
    ],
)
def test_a_rule_is_true_or_not(rule: str, is_true: bool) -> None:
    states = {"a": "ALARM", "b": "OK", "OR": "OK"}
    assert holds(rule, lambda name: states.get(name, "INSUFFICIENT_DATA")) is is_true


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "ALARM",
        "ALARM(a",
        "ALARM(a) OK(b)",
        "WARM(a)",
        "ALARM(a) AND",
        "(TRUE",
        "ALARM a",
        "(" * 101 + "TRUE" + ")" * 101,
    ],
)
def test_a_rule_that_cannot_be_read_is_refused(rule: str) -> None:
    with pytest.raises(RuleFault):
        alarms_in(rule)


def state(cloudwatch: Any, name: str) -> str:
    found = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    return str(found[0]["StateValue"])


def test_the_state_follows_those_of_the_alarms(cloudwatch: Any) -> None:
    cloudwatch.put_composite_alarm(AlarmName="any", AlarmRule="ALARM(a) OR ALARM(b)", Tags=[{"Key": "k", "Value": "v"}])
    arn = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"][0]["AlarmArn"]
    cloudwatch.put_composite_alarm(AlarmName="deep", AlarmRule=f'ALARM("{arn}") AND NOT OK(b)')
    assert (state(cloudwatch, "any"), state(cloudwatch, "deep")) == ("OK", "OK")
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="try")
    assert (state(cloudwatch, "any"), state(cloudwatch, "deep")) == ("ALARM", "ALARM")
    cloudwatch.set_alarm_state(AlarmName="b", StateValue="OK", StateReason="try")
    assert (state(cloudwatch, "any"), state(cloudwatch, "deep")) == ("ALARM", "OK")
    assert [item["AlarmName"] for item in cloudwatch.describe_alarms()["MetricAlarms"]] == ["a", "b"]
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    cloudwatch.delete_alarms(AlarmNames=["a"])
    assert state(cloudwatch, "any") == "OK"


def test_what_cannot_be_a_composite_alarm_is_refused(cloudwatch: Any, refuses: Any) -> None:
    with refuses("ValidationError", "do not exist"):
        cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="ALARM(nobody)")
    with refuses("ValidationError", "ends too early"):
        cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="ALARM(a) AND")
    with refuses("ValidationError", "metric alarm has the name"):
        cloudwatch.put_composite_alarm(AlarmName="a", AlarmRule="ALARM(b)")
    with refuses("ValidationError", "exactly when ActionsSuppressor"):
        cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="ALARM(a)", ActionsSuppressorWaitPeriod=60)
    with refuses("ValidationError", "do not exist"):
        cloudwatch.put_composite_alarm(
            AlarmName="c",
            AlarmRule="ALARM(a)",
            ActionsSuppressor="nobody",
            ActionsSuppressorWaitPeriod=60,
            ActionsSuppressorExtensionPeriod=60,
        )
    cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="ALARM(a)")
    cloudwatch.put_composite_alarm(AlarmName="d", AlarmRule="ALARM(c)")
    with refuses("ValidationError", "leads back"):
        cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="ALARM(d)")
    with refuses("ValidationError", "composite alarm has the name"):
        cloudwatch.put_metric_alarm(AlarmName="c", **METRIC)
    with refuses("ValidationError", "from its alarms alone"):
        cloudwatch.set_alarm_state(AlarmName="c", StateValue="OK", StateReason="try")
