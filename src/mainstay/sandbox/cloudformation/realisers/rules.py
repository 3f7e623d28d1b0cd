"""EventBridge rules made real through its handlers."""

from __future__ import annotations

import json
from typing import Any, Final

from mainstay.plan.patterns import EventPattern, Like
from mainstay.plan.resources import EventRule, EventTarget, Resource
from mainstay.sandbox.cloudformation.realisers.making import (
    Attributes,
    Made,
    Making,
    Realiser,
    attribute,
    number,
    seconds,
    text,
)
from mainstay.sandbox.cloudformation.resolve import Physical


def _create(making: Making, rule: EventRule) -> Made:
    name = making.name(rule.name, most=64)
    arn = _put(making, rule, name)
    _put_targets(making, rule, name)
    return Made(name, {"arn": arn})


def _put(making: Making, rule: EventRule, name: str) -> str:
    made = making.call(
        "events",
        "PutRule",
        Name=name,
        Description=text(rule.description),
        EventPattern=_pattern(rule.pattern),
        ScheduleExpression=text(rule.schedule),
        State=text(rule.state),
        EventBusName=text(rule.bus),
        Tags=making.tags(rule.tags),
    )
    return str(made["RuleArn"])


def _pattern(pattern: EventPattern | None) -> str | None:
    """The pattern's JSON."""
    root: dict[str, Any] = {}  # Any: nested JSON
    for match in pattern.matches if pattern else ():
        here = root
        for part in match.path[:-1]:
            here = here.setdefault(part, {})
        here[match.path[-1]] = [
            {value.operator: str(value.value)} if isinstance(value, Like) else str(value) for value in match.values
        ]
    return json.dumps(root) if root else None


def _put_targets(making: Making, rule: EventRule, name: str) -> None:
    if rule.targets:
        making.call("events", "PutTargets", Rule=name, Targets=[_target(target) for target in rule.targets])


def _target(target: EventTarget) -> dict[str, Any]:  # Any: EventBridge's shape
    retries = {"MaximumEventAgeInSeconds": seconds(target.max_age), "MaximumRetryAttempts": number(target.max_retries)}
    paths = {name: str(value) for name, value in target.input_paths.items()}
    transformed = {"InputPathsMap": paths, "InputTemplate": str(target.input_template)}
    given = {
        "Id": str(target.name),
        "Arn": str(attribute(target.arn, "arn")),
        "RoleArn": attribute(target.role, "arn"),
        "Input": text(target.input),
        "InputPath": text(target.input_path),
        "InputTransformer": transformed if target.input_template is not None else None,
        "DeadLetterConfig": {"Arn": str(target.dead_letter_arn)} if target.dead_letter_arn is not None else None,
        "RetryPolicy": {name: value for name, value in retries.items() if value is not None} or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _update(making: Making, rule: EventRule, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    name = str(physical)
    _put(making, rule, name)
    _remove_targets(making, name)
    _put_targets(making, rule, name)
    if "Tags" in changed:
        arn = physical.attributes["arn"]
        old = making.call("events", "ListTagsForResource", ResourceARN=arn)["Tags"]
        making.call("events", "UntagResource", ResourceARN=arn, TagKeys=[tag["Key"] for tag in old])
        making.call("events", "TagResource", ResourceARN=arn, Tags=making.tags(rule.tags))
    return None


def _remove_targets(making: Making, name: str) -> None:
    held = making.call("events", "ListTargetsByRule", Rule=name)["Targets"]
    if held:
        making.call("events", "RemoveTargets", Rule=name, Ids=[target["Id"] for target in held])


def _delete(making: Making, physical: Physical) -> None:
    _remove_targets(making, str(physical))
    making.call("events", "DeleteRule", Name=str(physical))


REALISERS: Final[dict[type[Resource], Realiser[Any]]] = {
    EventRule: Realiser(create=_create, update=_update, delete=_delete)
}
