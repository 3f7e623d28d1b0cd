"""Log groups and alarms in CloudFormation."""

from mainstay.formats.cloudformation.codecs import dimensions, tags
from mainstay.formats.lists import link, links
from mainstay.formats.scalars import boolean, days, integer, number, seconds, text
from mainstay.formats.table import Row, Table
from mainstay.plan.resources import Alarm, LogGroup

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

TABLES = (LOG_GROUP, ALARM)
