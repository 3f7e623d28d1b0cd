"""Invoke: a caller who waits for the answer, an event that waits for the function, or only a look whether it may be."""

from __future__ import annotations

import base64
import json
from typing import Any, Final

from mainstay import facts
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.functions import queue
from mainstay.sandbox.services.functions.calls import answer_of, prepare, run, tell
from mainstay.sandbox.services.functions.records import INVALID, LATEST, require_function
from mainstay.sandbox.services.handler import Answer, Params, refuse_if
from mainstay.sandbox.state import State

WAITING, EVENT, DRY_RUN = "RequestResponse", "Event", "DryRun"
_TOO_LARGE: Final = "Function.ResponseSizeTooLarge"


def invoke(state: State, region: str, params: Params) -> Answer:
    """Lambda's Invoke. The function runs between two transactions, never in one."""
    kind = params.get("InvocationType", WAITING)
    refuse_if(kind not in (WAITING, EVENT, DRY_RUN), INVALID, f"InvocationType must not be {kind}.")
    event = _event(params.get("Payload", b""), kind)
    with state.transaction(region) as tx:
        function = require_function(tx, params["FunctionName"], params.get("Qualifier"))
        if kind == DRY_RUN:
            return {"StatusCode": 204}
        if kind == EVENT:
            queue.enqueue(tx, function, event)
            return {"StatusCode": 202, "Payload": b""}
        call = prepare(tx, function, event)
    done = run(call, state.directory, region)
    with state.transaction(region) as tx:
        logged = tell(tx, call, done)
    answer: Answer = {"StatusCode": 200, "ExecutedVersion": LATEST, "Payload": answer_of(call, done)}
    if done.error is not None:
        answer["FunctionError"] = "Unhandled"
    elif len(answer["Payload"]) > (most := facts.limit("lambda", "payload_bytes")):
        told = f"Response payload size exceeded maximum allowed payload size ({most} bytes)."
        answer["Payload"] = json.dumps({"errorMessage": told, "errorType": _TOO_LARGE}).encode()
        answer["FunctionError"] = "Unhandled"
    if params.get("LogType") == "Tail":
        tail = logged.encode()[-facts.limit("lambda", "log_tail_bytes") :]
        answer["LogResult"] = base64.b64encode(tail).decode()
    return answer


def _event(payload: Any, kind: str) -> Any:  # Any: bytes, text or a stream, as boto3 takes it; JSON comes out
    given = payload.read() if hasattr(payload, "read") else payload
    text = given.encode() if isinstance(given, str) else bytes(given)
    most = facts.limit("lambda", "event_payload_bytes" if kind == EVENT else "payload_bytes")
    message = f"Request must be smaller than {most} bytes for the InvokeFunction operation"
    refuse_if(len(text) > most, "RequestTooLargeException", message, 413)
    try:
        return json.loads(text) if text else {}
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        raise ServiceError("InvalidRequestContentException", message) from error
