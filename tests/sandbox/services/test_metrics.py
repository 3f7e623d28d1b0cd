"""CloudWatch's metrics: values kept by the minute, asked for by periods, and alarms that judge them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mainstay.sandbox.services import metrics
from mainstay.sandbox.services.alarm_states import judge_all
from mainstay.sandbox.state import State

REGION = "eu-central-1"
NOON = datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
ABOUT = [{"Name": "Table", "Value": "orders"}]
ALARM = {
    "AlarmName": "a",
    "Namespace": "Mine",
    "MetricName": "Rows",
    "Dimensions": ABOUT,
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 2,
    "Threshold": 5,
    "ComparisonOperator": "GreaterThanThreshold",
}


class Noon:
    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


@pytest.fixture
def clock() -> Noon:
    return Noon()


@pytest.fixture
def state(site: Any, clock: Noon) -> Iterator[State]:
    made = State(site.directory, clock=clock)
    yield made
    made.close()


@pytest.fixture
def cloudwatch(site: Any) -> Any:
    return site.client("cloudwatch")


def write(state: State, value: float, name: str = "Rows") -> None:
    with state.transaction(REGION) as tx:
        metrics.record(tx, "Mine", name, {"Table": "orders"}, value)


def asked(cloudwatch: Any, *statistics: str, period: int = 60, **members: Any) -> list[Any]:
    given = {"StartTime": NOON - HOUR, "EndTime": NOON + HOUR, "Period": period, "Dimensions": ABOUT, **members}
    answer = cloudwatch.get_metric_statistics(Namespace="Mine", MetricName="Rows", Statistics=list(statistics), **given)
    return [[point[name] for name in statistics] for point in answer["Datapoints"]]


def test_values_of_a_minute_are_merged_and_minutes_into_periods(cloudwatch: Any, state: State, clock: Noon) -> None:
    for value, later_s in ((1, 0), (3, 0), (10, 90)):
        clock.at += timedelta(seconds=later_s)
        write(state, value)
    assert asked(cloudwatch, *metrics.STATISTICS) == [[2, 2, 4, 1, 3], [1, 10, 10, 10, 10]]
    assert asked(cloudwatch, *metrics.STATISTICS, period=3600) == [[3, 14 / 3, 14, 1, 10]]
    assert asked(cloudwatch, "Sum", Dimensions=[]) == []
    assert asked(cloudwatch, "Sum", StartTime=NOON + timedelta(minutes=1)) == [[10]]


def test_values_of_ones_own_and_what_cannot_be_kept(cloudwatch: Any, refuses: Any) -> None:
    datum = {"MetricName": "Rows", "Dimensions": ABOUT, "Unit": "Count", "Timestamp": NOON}
    cloudwatch.put_metric_data(
        Namespace="Mine", MetricData=[{**datum, "Value": 2}, {**datum, "Values": [3, 4], "Counts": [2, 1]}]
    )
    assert asked(cloudwatch, "SampleCount", "Sum") == [[4, 12]]
    with refuses("InvalidParameterValue", "AWS/"):
        cloudwatch.put_metric_data(Namespace="AWS/RDS", MetricData=[])
    with refuses("InvalidParameterValue", "needs Value"):
        cloudwatch.put_metric_data(Namespace="Mine", MetricData=[datum])
    with refuses("InvalidParameterValue", "as many Counts"):
        cloudwatch.put_metric_data(Namespace="Mine", MetricData=[{**datum, "Values": [1], "Counts": [1, 2]}])
    with refuses("SandboxNotImplemented", "StatisticValues"):
        values = {"SampleCount": 1, "Sum": 1, "Minimum": 1, "Maximum": 1}
        cloudwatch.put_metric_data(Namespace="Mine", MetricData=[{**datum, "StatisticValues": values}])


def test_questions_that_have_no_answer_are_refused(cloudwatch: Any, refuses: Any) -> None:
    with refuses("InvalidParameterCombination", "Statistics"):
        times = {"StartTime": NOON - HOUR, "EndTime": NOON + HOUR}
        cloudwatch.get_metric_statistics(Namespace="Mine", MetricName="Rows", Period=60, **times)
    with refuses("SandboxNotImplemented", "percentiles"):
        asked(cloudwatch, "Sum", ExtendedStatistics=["p99"])
    with refuses("InvalidParameterValue", "multiple of 60"):
        asked(cloudwatch, "Sum", period=90)
    with refuses("InvalidParameterValue", "must be less"):
        asked(cloudwatch, "Sum", StartTime=NOON + HOUR)
    with refuses("SandboxNotImplemented", "expressions"):
        cloudwatch.get_metric_data(MetricDataQueries=[{"Id": "a", "Expression": "1"}], **times)
    metric = {"Namespace": "Mine", "MetricName": "Rows"}
    with refuses("InvalidParameterValue", "p99"):
        stat = {"Metric": metric, "Period": 60, "Stat": "p99"}
        cloudwatch.get_metric_data(MetricDataQueries=[{"Id": "a", "MetricStat": stat}], **times)


def test_several_metrics_are_asked_at_once_and_listed(cloudwatch: Any, state: State, clock: Noon) -> None:
    for value in (1, 2):
        write(state, value)
        clock.at += timedelta(minutes=1)
    write(state, 9, "Other")
    stat = {"Metric": {"Namespace": "Mine", "MetricName": "Rows", "Dimensions": ABOUT}, "Period": 60, "Stat": "Sum"}
    missing = {**stat, "Metric": {"Namespace": "Mine", "MetricName": "None"}}
    queries = [{"Id": "a", "MetricStat": stat}, {"Id": "b", "MetricStat": missing, "Label": "gone"}]
    for order, wanted in (("TimestampAscending", [1, 2]), ("TimestampDescending", [2, 1])):
        found, gone = cloudwatch.get_metric_data(
            MetricDataQueries=queries, StartTime=NOON - HOUR, EndTime=NOON + HOUR, ScanBy=order
        )["MetricDataResults"]
        assert found["Values"] == wanted
        assert (gone["Label"], gone["Values"]) == ("gone", [])
    listed = cloudwatch.list_metrics(Namespace="Mine", Dimensions=[{"Name": "Table"}])["Metrics"]
    assert [each["MetricName"] for each in listed] == ["Rows", "Other"]
    assert cloudwatch.list_metrics(MetricName="Other", Dimensions=ABOUT)["Metrics"] == listed[1:]
    assert cloudwatch.list_metrics(Dimensions=[{"Name": "Table", "Value": "x"}])["Metrics"] == []


def test_values_go_after_a_week(cloudwatch: Any, state: State, clock: Noon) -> None:
    write(state, 1)
    clock.at += timedelta(days=7, minutes=1)
    write(state, 2)
    assert asked(cloudwatch, "Sum", EndTime=NOON + timedelta(days=8)) == [[2]]


def judged(cloudwatch: Any, state: State) -> str:
    with state.transaction(REGION) as tx:
        judge_all(tx)
        found = tx.get("cloudwatch:alarm", "a")
    assert found is not None
    value: str = found["StateValue"]
    return value


@pytest.mark.parametrize(
    ("missing", "values", "wanted"),
    [
        ("missing", [6, 6], "ALARM"),
        ("missing", [5, 6], "OK"),
        ("missing", [None, 6], "OK"),
        ("breaching", [None, 6], "ALARM"),
        ("notBreaching", [6, None], "OK"),
        ("missing", [None, None], "INSUFFICIENT_DATA"),
        ("ignore", [None, None], "INSUFFICIENT_DATA"),
        ("breaching", [None, None], "ALARM"),
        ("notBreaching", [None, None], "OK"),
    ],
)
def test_an_alarm_judges_its_last_periods(
    cloudwatch: Any, state: State, clock: Noon, missing: str, values: list[int | None], wanted: str
) -> None:
    cloudwatch.put_metric_alarm(**ALARM, TreatMissingData=missing)
    write(state, 0)  # long ago: the metric is one that the sandbox has
    clock.at += timedelta(hours=1)
    for value in values:
        clock.at += timedelta(minutes=1)
        if value is not None:
            write(state, value)
    assert judged(cloudwatch, state) == wanted


@pytest.mark.parametrize(
    ("comparison", "wanted"),
    [
        ("GreaterThanOrEqualToThreshold", "ALARM"),
        ("GreaterThanThreshold", "OK"),
        ("LessThanThreshold", "OK"),
        ("LessThanOrEqualToThreshold", "ALARM"),
    ],
)
def test_each_comparison_at_its_boundary(cloudwatch: Any, state: State, comparison: str, wanted: str) -> None:
    members = {**ALARM, "EvaluationPeriods": 1, "ComparisonOperator": comparison}
    cloudwatch.put_metric_alarm(**members)
    write(state, 5)
    assert judged(cloudwatch, state) == wanted


def test_some_of_the_periods_may_be_enough(cloudwatch: Any, state: State, clock: Noon) -> None:
    cloudwatch.put_metric_alarm(**ALARM, DatapointsToAlarm=1)
    for value in (6, 0):
        write(state, value)
        clock.at += timedelta(minutes=1)
    assert judged(cloudwatch, state) == "ALARM"
    clock.at += timedelta(minutes=1)
    write(state, 0)
    assert judged(cloudwatch, state) == "OK"


def test_what_is_not_collected_is_not_judged_and_who_is_told(
    site: Any, cloudwatch: Any, state: State, refuses: Any
) -> None:
    cloudwatch.put_metric_alarm(**ALARM, TreatMissingData="breaching")
    assert judged(cloudwatch, state) == "INSUFFICIENT_DATA"
    sns, kms = site.client("sns"), site.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    topics = [
        sns.create_topic(Name="plain")["TopicArn"],
        sns.create_topic(Name="locked", Attributes={"KmsMasterKeyId": key})["TopicArn"],
        f"arn:aws:sns:{REGION}:123456789012:gone",
    ]
    kms.disable_key(KeyId=key)
    cloudwatch.put_metric_alarm(**{**ALARM, "EvaluationPeriods": 1}, AlarmActions=topics)
    write(state, 6)
    assert judged(cloudwatch, state) == "ALARM"
    with site.state.reading(REGION) as tx:
        assert [each["TopicArn"] for each in tx.all("sns:message")] == topics[:1]
    cloudwatch.disable_alarm_actions(AlarmNames=["a"])
    cloudwatch.put_metric_alarm(**{**ALARM, "EvaluationPeriods": 1, "Threshold": 7, "ActionsEnabled": False})
    assert judged(cloudwatch, state) == "OK"
    with site.state.reading(REGION) as tx:
        assert len(tx.all("sns:message")) == 1


def test_the_dead_mans_clock_fires_in_silence_and_is_stilled_by_a_proof(
    cloudwatch: Any, state: State, clock: Noon
) -> None:
    about = [{"Name": "DBInstanceIdentifier", "Value": "shop"}]
    cloudwatch.put_metric_alarm(
        **ALARM
        | {"Namespace": "Mainstay/Drill", "MetricName": "Proven", "Dimensions": about, "Period": 3600, "Threshold": 1,
           "EvaluationPeriods": 48, "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching"}
    )  # fmt: skip

    assert judged(cloudwatch, state) == "ALARM"
    with state.transaction(REGION) as tx:
        metrics.record(tx, "Mainstay/Drill", "Proven", {"DBInstanceIdentifier": "shop"}, 1)
    for hours, wanted in ((0, "OK"), (48, "OK"), (49, "ALARM")):
        clock.at = NOON + hours * HOUR
        assert judged(cloudwatch, state) == wanted, hours
