"""CloudWatch Logs: groups with their retention, streams and events."""

from __future__ import annotations

import re
from typing import Any, Final

from mainstay import facts
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services import keys, metric_filters
from mainstay.sandbox.services.handler import Answer, Params, Table, page, public, refuse_if, with_token
from mainstay.sandbox.state import Record, Transaction

GROUP, STREAM, EVENT = "logs:group", "logs:stream", "logs:event"
INVALID: Final = "InvalidParameterException"


def create_log_group(tx: Transaction, params: Params) -> Answer:
    """A new log group, which keeps everything until it is told otherwise."""
    name = params["logGroupName"]
    refuse_if(
        not re.fullmatch(r"[.\-_/#A-Za-z0-9]{1,512}", name),
        INVALID,
        f"1 validation error detected: Value '{name}' at 'logGroupName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+",
    )
    exists = tx.get(GROUP, name) is not None
    refuse_if(exists, "ResourceAlreadyExistsException", "The specified log group already exists")
    group: Record = {
        "logGroupName": name,
        "creationTime": _milliseconds(tx),
        "metricFilterCount": 0,
        "arn": tx.arn("logs", f"log-group:{name}:*"),
        "logGroupArn": tx.arn("logs", f"log-group:{name}"),
        "storedBytes": 0,
        "logGroupClass": params.get("logGroupClass", "STANDARD"),
        "_tags": params.get("tags", {}),
    }
    if "kmsKeyId" in params:
        group["kmsKeyId"] = _key_arn(tx, params["kmsKeyId"])
    tx.put(GROUP, name, group)
    return {}


def delete_log_group(tx: Transaction, params: Params) -> Answer:
    """Remove a group with all it holds."""
    name = _group(tx, params["logGroupName"])["logGroupName"]
    for stream in tx.all(STREAM, prefix=f"{name}\n"):
        tx.delete(STREAM, f"{name}\n{stream['logStreamName']}")
        tx.delete(EVENT, f"{name}\n{stream['logStreamName']}")
    metric_filters.forget_filters(tx, name)
    tx.delete(GROUP, name)
    return {}


def describe_log_groups(tx: Transaction, params: Params) -> Answer:
    """Groups whose names begin so, or hold the pattern."""
    pattern = params.get("logGroupNamePattern", "").lower()
    found = [
        public(group)
        for group in tx.all(GROUP, prefix=params.get("logGroupNamePrefix", ""))
        if pattern in group["logGroupName"].lower()
    ]
    found.sort(key=lambda group: group["logGroupName"])
    shown, token = page(found, params.get("nextToken"), params.get("limit", 50), code=INVALID)
    return with_token({"logGroups": shown}, token, "nextToken")


def put_retention_policy(tx: Transaction, params: Params) -> Answer:
    """Keep events for so many days, one of a fixed list."""
    group, days = _group(tx, params["logGroupName"]), params["retentionInDays"]
    allowed = facts.load("retention").data["log_group_days"]
    refuse_if(
        days not in allowed,
        INVALID,
        f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
        f"Member must satisfy enum value set: {allowed}",
    )
    tx.put(GROUP, group["logGroupName"], {**group, "retentionInDays": days})
    return {}


def delete_retention_policy(tx: Transaction, params: Params) -> Answer:
    """Keep events for ever."""
    group = _group(tx, params["logGroupName"])
    group.pop("retentionInDays", None)
    tx.put(GROUP, group["logGroupName"], group)
    return {}


def associate_kms_key(tx: Transaction, params: Params) -> Answer:
    """Encrypt what comes with this key."""
    group = _group(tx, _named({**params, "logGroupIdentifier": params.get("resourceIdentifier")}))
    tx.put(GROUP, group["logGroupName"], {**group, "kmsKeyId": _key_arn(tx, params["kmsKeyId"])})
    return {}


def disassociate_kms_key(tx: Transaction, params: Params) -> Answer:
    """Encrypt with the service's own key again."""
    group = _group(tx, _named({**params, "logGroupIdentifier": params.get("resourceIdentifier")}))
    group.pop("kmsKeyId", None)
    tx.put(GROUP, group["logGroupName"], group)
    return {}


def create_log_stream(tx: Transaction, params: Params) -> Answer:
    """A new stream in a group."""
    group = _group(tx, params["logGroupName"])["logGroupName"]
    name = params["logStreamName"]
    exists = tx.get(STREAM, f"{group}\n{name}") is not None
    refuse_if(exists, "ResourceAlreadyExistsException", "The specified log stream already exists")
    stream = {
        "logStreamName": name,
        "creationTime": _milliseconds(tx),
        "arn": tx.arn("logs", f"log-group:{group}:log-stream:{name}"),
        "storedBytes": 0,
    }
    tx.put(STREAM, f"{group}\n{name}", stream)
    tx.put(EVENT, f"{group}\n{name}", {"events": []})
    return {}


