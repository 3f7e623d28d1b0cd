"""EventBridge's default bus: rules by pattern and by schedule, and events that are told to topics and functions.

An event of a service, or one from PutEvents, is matched in the transaction that it happens in. Schedules are looked
after by the supervisor; one that came round while nobody looked fires once, however often it was missed.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from mainstay.core.clock import parse_time, render_time
from mainstay.core.schedules import Cron, parse_schedule
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.event_patterns import PatternFault, fits, parse
from mainstay.sandbox.services.event_targets import check_target, deliver
from mainstay.sandbox.services.handler import (
    Answer,
    Params,
    Table,
    merged_tags,
    page,
    public,
    refuse_if,
    with_token,
    without_tags,
)
from mainstay.sandbox.state import Record, Transaction

RULE: Final = "events:rule"
INVALID: Final = "ValidationException"
MISSING: Final = "ResourceNotFoundException"
BUS: Final = "default"
MOST_TARGETS: Final = 5  # a rule; EventBridge quotas, checked 2026-11-20
DISABLED: Final = "DISABLED"


def put_rule(tx: Transaction, params: Params) -> Answer:
    """Write a rule with a pattern, a schedule or both, new or in place of the old one; its targets stay."""
    name = params["Name"]
    _check_bus(params)
    refuse_if(not 1 <= len(name) <= 64, INVALID, "Parameter Name must have 1 to 64 characters.")
    pattern, schedule = params.get("EventPattern"), params.get("ScheduleExpression")
    refuse_if(
        not pattern and not schedule, INVALID, "Parameter(s) EventPattern or ScheduleExpression must be specified."
    )
    _check_rule(pattern, schedule)
    old = tx.get(RULE, name)
    members = ("Name", "Description", "EventPattern", "ScheduleExpression", "RoleArn")
    rule: Record = {
        "Arn": tx.arn("events", f"rule/{name}"),
        "State": params.get("State", "ENABLED"),
        "EventBusName": BUS,
        **{member: params[member] for member in members if member in params},
        "_targets": old["_targets"] if old else [],
        "_tags": old["_tags"] if old else params.get("Tags", []),
    }
    _put(tx, rule)
    return {"RuleArn": rule["Arn"]}


def _put(tx: Transaction, rule: Record) -> None:
    """Keep a rule; one with a schedule, unless it is disabled, comes round from now on."""
    text = rule.get("ScheduleExpression")
    at = _next(text, tx.now) if text and rule["State"] != DISABLED else None
    tx.put(RULE, rule["Name"], {**rule, "_due": None if at is None else render_time(at)})


def _next(text: str, after: datetime) -> datetime | None:
    schedule = parse_schedule(text)
    if isinstance(schedule, Cron):
        return schedule.next_after(after)
    return after + timedelta(seconds=int(schedule.period))


def fire_scheduled(tx: Transaction) -> None:
    """Fire the rules of the region whose time has come."""
    for rule in tx.all(RULE):
        if rule["_due"] and parse_time(rule["_due"]) <= tx.now:
            _put(tx, rule)
            event = _event(tx, "aws.events", "Scheduled Event", {}, [rule["Arn"]])
            deliver(tx, rule, {**event, "time": _shown(parse_time(rule["_due"]))})


def _check_rule(pattern: str | None, schedule: str | None) -> None:
    try:
        if pattern:
            parse(pattern)
    except PatternFault as fault:
        raise ServiceError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {fault}") from None
    try:
        if schedule:
            parse_schedule(schedule)
    except ValueError as error:
        raise ServiceError(INVALID, f"Parameter ScheduleExpression is not valid: {error}.") from None


def describe_rule(tx: Transaction, params: Params) -> Answer:
    """One rule, without its targets."""
    return {**public(_rule(tx, params)), "CreatedBy": tx.account}


def list_rules(tx: Transaction, params: Params) -> Answer:
    """The rules whose names begin so."""
    _check_bus(params)
    found = [public(rule) for rule in tx.all(RULE, prefix=params.get("NamePrefix", ""))]
    shown, token = page(found, params.get("NextToken"), params.get("Limit", 100), code=INVALID)
    return with_token({"Rules": shown}, token)


def delete_rule(tx: Transaction, params: Params) -> Answer:
    """Remove a rule without targets; removing what is not there is no error."""
    _check_bus(params)
    rule = tx.get(RULE, params["Name"])
    refuse_if(rule and rule["_targets"], INVALID, "Rule can't be deleted since it has targets.")
    tx.delete(RULE, params["Name"])
    return {}


def enable_rule(tx: Transaction, params: Params) -> Answer:
    """Let a rule act."""
    _put(tx, {**_rule(tx, params), "State": "ENABLED"})
    return {}


def disable_rule(tx: Transaction, params: Params) -> Answer:
    """Keep a rule from acting."""
    _put(tx, {**_rule(tx, params), "State": DISABLED})
    return {}


def put_targets(tx: Transaction, params: Params) -> Answer:
    """Add targets to a rule, or change those of these ids."""
    rule = _rule(tx, params, "Rule")
    for target in params["Targets"]:
        check_target(tx, target)
    held = {target["Id"]: target for target in [*rule["_targets"], *params["Targets"]]}
    message = f"The requested resource exceeds the maximum number allowed: {MOST_TARGETS} targets."
    refuse_if(len(held) > MOST_TARGETS, "LimitExceededException", message)
    tx.put(RULE, rule["Name"], {**rule, "_targets": list(held.values())})
    return {"FailedEntryCount": 0, "FailedEntries": []}


def remove_targets(tx: Transaction, params: Params) -> Answer:
    """Take targets off a rule."""
    rule = _rule(tx, params, "Rule")
    kept = [target for target in rule["_targets"] if target["Id"] not in params["Ids"]]
    tx.put(RULE, rule["Name"], {**rule, "_targets": kept})
    return {"FailedEntryCount": 0, "FailedEntries": []}


def list_targets(tx: Transaction, params: Params) -> Answer:
    """The targets of a rule."""
    found = _rule(tx, params, "Rule")["_targets"]
    shown, token = page(found, params.get("NextToken"), params.get("Limit", 100), code=INVALID)
    return with_token({"Targets": shown}, token)


def put_events(tx: Transaction, params: Params) -> Answer:
    """Events of somebody's own."""
    entries: list[Answer] = []
    for entry in params["Entries"]:
        detail = _detail(entry)
        if detail is None or str(entry["Source"]).startswith("aws."):
            entries.append(
                {"ErrorCode": "InvalidArgument", "ErrorMessage": "Source, DetailType or Detail is not valid."}
            )
            continue
        event = happen(tx, entry["Source"], entry["DetailType"], detail, entry.get("Resources", []))
        entries.append({"EventId": event["id"]})
    return {"FailedEntryCount": sum("ErrorCode" in entry for entry in entries), "Entries": entries}


