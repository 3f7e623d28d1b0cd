"""Events that wait for a function: queued by Invoke and by services, run by the supervisor, tried three times.

Lambda waits one minute before the second attempt and two before the third, and tells the dead letter topic when the
last one fails or six hours have passed (developer guide, invocation-async, read 2026-11-21). An event whose run was
cut short is run again: a function may see an event twice, in Lambda as here.
"""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any, Final

from mainstay.core.clock import parse_time, render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.lambda_launch import Invocation
from mainstay.sandbox.services import metrics, sns
from mainstay.sandbox.services.functions.calls import NAMESPACE, Call, prepare
from mainstay.sandbox.services.functions.records import EVENT, FUNCTION
from mainstay.sandbox.state import Record, Transaction

PAUSES_S: Final = (60, 120)
LONGEST: Final = timedelta(hours=6)


def enqueue(tx: Transaction, function: Record, event: Any) -> str:
    """Let an event (JSON) wait for the function; the request's id."""
    request_id = str(uuid.uuid4())
    number = 1 + max((int(held["id"]) for held in tx.all(EVENT)), default=0)
    waiting = {
        "id": f"{number:012}",
        "function": function["FunctionName"],
        "event": event,
        "request_id": request_id,
        "tried": 0,
        "due": render_time(tx.now),
        "queued": render_time(tx.now),
    }
    tx.put(EVENT, waiting["id"], waiting)
    return request_id


def due(tx: Transaction) -> list[str]:
    """The ids of the region's events whose time has come, oldest first."""
    return [waiting["id"] for waiting in tx.all(EVENT) if parse_time(waiting["due"]) <= tx.now]


def begin(tx: Transaction, identifier: str) -> Call | None:
    """The call for an event; None when it is not to be made (the event is gone, or given up)."""
    waiting = tx.get(EVENT, identifier)
    if waiting is None:
        return None
    function = tx.get(FUNCTION, waiting["function"])
    if function is None:
        tx.delete(EVENT, identifier)
        return None
    if parse_time(waiting["queued"]) + LONGEST < tx.now:
        _give_up(tx, waiting, function, "the event has waited for six hours")
        return None
    try:
        return prepare(tx, function, waiting["event"], waiting["request_id"])
    except ServiceError as error:
        # With nothing reserved no attempt can succeed: Lambda gives up at once.
        _give_up(tx, waiting, function, f"{error.code}: {error.message}")
        return None


def end(tx: Transaction, identifier: str, call: Call, done: Invocation) -> None:
    """Forget an event that was handled; let one that failed wait again, or give it up."""
    waiting = tx.get(EVENT, identifier)
    if waiting is None:
        return
    if done.error is None:
        tx.delete(EVENT, identifier)
    elif waiting["tried"] == len(PAUSES_S):
        _give_up(tx, waiting, call.function, str(done.error["errorMessage"]))
    else:
        pause = timedelta(seconds=PAUSES_S[waiting["tried"]])
        later = {"tried": waiting["tried"] + 1, "due": render_time(tx.now + pause)}
        tx.put(EVENT, identifier, {**waiting, **later})


def _give_up(tx: Transaction, waiting: Record, function: Record, why: str) -> None:
    """Drop an event; the dead letter topic is given it, if there is one."""
    tx.delete(EVENT, waiting["id"])
    about = {"FunctionName": function["FunctionName"]}
    metrics.record(tx, NAMESPACE, "AsyncEventsDropped", about, 1)
    target = function.get("DeadLetterConfig", {}).get("TargetArn")
    if not target:
        return
    told = {"RequestID": waiting["request_id"], "ErrorCode": "200", "ErrorMessage": why[:1024]}
    attributes = {name: {"DataType": "String", "StringValue": text} for name, text in told.items()}
    try:
        message = json.dumps(waiting["event"])
        sns.publish(tx, {"TopicArn": target, "Message": message, "MessageAttributes": attributes})
    except ServiceError:
        metrics.record(tx, NAMESPACE, "DeadLetterErrors", about, 1)
