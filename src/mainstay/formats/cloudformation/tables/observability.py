"""Log groups, metric filters, alarms and dashboards in CloudFormation."""

from mainstay.formats.cloudformation.codecs import dimensions, tags
from mainstay.formats.lists import link, links
from mainstay.formats.scalars import boolean, days, integer, number, seconds, text
from mainstay.formats.table import Row, Table, blocks
from mainstay.plan.resources import Alarm, CompositeAlarm, CountedMetric, Dashboard, LogGroup, MetricFilter

_TAGS = Row("tags", "Tags", tags)

LOG_GROUP = Table(
    "AWS::Logs::LogGroup",
    LogGroup,
    (
        Row("name", "LogGroupName", text),
        Row("retention", "RetentionInDays", days),
        # The ARN and nothing else (CloudFormation Template Reference, aws-resource-logs-loggroup, checked 2026-11-20).
        Row("key_id", "KmsKeyId", link("arn")),
        _TAGS,
    ),
    attributes={"arn": "Arn"},
    ref_is="name",
)

ALARM = Table(
    "AWS::CloudWatch::Alarm",
    Alarm,
    (
        Row("name", "AlarmName", text),
        Row("description", "AlarmDescription", text),
        Row("namespace", "Namespace", text),
        Row("metric", "MetricName", text),
        Row("dimensions", "Dimensions", dimensions),
        Row("statistic", "Statistic", text),
        Row("extended_statistic", "ExtendedStatistic", text),
        Row("unit", "Unit", text),
        Row("period", "Period", seconds),
        Row("evaluation_periods", "EvaluationPeriods", integer),
        Row("datapoints", "DatapointsToAlarm", integer),
        Row("comparison", "ComparisonOperator", text),
        Row("threshold", "Threshold", number),
        Row("missing_data", "TreatMissingData", text),
        Row("is_enabled", "ActionsEnabled", boolean),
        Row("alarm_actions", "AlarmActions", links("arn")),
        Row("ok_actions", "OKActions", links("arn")),
        Row("insufficient_data_actions", "InsufficientDataActions", links("arn")),
        _TAGS,
    ),
    attributes={"arn": "Arn"},
    ref_is="name",
)

COMPOSITE_ALARM = Table(
    "AWS::CloudWatch::CompositeAlarm",
    CompositeAlarm,
    (
        Row("name", "AlarmName", text),
        Row("description", "AlarmDescription", text),
        Row("rule", "AlarmRule", text),
        Row("is_enabled", "ActionsEnabled", boolean),
        Row("alarm_actions", "AlarmActions", links("arn")),
        Row("ok_actions", "OKActions", links("arn")),
        Row("insufficient_data_actions", "InsufficientDataActions", links("arn")),
        # The name or the ARN of an alarm (CloudFormation Template Reference, aws-resource-cloudwatch-compositealarm,
        # checked 2026-11-21).
        Row("suppressor", "ActionsSuppressor", link("name", "arn")),
        Row("suppressor_wait", "ActionsSuppressorWaitPeriod", seconds),
        Row("suppressor_extension", "ActionsSuppressorExtensionPeriod", seconds),
        _TAGS,
    ),
    attributes={"arn": "Arn"},
    ref_is="name",
)

DASHBOARD = Table(
    "AWS::CloudWatch::Dashboard",
    Dashboard,
    (Row("name", "DashboardName", text), Row("body", "DashboardBody", text), _TAGS),
    ref_is="name",
)

METRIC_FILTER = Table(
    "AWS::Logs::MetricFilter",
    MetricFilter,
    (
        Row("name", "FilterName", text),
        Row("log_group", "LogGroupName", link("name")),
        Row("pattern", "FilterPattern", text),
        Row(
            "metrics",
            "MetricTransformations",
            blocks(
                CountedMetric,
                Row("name", "MetricName", text),
                Row("namespace", "MetricNamespace", text),
                Row("value", "MetricValue", text),
                Row("default", "DefaultValue", number),
                Row("unit", "Unit", text),
            ),
        ),
    ),
    ref_is="name",
)

TABLES = (LOG_GROUP, METRIC_FILTER, ALARM, COMPOSITE_ALARM, DASHBOARD)
