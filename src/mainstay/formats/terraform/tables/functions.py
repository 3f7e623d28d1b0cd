"""Functions and the events that call them in Terraform."""

from __future__ import annotations

from typing import Final

from mainstay.formats.lists import Named, link, links, texts
from mainstay.formats.patterns import event_pattern
from mainstay.formats.scalars import integer, mib, schedule, seconds, text
from mainstay.formats.table import Row, blocks
from mainstay.formats.terraform.blocks import Beside, Blocks, Place
from mainstay.formats.terraform.codecs import InJson
from mainstay.formats.terraform.tables.rows import tags
from mainstay.plan.resources import EventRule, EventTarget, Function, FunctionPermission
from mainstay.plan.values import Json

_FUNCTION: Final = "aws_lambda_function"
_PERMISSION: Final = "aws_lambda_permission"
_RULE: Final = "aws_cloudwatch_event_rule"
_TARGET: Final = "aws_cloudwatch_event_target"


def _log_format(function: Function, place: Place) -> Json:
    """The provider wants it beside a log group; logs are text where nothing is said (Lambda Developer Guide,
    monitoring-cloudwatchlogs-logformat, 2026-11-21).
    """
    return "Text" if function.log_group is not None and function.log_format is None else None


FUNCTION = Blocks(
    _FUNCTION,
    Function,
    (
        Row("name", f"{_FUNCTION}.function_name", text),
        Row("description", f"{_FUNCTION}.description", text),
        Row("role", f"{_FUNCTION}.role", link("arn")),
        Row("runtime", f"{_FUNCTION}.runtime", text),
        Row("handler", f"{_FUNCTION}.handler", text),
        Row("code_bucket", f"{_FUNCTION}.s3_bucket", link("name")),
        Row("code_key", f"{_FUNCTION}.s3_key", text),
        Row("code_version", f"{_FUNCTION}.s3_object_version", text),
        Row("architectures", f"{_FUNCTION}.architectures", texts),
        Row("layers", f"{_FUNCTION}.layers", texts),
        Row("memory", f"{_FUNCTION}.memory_size", mib),
        Row("disk", f"{_FUNCTION}.ephemeral_storage.size", mib),
        Row("timeout", f"{_FUNCTION}.timeout", seconds),
        Row("reserved_concurrency", f"{_FUNCTION}.reserved_concurrent_executions", integer),
        Row("subnets", f"{_FUNCTION}.vpc_config.subnet_ids", links("id")),
        Row("security_groups", f"{_FUNCTION}.vpc_config.security_group_ids", links("id", "group_id")),
        Row("environment", f"{_FUNCTION}.environment.variables", Named(text)),
        Row("key_id", f"{_FUNCTION}.kms_key_arn", link("arn")),
        Row("dead_letter_arn", f"{_FUNCTION}.dead_letter_config.target_arn", text),
        Row("log_group", f"{_FUNCTION}.logging_config.log_group", link("name")),
        Row("log_format", f"{_FUNCTION}.logging_config.log_format", text),
        Row("tracing", f"{_FUNCTION}.tracing_config.mode", text),
        tags(_FUNCTION),
    ),
    attributes={"name": "function_name"},
    ref_is="name",
    named="function_name",
    derived={f"{_FUNCTION}.logging_config.log_format": _log_format},
)

FUNCTION_PERMISSION = Blocks(
    _PERMISSION,
    FunctionPermission,
    (
        Row("function", f"{_PERMISSION}.function_name", link("name", "arn")),
        Row("action", f"{_PERMISSION}.action", text),
        Row("principal", f"{_PERMISSION}.principal", text),
        Row("source_arn", f"{_PERMISSION}.source_arn", text),
        Row("source_account", f"{_PERMISSION}.source_account", text),
    ),
)

_TARGETS = blocks(
    EventTarget,
    Row("name", "target_id", text),
    Row("arn", "arn", text),
    Row("role", "role_arn", link("arn")),
    Row("input", "input", text),
    Row("input_path", "input_path", text),
    Row("input_paths", "input_transformer.input_paths", Named(text)),
    Row("input_template", "input_transformer.input_template", text),
    Row("dead_letter_arn", "dead_letter_config.arn", text),
    Row("max_age", "retry_policy.maximum_event_age_in_seconds", seconds),
    Row("max_retries", "retry_policy.maximum_retry_attempts", integer),
)

EVENT_RULE = Blocks(
    _RULE,
    EventRule,
    (
        Row("name", f"{_RULE}.name", text),
        Row("description", f"{_RULE}.description", text),
        Row("bus", f"{_RULE}.event_bus_name", text),
        Row("pattern", f"{_RULE}.event_pattern", InJson(event_pattern)),
        Row("schedule", f"{_RULE}.schedule_expression", schedule),
        Row("state", f"{_RULE}.state", text),
        tags(_RULE),
        Row("targets", _TARGET, _TARGETS),
    ),
    ref_is="name",
    beside=(Beside(type_name=_TARGET, joins={"rule": "name"}, is_many=True),),
    needs=(f"{_TARGET}.input_transformer.input_template",),
)

TABLES: tuple[Blocks, ...] = (FUNCTION, FUNCTION_PERMISSION, EVENT_RULE)
