"""What happened to a stack, and what it is made of."""

from __future__ import annotations

from typing import Final

from mainstay.sandbox.cloudformation.records import EVENT, INVALID, require_stack, resources_of
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.handler import Answer, Params, Table, page, public, with_token
from mainstay.sandbox.state import Record, Transaction

PAGE: Final = 100


def describe_stack_events(tx: Transaction, params: Params) -> Answer:
    """The events of a stack, newest first."""
    stack = require_stack(tx, params.get("StackName"))
    events = list(reversed(tx.all(EVENT, prefix=f"{stack['StackId']}\n")))
    token = params.get("NextToken")
    # A token counts from the oldest event, so that events that come in between do not shift the pages.
    start = len(events) - int(token) if token and token.isdigit() else 0
    shown = events[max(start, 0) : max(start, 0) + PAGE]
    left = len(events) - max(start, 0) - len(shown)
    return with_token({"StackEvents": shown}, str(left) if left else "")


def describe_stack_resources(tx: Transaction, params: Params) -> Answer:
    """The resources of a stack, or the one of a logical or physical id."""
    physical = params.get("PhysicalResourceId")
    stack = require_stack(tx, params["StackName"]) if "StackName" in params else _holding(tx, str(physical))
    wanted = params.get("LogicalResourceId")
    shown = [
        {"StackName": stack["StackName"], "StackId": stack["StackId"], **_listed(item)}
        for item in resources_of(tx, stack["StackId"])
        if wanted in (None, item["LogicalResourceId"]) and physical in (None, item.get("PhysicalResourceId"))
    ]
    return {"StackResources": shown}


def describe_stack_resource(tx: Transaction, params: Params) -> Answer:
    """One resource of a stack."""
    stack, key = require_stack(tx, params["StackName"]), params["LogicalResourceId"]
    found = next((item for item in resources_of(tx, stack["StackId"]) if item["LogicalResourceId"] == key), None)
    if found is None:
        raise ServiceError(INVALID, f"Resource {key} does not exist for stack {stack['StackName']}")
    own = {"StackName": stack["StackName"], "StackId": stack["StackId"]}
    return {"StackResourceDetail": {**own, **_summary(found)}}


def list_stack_resources(tx: Transaction, params: Params) -> Answer:
    """The resources of a stack, a page at a time."""
    stack = require_stack(tx, params["StackName"])
    items = [_summary(item) for item in resources_of(tx, stack["StackId"])]
    shown, token = page(items, params.get("NextToken"), PAGE)
    return with_token({"StackResourceSummaries": shown}, token)


def _holding(tx: Transaction, physical: str) -> Record:
    for item in tx.all("cfn:resource"):
        if item.get("PhysicalResourceId") == physical:
            return require_stack(tx, item["_stack"])
    raise ServiceError(INVALID, f"Stack for {physical} does not exist")


def _listed(item: Record) -> Answer:
    return {"DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"}, **public(item)}


def _summary(item: Record) -> Answer:
    shown = _listed(item)
    shown["LastUpdatedTimestamp"] = shown.pop("Timestamp")
    return shown


HANDLERS: Final[Table] = {
    "DescribeStackEvents": describe_stack_events,
    "DescribeStackResources": describe_stack_resources,
    "DescribeStackResource": describe_stack_resource,
    "ListStackResources": list_stack_resources,
}