def describe_log_streams(tx: Transaction, params: Params) -> Answer:
    """The streams of a group."""
    group = _group(tx, _named(params))["logGroupName"]
    found = tx.all(STREAM, prefix=f"{group}\n{params.get('logStreamNamePrefix', '')}")
    shown, token = page(found, params.get("nextToken"), params.get("limit", 50), code=INVALID)
    return with_token({"logStreams": shown}, token, "nextToken")


def put_log_events(tx: Transaction, params: Params) -> Answer:
    """Append events, which have to be in the order of their times."""
    key = _stream_key(tx, params)
    events: list[dict[str, Any]] = params["logEvents"]
    times = [event["timestamp"] for event in events]
    message = "Log events in a single PutLogEvents request must be in chronological order."
    refuse_if(times != sorted(times), INVALID, message)
    held = (tx.get(EVENT, key) or {"events": []})["events"]
    now = _milliseconds(tx)
    held += [{**event, "ingestionTime": now} for event in events]
    tx.put(EVENT, key, {"events": held})
    stream = tx.get(STREAM, key) or {}
    ends = {"firstEventTimestamp": held[0]["timestamp"], "lastEventTimestamp": held[-1]["timestamp"]}
    tx.put(STREAM, key, {**stream, **(ends if held else {}), "lastIngestionTime": now})
    return {"nextSequenceToken": str(len(held))}


def get_log_events(tx: Transaction, params: Params) -> Answer:
    """Events of a stream between two times (milliseconds), the newest page first unless told otherwise."""
    held = (tx.get(EVENT, _stream_key(tx, params)) or {"events": []})["events"]
    start, end = params.get("startTime", 0), params.get("endTime", 2**63)
    found = [event for event in held if start <= event["timestamp"] < end]
    limit = params.get("limit", 10_000)
    token = params.get("nextToken")
    first = int(token[2:]) if token else 0 if params.get("startFromHead") else max(0, len(found) - limit)
    if token and token.startswith("b/"):
        first, limit = max(0, first - limit), min(limit, first)
    shown = found[first : first + limit]
    return {"events": shown, "nextForwardToken": f"f/{first + len(shown)}", "nextBackwardToken": f"b/{first}"}


def tag_resource(tx: Transaction, params: Params) -> Answer:
    """Set tags of a group."""
    group = _by_arn(tx, params["resourceArn"])
    tx.put(GROUP, group["logGroupName"], {**group, "_tags": {**group["_tags"], **params["tags"]}})
    return {}


def untag_resource(tx: Transaction, params: Params) -> Answer:
    """Take tags off a group."""
    group = _by_arn(tx, params["resourceArn"])
    kept = {key: value for key, value in group["_tags"].items() if key not in params["tagKeys"]}
    tx.put(GROUP, group["logGroupName"], {**group, "_tags": kept})
    return {}


def list_tags_for_resource(tx: Transaction, params: Params) -> Answer:
    """The tags of a group."""
    return {"tags": _by_arn(tx, params["resourceArn"])["_tags"]}


def _group(tx: Transaction, name: str) -> Record:
    missing = ServiceError("ResourceNotFoundException", "The specified log group does not exist.")
    return tx.require(GROUP, name, missing)


def _by_arn(tx: Transaction, arn: str) -> Record:
    return _group(tx, arn.split(":log-group:", 1)[-1].removesuffix(":*"))


def _stream_key(tx: Transaction, params: Params) -> str:
    key = f"{_group(tx, _named(params))['logGroupName']}\n{params['logStreamName']}"
    tx.require(STREAM, key, ServiceError("ResourceNotFoundException", "The specified log stream does not exist."))
    return key


def _named(params: Params) -> str:
    """The group's name, which may also be given as an identifier (a name or an ARN)."""
    identifier = params.get("logGroupName") or params.get("logGroupIdentifier") or ""
    message = "Either logGroupName or logGroupIdentifier must be specified."
    refuse_if(not identifier, INVALID, message)
    return str(identifier).split(":log-group:", 1)[-1].removesuffix(":*")


def _key_arn(tx: Transaction, name: str) -> str:
    """A log group takes the key's ARN only, and an enabled key (Logs API, AssociateKmsKey, checked 2026-11-20)."""
    key = keys.find(tx, name) if name.startswith("arn:") else None
    refuse_if(
        key is None or key["KeyState"] != "Enabled",
        INVALID,
        "The specified KMS Key Id could not be found.",
    )
    return name


def _milliseconds(tx: Transaction) -> int:
    return int(tx.now.timestamp() * 1000)


HANDLERS: Final[Table] = {
    **metric_filters.HANDLERS,
    "CreateLogGroup": create_log_group,
    "DeleteLogGroup": delete_log_group,
    "DescribeLogGroups": describe_log_groups,
    "PutRetentionPolicy": put_retention_policy,
    "DeleteRetentionPolicy": delete_retention_policy,
    "AssociateKmsKey": associate_kms_key,
    "DisassociateKmsKey": disassociate_kms_key,
    "CreateLogStream": create_log_stream,
    "DescribeLogStreams": describe_log_streams,
    "PutLogEvents": put_log_events,
    "GetLogEvents": get_log_events,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTagsForResource": list_tags_for_resource,
}
