"""Log groups, metric filters, alarms and dashboards in Terraform."""

from __future__ import annotations

from typing import Final

from mainstay.formats.lists import Named, link, links
from mainstay.formats.scalars import boolean, days, integer, number, seconds, text
from mainstay.formats.table import Row, block
from mainstay.formats.terraform.blocks import Blocks, Place
from mainstay.formats.terraform.codecs import Alone, dimensions
from mainstay.formats.terraform.tables.rows import tags
from mainstay.plan.resources import (
    Alarm,
    CompositeAlarm,
    CountedMetric,
    Dashboard,
    Fate,
    LogGroup,
    MetricFilter,
    Resource,
)
from mainstay.plan.values import Json

_GROUP: Final = "aws_cloudwatch_log_group"
_ALARM: Final = "aws_cloudwatch_metric_alarm"
_OVER: Final = "aws_cloudwatch_composite_alarm"
_PAGE: Final = "aws_cloudwatch_dashboard"
_FILTER: Final = "aws_cloudwatch_log_metric_filter"


def _kept(resource: Resource, place: Place) -> Json:
    return True if resource.on_delete in (Fate.RETAIN, Fate.RETAIN_EXCEPT_ON_CREATE) else None


LOG_GROUP = Blocks(
    _GROUP,
    LogGroup,
    (
        Row("name", f"{_GROUP}.name", text),
        Row("retention", f"{_GROUP}.retention_in_days", days),
        Row("key_id", f"{_GROUP}.kms_key_id", link("arn")),
        tags(_GROUP),
    ),
    ref_is="name",
    derived={f"{_GROUP}.skip_destroy": _kept},  # taken out of the state and left as it is
)

_ACTIONS = ("alarm_actions", "ok_actions", "insufficient_data_actions")

ALARM = Blocks(
    _ALARM,
    Alarm,
    (
        Row("name", f"{_ALARM}.alarm_name", text),
        Row("description", f"{_ALARM}.alarm_description", text),
        Row("namespace", f"{_ALARM}.namespace", text),
        Row("metric", f"{_ALARM}.metric_name", text),
        Row("dimensions", f"{_ALARM}.dimensions", Named(dimensions)),
        Row("statistic", f"{_ALARM}.statistic", text),
        Row("extended_statistic", f"{_ALARM}.extended_statistic", text),
        Row("unit", f"{_ALARM}.unit", text),
        Row("period", f"{_ALARM}.period", seconds),
        Row("evaluation_periods", f"{_ALARM}.evaluation_periods", integer),
        Row("datapoints", f"{_ALARM}.datapoints_to_alarm", integer),
        Row("comparison", f"{_ALARM}.comparison_operator", text),
        Row("threshold", f"{_ALARM}.threshold", number),
        Row("missing_data", f"{_ALARM}.treat_missing_data", text),
        Row("is_enabled", f"{_ALARM}.actions_enabled", boolean),
        *(Row(name, f"{_ALARM}.{name}", links("arn")) for name in _ACTIONS),
        tags(_ALARM),
    ),
    attributes={"name": "alarm_name"},
    ref_is="name",
    named="alarm_name",
)

COMPOSITE_ALARM = Blocks(
    _OVER,
    CompositeAlarm,
    (
        Row("name", f"{_OVER}.alarm_name", text),
        Row("description", f"{_OVER}.alarm_description", text),
        Row("rule", f"{_OVER}.alarm_rule", text),
        Row("is_enabled", f"{_OVER}.actions_enabled", boolean),
        *(Row(name, f"{_OVER}.{name}", links("arn")) for name in _ACTIONS),
        Row("suppressor", f"{_OVER}.actions_suppressor.alarm", link("name", "arn")),
        Row("suppressor_wait", f"{_OVER}.actions_suppressor.wait_period", seconds),
        Row("suppressor_extension", f"{_OVER}.actions_suppressor.extension_period", seconds),
        tags(_OVER),
    ),
    attributes={"name": "alarm_name"},
    ref_is="name",
    named="alarm_name",
    needs=tuple(f"{_OVER}.actions_suppressor.{name}" for name in ("alarm", "extension_period", "wait_period")),
)

DASHBOARD = Blocks(
    _PAGE,
    Dashboard,
    (
        Row("name", f"{_PAGE}.dashboard_name", text),
        Row("body", f"{_PAGE}.dashboard_body", text),
        Row("tags", f"{_PAGE}.//.tags", Named(text)),  # the provider has no argument for them
    ),
    attributes={"id": "dashboard_name", "name": "dashboard_name"},
    ref_is="name",
    named="dashboard_name",
)

METRIC_FILTER = Blocks(
    _FILTER,
    MetricFilter,
    (
        Row("name", f"{_FILTER}.name", text),
        Row("log_group", f"{_FILTER}.log_group_name", link("name")),
        Row("pattern", f"{_FILTER}.pattern", text),
        Row(
            "metrics",
            f"{_FILTER}.metric_transformation",
            Alone(
                block(
                    CountedMetric,
                    Row("name", "name", text),
                    Row("namespace", "namespace", text),
                    Row("value", "value", text),
                    Row("default", "default_value", number),
                    Row("unit", "unit", text),
                )
            ),
        ),
    ),
    ref_is="name",
    named="name",
)

TABLES: tuple[Blocks, ...] = (LOG_GROUP, METRIC_FILTER, ALARM, COMPOSITE_ALARM, DASHBOARD)
