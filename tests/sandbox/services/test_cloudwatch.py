from __future__ import annotations

from typing import Any

import pytest

ALARM: dict[str, Any] = {
    "AlarmName": "cpu",
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
    return site.client("cloudwatch")


def test_an_alarm_keeps_its_state_when_it_is_changed(cloudwatch: Any, refuses: Any) -> None:
    cloudwatch.put_metric_alarm(**ALARM, Tags=[{"Key": "a", "Value": "b"}])
    found = cloudwatch.describe_alarms(AlarmNames=["cpu"])["MetricAlarms"][0]
    assert found["StateValue"] == "INSUFFICIENT_DATA"
    cloudwatch.set_alarm_state(AlarmName="cpu", StateValue="ALARM", StateReason="try")
    cloudwatch.put_metric_alarm(**{**ALARM, "Threshold": 90.0})
    found = cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]
    assert [item["Threshold"] for item in found] == [90.0]
    arn = found[0]["AlarmArn"]
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "c", "Value": "d"}])
    cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "c", "Value": "d"}]
    cloudwatch.disable_alarm_actions(AlarmNames=["cpu", "nobody"])
    assert cloudwatch.describe_alarms()["MetricAlarms"][0]["ActionsEnabled"] is False
    cloudwatch.enable_alarm_actions(AlarmNames=["cpu"])
    with refuses("ResourceNotFound", status=404):
        cloudwatch.delete_alarms(AlarmNames=["cpu", "nobody"])
    assert len(cloudwatch.describe_alarms(AlarmNamePrefix="c")["MetricAlarms"]) == 1
    cloudwatch.delete_alarms(AlarmNames=["cpu"])
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
    with refuses("ValidationError"):
        cloudwatch.describe_alarms(AlarmNames=["a"], AlarmNamePrefix="a")


@pytest.mark.parametrize(
    "change",
    [
        {"Period": 45},
        {"Period": 90},
        {"Period": 60, "EvaluationPeriods": 1441},
        {"Period": 3600, "EvaluationPeriods": 169},
        {"DatapointsToAlarm": 3},
        {"ExtendedStatistic": "p99"},
        {"AlarmActions": ["not-an-arn"]},
        {"AlarmActions": [f"arn:aws:sns:eu-central-1:1:t{number}" for number in range(6)]},
        {"TreatMissingData": "sometimes"},
        {"AlarmName": "x" * 256},
    ],
)
def test_what_cloudwatch_refuses_is_refused(cloudwatch: Any, change: dict[str, Any], refuses: Any) -> None:
    import botocore.exceptions  # noqa: PLC0415  one case is stopped by botocore itself

    with pytest.raises((botocore.exceptions.ClientError, botocore.exceptions.ParamValidationError)):
        cloudwatch.put_metric_alarm(**{**ALARM, **change})
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []


@pytest.mark.parametrize(
    "change", [{"Period": 10}, {"Period": 3600, "EvaluationPeriods": 168}, {"EvaluationPeriods": 1440}]
)
def test_the_bounds_themselves_are_taken(cloudwatch: Any, change: dict[str, Any]) -> None:
    cloudwatch.put_metric_alarm(**{**ALARM, **change})
    assert len(cloudwatch.describe_alarms()["MetricAlarms"]) == 1
