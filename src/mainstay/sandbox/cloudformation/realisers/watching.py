"""Composite alarms, dashboards, metric filters and flow logs made real through their services' handlers."""

from __future__ import annotations

from typing import Any, Final

from mainstay.plan.resources import CompositeAlarm, CountedMetric, Dashboard, FlowLog, MetricFilter, Resource
from mainstay.sandbox.cloudformation.realisers.making import (
    Attributes,
    Made,
    Making,
    Realiser,
    attribute,
    flag,
    seconds,
    text,
)
from mainstay.sandbox.cloudformation.resolve import Physical


def _put_composite(making: Making, alarm: CompositeAlarm, name: str) -> None:
    making.call(
        "cloudwatch",
        "PutCompositeAlarm",
        AlarmName=name,
        AlarmRule=str(alarm.rule),
        AlarmDescription=alarm.description,
        ActionsEnabled=flag(alarm.is_enabled),
        OKActions=[str(attribute(item, "arn")) for item in alarm.ok_actions],
        AlarmActions=[str(attribute(item, "arn")) for item in alarm.alarm_actions],
        InsufficientDataActions=[str(attribute(item, "arn")) for item in alarm.insufficient_data_actions],
        ActionsSuppressor=text(alarm.suppressor),
        ActionsSuppressorWaitPeriod=seconds(alarm.suppressor_wait),
        ActionsSuppressorExtensionPeriod=seconds(alarm.suppressor_extension),
        Tags=making.tags(alarm.tags),
    )


def _create_composite(making: Making, alarm: CompositeAlarm) -> Made:
    name = making.name(alarm.name)
    _put_composite(making, alarm, name)
    return Made(name, {"arn": making.tx.arn("cloudwatch", f"alarm:{name}")})


def _update_composite(
    making: Making, alarm: CompositeAlarm, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    _put_composite(making, alarm, str(physical))
    if "Tags" in changed:
        _retag(making, physical.attributes["arn"], alarm.tags)
    return None


def _retag(making: Making, arn: str, tags: Any) -> None:  # Any: resolved tags
    old = making.call("cloudwatch", "ListTagsForResource", ResourceARN=arn)["Tags"]
    making.call("cloudwatch", "UntagResource", ResourceARN=arn, TagKeys=[tag["Key"] for tag in old])
    making.call("cloudwatch", "TagResource", ResourceARN=arn, Tags=making.tags(tags))


def _delete_composite(making: Making, physical: Physical) -> None:
    making.call("cloudwatch", "DeleteAlarms", AlarmNames=[str(physical)])


def _create_dashboard(making: Making, dashboard: Dashboard) -> Made:
    name = making.name(dashboard.name)
    tags = making.tags(dashboard.tags)
    making.call("cloudwatch", "PutDashboard", DashboardName=name, DashboardBody=str(dashboard.body), Tags=tags)
    return Made(name)


def _update_dashboard(
    making: Making, dashboard: Dashboard, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    making.call("cloudwatch", "PutDashboard", DashboardName=str(physical), DashboardBody=str(dashboard.body))
    if "Tags" in changed:
        _retag(making, making.tx.arn("cloudwatch", f"dashboard/{physical}", region=False), dashboard.tags)
    return None


def _delete_dashboard(making: Making, physical: Physical) -> None:
    making.call("cloudwatch", "DeleteDashboards", DashboardNames=[str(physical)])


def _put_filter(making: Making, item: MetricFilter, name: str) -> None:
    making.call(
        "logs",
        "PutMetricFilter",
        logGroupName=text(item.log_group),
        filterName=name,
        filterPattern=str(item.pattern),
        metricTransformations=[_counted(metric) for metric in item.metrics],
    )


def _counted(metric: CountedMetric) -> dict[str, Any]:  # Any: the shape of a metric transformation
    given = {
        "metricName": str(metric.name),
        "metricNamespace": str(metric.namespace),
        "metricValue": str(metric.value),
        "defaultValue": None if metric.default is None else float(str(metric.default)),
        "unit": text(metric.unit),
    }
    return {name: value for name, value in given.items() if value is not None}


def _create_filter(making: Making, item: MetricFilter) -> Made:
    name = making.name(item.name)
    _put_filter(making, item, name)
    return Made(name, {"_group": text(item.log_group)})


def _update_filter(
    making: Making, item: MetricFilter, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    del changed
    _put_filter(making, item, str(physical))
    return None


def _delete_filter(making: Making, physical: Physical) -> None:
    group = physical.attributes["_group"]
    making.call("logs", "DeleteMetricFilter", logGroupName=group, filterName=str(physical))


def _create_flow_log(making: Making, log: FlowLog) -> Made:
    tags = making.tags(log.tags)
    made = making.call(
        "ec2",
        "CreateFlowLogs",
        ResourceIds=[str(log.vpc)],
        ResourceType=str(log.resource_type),
        TrafficType=text(log.traffic),
        LogGroupName=text(log.log_group),
        DeliverLogsPermissionArn=attribute(log.role, "arn"),
        LogDestination=text(log.destination),
        LogDestinationType=text(log.destination_type),
        LogFormat=text(log.line_format),
        MaxAggregationInterval=seconds(log.aggregation),
        TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": tags}] if tags else None,
    )
    return Made(made["FlowLogIds"][0])


def _update_flow_log(making: Making, log: FlowLog, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    del changed
    making.call("ec2", "DeleteTags", Resources=[str(physical)])
    making.call("ec2", "CreateTags", Resources=[str(physical)], Tags=making.tags(log.tags))
    return None


def _delete_flow_log(making: Making, physical: Physical) -> None:
    making.call("ec2", "DeleteFlowLogs", FlowLogIds=[str(physical)])


REALISERS: Final[dict[type[Resource], Realiser[Any]]] = {
    CompositeAlarm: Realiser(create=_create_composite, update=_update_composite, delete=_delete_composite),
    Dashboard: Realiser(create=_create_dashboard, update=_update_dashboard, delete=_delete_dashboard),
    MetricFilter: Realiser(create=_create_filter, update=_update_filter, delete=_delete_filter),
    FlowLog: Realiser(create=_create_flow_log, update=_update_flow_log, delete=_delete_flow_log),
}