def _detail(entry: Mapping[str, Any]) -> dict[str, Any] | None:  # Any: JSON of the caller's
    if not all(entry.get(member) for member in ("Source", "DetailType", "Detail")):
        return None
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        return None
    return detail if isinstance(detail, dict) else None


# Any: the detail of an event is JSON of its source's making.
def happen(
    tx: Transaction, source: str, detail_type: str, detail: Mapping[str, Any], resources: list[str]
) -> dict[str, Any]:
    """An event of this region: the targets of every enabled rule that it fits are given it. Returns the event."""
    event = _event(tx, source, detail_type, detail, resources)
    for rule in tx.all(RULE):
        if rule["State"] != DISABLED and rule.get("EventPattern") and fits(json.loads(rule["EventPattern"]), event):
            deliver(tx, rule, event)
    return event


def _event(
    tx: Transaction, source: str, detail_type: str, detail: Mapping[str, Any], resources: list[str]
) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": tx.account,
        "time": _shown(tx.now),
        "region": tx.region,
        "resources": resources,
        "detail": dict(detail),
    }


def _shown(moment: datetime) -> str:
    """A time as EventBridge writes it, in whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def tag_resource(tx: Transaction, params: Params) -> Answer:
    """Set tags of a rule."""
    rule = _by_arn(tx, params["ResourceARN"])
    tx.put(RULE, rule["Name"], {**rule, "_tags": merged_tags(rule["_tags"], params["Tags"])})
    return {}


def untag_resource(tx: Transaction, params: Params) -> Answer:
    """Take tags off a rule."""
    rule = _by_arn(tx, params["ResourceARN"])
    tx.put(RULE, rule["Name"], {**rule, "_tags": without_tags(rule["_tags"], params["TagKeys"])})
    return {}


def list_tags_for_resource(tx: Transaction, params: Params) -> Answer:
    """The tags of a rule."""
    return {"Tags": _by_arn(tx, params["ResourceARN"])["_tags"]}


def _by_arn(tx: Transaction, arn: str) -> Record:
    return _rule(tx, {"Name": arn.rsplit("/", 1)[-1]})


def _rule(tx: Transaction, params: Params, member: str = "Name") -> Record:
    _check_bus(params)
    missing = f"Rule {params[member]} does not exist on EventBus {BUS}."
    return tx.require(RULE, params[member], ServiceError(MISSING, missing))


def _check_bus(params: Params) -> None:
    bus = params.get("EventBusName", BUS)
    refuse_if(bus.rsplit("/", 1)[-1] != BUS, MISSING, f"Event bus {bus} does not exist.")


HANDLERS: Final[Table] = {
    "PutRule": put_rule,
    "DescribeRule": describe_rule,
    "ListRules": list_rules,
    "DeleteRule": delete_rule,
    "EnableRule": enable_rule,
    "DisableRule": disable_rule,
    "PutTargets": put_targets,
    "RemoveTargets": remove_targets,
    "ListTargetsByRule": list_targets,
    "PutEvents": put_events,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTagsForResource": list_tags_for_resource,
}
