"""Functions and the events that call them in CloudFormation."""

from mainstay.formats.cloudformation.codecs import tags
from mainstay.formats.lists import Named, link, links, texts
from mainstay.formats.patterns import event_pattern
from mainstay.formats.scalars import integer, mib, schedule, seconds, text
from mainstay.formats.table import Row, Table, blocks
from mainstay.plan.resources import EventRule, EventTarget, Function, FunctionPermission

_TAGS = Row("tags", "Tags", tags)

FUNCTION = Table(
    "AWS::Lambda::Function",
    Function,
    (
        Row("name", "FunctionName", text),
        Row("description", "Description", text),
        Row("role", "Role", link("arn")),
        Row("runtime", "Runtime", text),
        Row("handler", "Handler", text),
        Row("code_bucket", "Code.S3Bucket", link("name")),
        Row("code_key", "Code.S3Key", text),
        Row("code_version", "Code.S3ObjectVersion", text),
        Row("code_text", "Code.ZipFile", text),
        Row("architectures", "Architectures", texts),
        Row("layers", "Layers", texts),
        Row("memory", "MemorySize", mib),
        Row("disk", "EphemeralStorage.Size", mib),
        Row("timeout", "Timeout", seconds),
        Row("reserved_concurrency", "ReservedConcurrentExecutions", integer),
        Row("subnets", "VpcConfig.SubnetIds", links("id")),
        Row("security_groups", "VpcConfig.SecurityGroupIds", links("id", "group_id")),
        Row("environment", "Environment.Variables", Named(text)),
        Row("key_id", "KmsKeyArn", link("arn")),
        Row("dead_letter_arn", "DeadLetterConfig.TargetArn", text),
        Row("log_group", "LoggingConfig.LogGroup", link("name")),
        Row("log_format", "LoggingConfig.LogFormat", text),
        Row("tracing", "TracingConfig.Mode", text),
        _TAGS,
    ),
    attributes={"arn": "Arn"},
    ref_is="name",
)

FUNCTION_PERMISSION = Table(
    "AWS::Lambda::Permission",
    FunctionPermission,
    (
        # Name or ARN (CloudFormation Template Reference, aws-resource-lambda-permission, checked 2026-11-21).
        Row("function", "FunctionName", link("name", "arn")),
        Row("action", "Action", text),
        Row("principal", "Principal", text),
        Row("source_arn", "SourceArn", text),
        Row("source_account", "SourceAccount", text),
    ),
    ref_attributes=("Id",),
)

_TARGETS = blocks(
    EventTarget,
    Row("name", "Id", text),
    Row("arn", "Arn", text),
    Row("role", "RoleArn", link("arn")),
    Row("input", "Input", text),
    Row("input_path", "InputPath", text),
    Row("input_paths", "InputTransformer.InputPathsMap", Named(text)),
    Row("input_template", "InputTransformer.InputTemplate", text),
    Row("dead_letter_arn", "DeadLetterConfig.Arn", text),
    Row("max_age", "RetryPolicy.MaximumEventAgeInSeconds", seconds),
    Row("max_retries", "RetryPolicy.MaximumRetryAttempts", integer),
)

EVENT_RULE = Table(
    "AWS::Events::Rule",
    EventRule,
    (
        Row("name", "Name", text),
        Row("description", "Description", text),
        Row("bus", "EventBusName", text),
        Row("pattern", "EventPattern", event_pattern),
        Row("schedule", "ScheduleExpression", schedule),
        Row("state", "State", text),
        Row("targets", "Targets", _TARGETS),
        _TAGS,
    ),
    attributes={"arn": "Arn", "name": "RuleName"},
    ref_is="name",
)

TABLES = (FUNCTION, FUNCTION_PERMISSION, EVENT_RULE)
