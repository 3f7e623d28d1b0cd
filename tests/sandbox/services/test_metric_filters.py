from __future__ import annotations

from typing import Any

import pytest

METRIC = {"metricName": "Errors", "metricNamespace": "shop", "metricValue": "1", "defaultValue": 0.0}


@pytest.fixture
def logs(site: Any) -> Any:
    client = site.client("logs")
    client.create_log_group(logGroupName="g")
    return client


def put(logs: Any, **more: Any) -> None:
    given = {"logGroupName": "g", "filterName": "f", "filterPattern": "ERROR", "metricTransformations": [METRIC]}
    logs.put_metric_filter(**{**given, **more})


def names(logs: Any, **more: Any) -> list[str]:
    return [item["filterName"] for item in logs.describe_metric_filters(**more)["metricFilters"]]


def count(logs: Any) -> int:
    return int(logs.describe_log_groups()["logGroups"][0]["metricFilterCount"])


def test_filters_are_written_found_and_removed(logs: Any, refuses: Any) -> None:
    put(logs)
    put(logs, filterPattern="FATAL")
    put(logs, filterName="other", metricTransformations=[{**METRIC, "metricName": "Others"}])
    assert count(logs) == 2
    assert logs.describe_metric_filters(filterNamePrefix="f")["metricFilters"][0]["filterPattern"] == "FATAL"
    assert names(logs, logGroupName="g") == ["f", "other"]
    assert names(logs, metricName="Others", metricNamespace="shop") == ["other"]
    assert names(logs, metricName="Others", metricNamespace="nowhere") == []
    logs.delete_metric_filter(logGroupName="g", filterName="other")
    assert count(logs) == 1
    with refuses("ResourceNotFoundException", "metric filter"):
        logs.delete_metric_filter(logGroupName="g", filterName="other")
    with refuses("ResourceNotFoundException", "log group"):
        logs.describe_metric_filters(logGroupName="nowhere")
    logs.delete_log_group(logGroupName="g")
    assert names(logs) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"filterName": "a:b"}, "filterName"),
        ({"filterPattern": "x" * 1025}, "filterPattern"),
        ({"metricTransformations": [{**METRIC, "metricName": "a$b"}]}, "none of"),
    ],
)
def test_what_cannot_be_a_filter_is_refused(logs: Any, refuses: Any, change: dict[str, Any], told: str) -> None:
    with refuses("InvalidParameterException", told):
        put(logs, **change)
    put(logs, filterPattern="x" * 1024, filterName="n" * 512)


def test_a_group_holds_a_hundred(logs: Any, refuses: Any) -> None:
    for number in range(100):
        put(logs, filterName=f"f{number}")
    with refuses("LimitExceededException"):
        put(logs, filterName="more")
    put(logs, filterName="f1")
