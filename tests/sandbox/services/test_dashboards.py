from __future__ import annotations

import json
from typing import Any

import pytest

WIDGET: dict[str, Any] = {"type": "metric", "x": 0, "width": 12, "properties": {"metrics": []}}


def body(*widgets: Any) -> str:
    return json.dumps({"widgets": list(widgets)})


@pytest.fixture
def cloudwatch(site: Any) -> Any:
    return site.client("cloudwatch")


def test_a_page_is_kept_listed_and_removed(cloudwatch: Any, refuses: Any) -> None:
    cloudwatch.put_dashboard(DashboardName="shop-db", DashboardBody=body(WIDGET), Tags=[{"Key": "a", "Value": "b"}])
    cloudwatch.put_dashboard(DashboardName="shop-db", DashboardBody=body())
    found = cloudwatch.get_dashboard(DashboardName="shop-db")
    assert json.loads(found["DashboardBody"]) == {"widgets": []}
    assert found["DashboardArn"] == "arn:aws:cloudwatch::123456789012:dashboard/shop-db"
    assert cloudwatch.list_tags_for_resource(ResourceARN=found["DashboardArn"])["Tags"] == [{"Key": "a", "Value": "b"}]
    listed = cloudwatch.list_dashboards(DashboardNamePrefix="shop")["DashboardEntries"]
    assert [(item["DashboardName"], item["Size"]) for item in listed] == [("shop-db", len(body()))]
    assert cloudwatch.list_dashboards(DashboardNamePrefix="x")["DashboardEntries"] == []
    with refuses("ResourceNotFound", status=404):
        cloudwatch.delete_dashboards(DashboardNames=["shop-db", "nobody"])
    cloudwatch.delete_dashboards(DashboardNames=["shop-db"])
    with refuses("ResourceNotFound"):
        cloudwatch.get_dashboard(DashboardName="shop-db")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "valid JSON"),
        ("[]", "array of widgets"),
        (body(*[WIDGET] * 501), "at most 500"),
        (body({**WIDGET, "type": "picture"}), "/widgets/0.*type should be one of"),
        (body(WIDGET, {"type": "text"}), "/widgets/1.*properties"),
        (body({**WIDGET, "x": 13}), "24 columns"),
        (body("x"), "Should be an object"),
    ],
)
def test_a_body_with_faults_is_refused_whole(cloudwatch: Any, refuses: Any, text: str, told: str) -> None:
    with refuses("InvalidParameterInput", told):
        cloudwatch.put_dashboard(DashboardName="d", DashboardBody=text)
    assert cloudwatch.list_dashboards()["DashboardEntries"] == []


def test_the_last_column_is_still_within(cloudwatch: Any, refuses: Any) -> None:
    cloudwatch.put_dashboard(DashboardName="d", DashboardBody=body(*[{**WIDGET, "x": 12}] * 500))
    with refuses("InvalidParameterInput", "invalid characters"):
        cloudwatch.put_dashboard(DashboardName="with space", DashboardBody=body())
