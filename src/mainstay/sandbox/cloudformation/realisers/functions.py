"""Functions, who may call them, and the schedules by which they rotate secrets, made real through their handlers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay.core.units import Duration
from mainstay.plan.resources import Function, FunctionPermission, Resource, RotationSchedule
from mainstay.sandbox.cloudformation.realisers.making import (
    Attributes,
    Made,
    Making,
    Realiser,
    attribute,
    days,
    flag,
    ignore_missing,
    mib,
    number,
    seconds,
    text,
)
from mainstay.sandbox.cloudformation.resolve import Physical
from mainstay.sandbox.services.functions.code import inline_zip

Shape = dict[str, Any]  # Any: the shapes of Lambda's and Secrets Manager's requests

# What a function goes back to when its template no longer says it: Lambda API, CreateFunction (botocore 1.44.5).
_DEFAULTS: Final[Mapping[str, Any]] = {
    "Description": "",
    "Timeout": 3,
    "MemorySize": 128,
    "EphemeralStorage": {"Size": 512},
    "Environment": {"Variables": {}},
    "KMSKeyArn": "",
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
    "DeadLetterConfig": {},
    "TracingConfig": {"Mode": "PassThrough"},
}
_CODE: Final = ("Code", "Architectures")
_ASIDE: Final = frozenset({*_CODE, "Tags", "ReservedConcurrentExecutions"})


def _create_function(making: Making, function: Function) -> Made:
    name = making.name(function.name, most=64)
    made = making.call(
        "lambda",
        "CreateFunction",
        FunctionName=name,
        Code=_code(function),
        Architectures=[str(each) for each in function.architectures] or None,
        Tags=_tags(making, function),
        **_configuration(function),
    )
    _reserve(making, function, name)
    return Made(name, {"arn": made["FunctionArn"]})


def _configuration(function: Function) -> Shape:
    """The members that a creation and an update share; those without a value are left out."""
    disk, key = mib(function.disk), attribute(function.key_id, "arn")
    groups = [str(attribute(group, "group_id")) for group in function.security_groups]
    variables = {name: str(value) for name, value in function.environment.items()}
    logging = {"LogGroup": text(function.log_group), "LogFormat": text(function.log_format)}
    wanted = {
        "Role": attribute(function.role, "arn"),
        "Runtime": text(function.runtime),
        "Handler": text(function.handler),
        "Description": text(function.description),
        "Timeout": seconds(function.timeout),
        "MemorySize": mib(function.memory),
        "EphemeralStorage": None if disk is None else {"Size": disk},
        "Environment": {"Variables": variables} if variables else None,
        "KMSKeyArn": None if key is None else str(key),
        "VpcConfig": {"SubnetIds": [str(each) for each in function.subnets], "SecurityGroupIds": groups},
        "DeadLetterConfig": {"TargetArn": text(function.dead_letter_arn)} if function.dead_letter_arn else None,
        "TracingConfig": {"Mode": text(function.tracing)} if function.tracing is not None else None,
        "LoggingConfig": {name: value for name, value in logging.items() if value is not None} or None,
        "Layers": [str(each) for each in function.layers] or None,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _code(function: Function) -> Shape:
    if function.code_text is not None:
        return {"ZipFile": inline_zip(str(function.code_text))}
    wanted = {
        "S3Bucket": text(function.code_bucket),
        "S3Key": text(function.code_key),
        "S3ObjectVersion": text(function.code_version),
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _tags(making: Making, function: Function) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in making.tags(function.tags)}


def _reserve(making: Making, function: Function, name: str) -> None:
    reserved = number(function.reserved_concurrency)
    if reserved is None:
        making.call("lambda", "DeleteFunctionConcurrency", FunctionName=name)
    else:
        making.call("lambda", "PutFunctionConcurrency", FunctionName=name, ReservedConcurrentExecutions=reserved)


def _update_function(
    making: Making, function: Function, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    name = str(physical)
    if set(changed) - _ASIDE:
        wanted = {**_DEFAULTS, **_configuration(function)}
        making.call("lambda", "UpdateFunctionConfiguration", FunctionName=name, **wanted)
    if set(_CODE) & set(changed):
        architectures = [str(each) for each in function.architectures] or ["x86_64"]
        making.call("lambda", "UpdateFunctionCode", FunctionName=name, Architectures=architectures, **_code(function))
    if "ReservedConcurrentExecutions" in changed:
        _reserve(making, function, name)
    if "Tags" in changed:
        arn = physical.attributes["arn"]
        old = making.call("lambda", "ListTags", Resource=arn)["Tags"]
        making.call("lambda", "UntagResource", Resource=arn, TagKeys=list(old))
        making.call("lambda", "TagResource", Resource=arn, Tags=_tags(making, function))
    return None


def _delete_function(making: Making, physical: Physical) -> None:
    ignore_missing(
        "ResourceNotFoundException", lambda: making.call("lambda", "DeleteFunction", FunctionName=str(physical))
    )


def _permit(making: Making, item: FunctionPermission) -> Made:
    name, function = making.name(None, most=100), str(item.function)
    making.call(
        "lambda",
        "AddPermission",
        FunctionName=function,
        StatementId=name,
        Action=str(item.action),
        Principal=str(item.principal),
        SourceArn=attribute(item.source_arn, "arn"),
        SourceAccount=text(item.source_account),
    )
    return Made(name, {"_function": function})


def _forbid(making: Making, physical: Physical) -> None:
    """Take the statement out; it is gone already when its function is."""
    function = physical.attributes["_function"]
    ignore_missing(
        "ResourceNotFoundException",
        lambda: making.call("lambda", "RemovePermission", FunctionName=function, StatementId=str(physical)),
    )


def _rotate(making: Making, item: RotationSchedule) -> Made:
    arn = _configure_rotation(making, item)
    return Made(arn, {"arn": arn})


def _configure_rotation(making: Making, item: RotationSchedule) -> str:
    """Rotation begins with the schedule unless the template says otherwise; the stack does not wait for its end
    (CloudFormation Template Reference, RotateImmediatelyOnUpdate, facts F.6).
    """
    window = f"{int(item.window) // 3600}h" if isinstance(item.window, Duration) else text(item.window)
    rules = {
        "AutomaticallyAfterDays": days(item.every),
        "ScheduleExpression": text(item.schedule),
        "Duration": window,
    }
    rotated = making.call(
        "secretsmanager",
        "RotateSecret",
        SecretId=str(item.secret),
        RotationLambdaARN=attribute(item.function, "arn"),
        RotationRules={name: value for name, value in rules.items() if value is not None},
        RotateImmediately=flag(item.rotates_at_once) is not False,
    )
    return str(rotated["ARN"])


def _update_rotation(
    making: Making, item: RotationSchedule, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    del physical, changed
    return {"arn": _configure_rotation(making, item)}


def _cancel_rotation(making: Making, physical: Physical) -> None:
    ignore_missing(
        "ResourceNotFoundException",
        lambda: making.call("secretsmanager", "CancelRotateSecret", SecretId=str(physical)),
    )


REALISERS: Final[dict[type[Resource], Realiser[Any]]] = {
    Function: Realiser(create=_create_function, update=_update_function, delete=_delete_function),
    FunctionPermission: Realiser(create=_permit, delete=_forbid),
    RotationSchedule: Realiser(create=_rotate, update=_update_rotation, delete=_cancel_rotation),
}
