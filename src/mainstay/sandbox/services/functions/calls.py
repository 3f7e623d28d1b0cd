"""One call of a function: prepared in a transaction, run outside of any, and told of in another one."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mainstay.core.clock import render_time
from mainstay.functions.packaging import Package
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.lambda_launch import Invocation, invoke
from mainstay.sandbox.services import keys, logs, metrics, s3_objects
from mainstay.sandbox.services.functions.records import LATEST
from mainstay.sandbox.services.handler import refuse_if
from mainstay.sandbox.state import Record, Transaction

NAMESPACE: Final = "AWS/Lambda"
# CloudWatch Logs quotas: an event has 256 KiB at most (not re-read).
LONGEST_LINE: Final = 256 * 1024 - 26


@dataclass(frozen=True, slots=True)
class Call:
    """What is to be run: the function as it was, the event (JSON), the request's id, the log stream."""

    function: Record
    event: Any  # Any: JSON of the caller's
    request_id: str
    stream: str

    @property
    def name(self) -> str:
        """The function's name."""
        return str(self.function["FunctionName"])


def prepare(tx: Transaction, function: Record, event: Any, request_id: str = "") -> Call:
    """A call that may be made now. Errors: as Lambda refuses a throttled function, or one whose key is unusable."""
    if function["_concurrency"] == 0:
        metrics.record(tx, NAMESPACE, "Throttles", _about(function), 1)
    refuse_if(function["_concurrency"] == 0, "TooManyRequestsException", "Rate Exceeded.", 429)
    key = function.get("KMSKeyArn")
    if key:
        found = keys.find(tx, key)
        message = f"Lambda was unable to decrypt the environment variables: the key {key} is not enabled."
        refuse_if(found is None or found["KeyState"] != "Enabled", "KMSDisabledException", message, 502)
    mark = hashlib.md5(function["RevisionId"].encode(), usedforsecurity=False).hexdigest()
    stream = f"{tx.now:%Y/%m/%d}/[{LATEST}]{mark}"
    return Call(function, event, request_id or str(uuid.uuid4()), stream)


def run(call: Call, directory: Path, region: str) -> Invocation:
    """Run the function in an environment of its own, and wait for its answer. Never called in a transaction."""
    function = call.function
    content = s3_objects.place(directory, function["_code"]).read_bytes()
    package = Package(
        name=call.name,
        architecture=function["Architectures"][0],
        content=content,
        sha256=base64.b64decode(function["CodeSha256"]).hex(),
        handler=function["Handler"],
        runtime=function["Runtime"],
    )
    return invoke(
        package,
        call.event,
        sandbox=directory,
        region=region,
        environment=function.get("Environment", {}).get("Variables", {}),
        timeout_s=function["Timeout"],
        memory_mib=function["MemorySize"],
        request_id=call.request_id,
        about={
            "invoked_function_arn": function["FunctionArn"],
            "log_group_name": function["LoggingConfig"]["LogGroup"],
            "log_stream_name": call.stream,
        },
    )


def tell(tx: Transaction, call: Call, done: Invocation) -> str:
    """Write the log and the metrics of a call that has ended; returns what was logged."""
    lines = list(_lines(tx, call, done))
    _log(tx, call, lines)
    about = _about(call.function)
    metrics.record(tx, NAMESPACE, "Invocations", about, 1)
    metrics.record(tx, NAMESPACE, "Errors", about, int(done.error is not None))
    metrics.record(tx, NAMESPACE, "Duration", about, round(done.duration_s * 1000, 2), unit="Milliseconds")
    for line in done.log.splitlines():
        _embedded(tx, line)
    return "\n".join(lines) + "\n"


def answer_of(call: Call, done: Invocation) -> bytes:
    """What the caller is given: the result, or Lambda's error document."""
    if done.error is None:
        return json.dumps(done.result).encode()
    return json.dumps({**done.error, "requestId": call.request_id}).encode()


def _about(function: Record) -> dict[str, str]:
    return {"FunctionName": function["FunctionName"]}


def _lines(tx: Transaction, call: Call, done: Invocation) -> Iterator[str]:
    """The log of one call. Lambda developer guide, "Lambda Python logging": START, output, END, REPORT."""
    took_ms = done.duration_s * 1000
    function, is_json = call.function, call.function["LoggingConfig"]["LogFormat"] == "JSON"
    if is_json:
        yield _platform(tx, "platform.start", {"requestId": call.request_id, "version": LATEST})
    else:
        yield f"START RequestId: {call.request_id} Version: {LATEST}"
    yield from done.log.splitlines()
    if done.error is not None and done.error["errorType"] in ("Sandbox.Timedout", "Runtime.ExitError"):
        yield f"{render_time(tx.now)} {call.request_id} {done.error['errorMessage']}"
    if is_json:
        status = "success" if done.error is None else "error"
        figures = {"durationMs": round(took_ms, 2), "memorySizeMB": function["MemorySize"]}
        yield _platform(tx, "platform.report", {"requestId": call.request_id, "metrics": figures, "status": status})
        return
    yield f"END RequestId: {call.request_id}"
    yield (
        f"REPORT RequestId: {call.request_id}\tDuration: {took_ms:.2f} ms\tBilled Duration: {took_ms + 1:.0f} ms\t"
        f"Memory Size: {function['MemorySize']} MB"
    )


def _platform(tx: Transaction, kind: str, record: dict[str, object]) -> str:
    return json.dumps({"time": render_time(tx.now), "type": kind, "record": record})


def _log(tx: Transaction, call: Call, lines: list[str]) -> None:
    """Append to the function's group, which comes into being with the first call when nobody made it."""
    group = call.function["LoggingConfig"]["LogGroup"]
    stream = {"logGroupName": group, "logStreamName": call.stream}
    for make, given in ((logs.create_log_group, {"logGroupName": group}), (logs.create_log_stream, stream)):
        try:
            with tx.savepoint():
                make(tx, given)
        except ServiceError as error:
            if error.code != "ResourceAlreadyExistsException":
                raise
    at = int(tx.now.timestamp() * 1000)
    events = [{"timestamp": at, "message": line[:LONGEST_LINE]} for line in lines]
    logs.put_log_events(tx, {**stream, "logEvents": events})


def _embedded(tx: Transaction, line: str) -> None:
    """The metrics that a line of the log carries (CloudWatch embedded metric format)."""
    if '"_aws"' not in line:
        return
    try:
        document = json.loads(line)
        for block in document["_aws"]["CloudWatchMetrics"]:
            for names in block["Dimensions"]:
                about = {name: str(document[name]) for name in names}
                for metric in block["Metrics"]:
                    value = float(document[metric["Name"]])
                    metrics.record(
                        tx, block["Namespace"], metric["Name"], about, value, unit=metric.get("Unit", "None")
                    )
    except (ValueError, KeyError, TypeError):
        # A line that only looks like the format is a line of the log and nothing else, as in CloudWatch.
        return
