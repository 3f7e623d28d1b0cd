"""Targets of EventBridge's rules: topics that are told and functions that are called, as far as they admit it.

A target that is gone or does not admit EventBridge is not tried again: the rule's FailedInvocations count it, and its
dead letter queue is given the event. There are no queues in a sandbox: what one would hold is kept in the state only.
"""

from __future__ import annotations

import fnmatch
import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError, not_implemented
from mainstay.sandbox.services import metrics, sns
from mainstay.sandbox.services.event_inputs import INVALID, check_input, input_of
from mainstay.sandbox.services.functions import queue
from mainstay.sandbox.services.functions.permissions import admits
from mainstay.sandbox.services.functions.records import find_function
from mainstay.sandbox.services.handler import as_list, refuse_if, statements
from mainstay.sandbox.state import Record, Transaction

DEAD_LETTER: Final = "events:dead-letter"
NAMESPACE: Final = "AWS/Events"
SERVICE: Final = "events.amazonaws.com"
TOPIC, FUNCTION, QUEUE = "arn:aws:sns:", "arn:aws:lambda:", "arn:aws:sqs:"
# EventBridge API, RetryPolicy (botocore 1.44.5).
_BOUNDS: Final = {"MaximumRetryAttempts": (0, 185), "MaximumEventAgeInSeconds": (60, 86_400)}
# What a target can be asked for and is not here: of kinds that do not exist in a sandbox.
_UNKNOWN: Final = ("KinesisParameters", "RunCommandParameters", "EcsParameters", "BatchParameters", "SqsParameters",
                   "HttpParameters", "RedshiftDataParameters", "SageMakerPipelineParameters",
                   "AppSyncParameters")  # fmt: skip

Event = Mapping[str, Any]  # Any: JSON of an event


class Undelivered(Exception):
    """Why a target was not reached, with EventBridge's own code."""

    def __init__(self, code: str, told: str) -> None:
        super().__init__(told)
        self.code = code


def check_target(tx: Transaction, target: Mapping[str, Any]) -> None:  # Any: EventBridge's shape
    """Refuse what EventBridge does not take; that a target exists and admits it is not asked for here either."""
    arn, unknown = target["Arn"], [name for name in _UNKNOWN if name in target]
    if unknown or not arn.startswith((TOPIC, FUNCTION)):
        raise not_implemented("events", "PutTargets", f"the target {arn}: only topics and functions are there")
    told = f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct region."
    refuse_if(arn.split(":")[3] != tx.region, INVALID, told)
    check_input(target)
    for member, (least, most) in _BOUNDS.items():
        value = target.get("RetryPolicy", {}).get(member, least)
        refuse_if(not least <= value <= most, INVALID, f"{member} must be from {least} to {most}, not {value}.")
    letters = target.get("DeadLetterConfig", {}).get("Arn", QUEUE)
    refuse_if(not letters.startswith(QUEUE), INVALID, f"Parameter {letters} is not valid. Reason: it is no SQS queue.")


def deliver(tx: Transaction, rule: Record, event: Event) -> None:
    """Give an event to every target of a rule that it fits."""
    about = {"RuleName": rule["Name"]}
    metrics.record(tx, NAMESPACE, "TriggeredRules", about, 1)
    for target in rule["_targets"]:
        metrics.record(tx, NAMESPACE, "Invocations", about, 1)
        text = input_of(target, event, rule["Arn"])
        try:
            (_tell if target["Arn"].startswith(TOPIC) else _call)(tx, rule, target["Arn"], text)
        except Undelivered as failure:
            metrics.record(tx, NAMESPACE, "FailedInvocations", about, 1)
            _bury(tx, rule, target, event, failure)


def _tell(tx: Transaction, rule: Record, arn: str, text: str) -> None:
    """Publish to a topic; facts F.7: one that does not admit EventBridge is silently not told."""
    del rule
    topic = tx.get(sns.TOPIC, arn)
    if topic is None:
        raise Undelivered("NO_RESOURCE", f"the topic {arn} does not exist")
    if not _admits(json.loads(topic["attributes"]["Policy"])):
        raise Undelivered("NO_PERMISSIONS", f"the policy of {arn} does not let {SERVICE} publish")
    try:
        sns.publish(tx, {"TopicArn": arn, "Message": text})
    except ServiceError as error:
        raise Undelivered("SDK_CLIENT_ERROR", f"{error.code}: {error.message}") from error


def _call(tx: Transaction, rule: Record, arn: str, text: str) -> None:
    """Queue an event for a function, which calls it in its own time and tries again by itself."""
    function = find_function(tx, arn)
    if function is None:
        raise Undelivered("NO_RESOURCE", f"the function {arn} does not exist")
    if not admits(tx, function, SERVICE, rule["Arn"]):
        raise Undelivered("NO_PERMISSIONS", f"the policy of {arn} does not let {SERVICE} call it for {rule['Arn']}")
    try:
        given = json.loads(text)
    except ValueError as error:
        raise Undelivered("INVALID_JSON", f"the transformed input is no JSON: {error}") from error
    queue.enqueue(tx, function, given)


def _bury(tx: Transaction, rule: Record, target: Mapping[str, Any], event: Event, failure: Undelivered) -> None:
    letters = target.get("DeadLetterConfig", {}).get("Arn")
    if not letters:
        return
    metrics.record(tx, NAMESPACE, "InvocationsSentToDlq", {"RuleName": rule["Name"]}, 1)
    kept = {"queue": letters, "rule": rule["Arn"], "target": target["Arn"], "event": dict(event),
            "code": failure.code, "message": str(failure), "at": render_time(tx.now)}  # fmt: skip
    tx.put(DEAD_LETTER, str(uuid.uuid4()), kept)


def _admits(policy: Mapping[str, Any]) -> bool:  # Any: a policy's JSON
    """Whether a statement lets EventBridge publish; its conditions are not looked at."""
    return any(
        statement["Effect"] == "Allow"
        and isinstance(statement.get("Principal"), dict)
        and SERVICE in as_list(statement["Principal"].get("Service"))
        and any(fnmatch.fnmatch("sns:publish", str(action).lower()) for action in as_list(statement.get("Action")))
        for statement in statements(policy)
    )
