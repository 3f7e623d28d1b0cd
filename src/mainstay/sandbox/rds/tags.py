"""Tags of RDS resources, addressed by ARN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds import faults
from mainstay.sandbox.rds.records import (
    INSTANCE,
    OPTION_GROUP,
    PARAMETER_GROUP,
    PROXY,
    SNAPSHOT,
    SUBNET_GROUP,
    SUBSCRIPTION,
    Record,
)
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction

# The resource part of the ARN -> kind of record, member with the tags, code when it does not exist.
KINDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "db": (INSTANCE, "TagList", "DBInstanceNotFound"),
    "snapshot": (SNAPSHOT, "TagList", "DBSnapshotNotFound"),
    "pg": (PARAMETER_GROUP, "_tags", "DBParameterGroupNotFound"),
    "og": (OPTION_GROUP, "_tags", "OptionGroupNotFoundFault"),
    "subgrp": (SUBNET_GROUP, "_tags", "DBSubnetGroupNotFoundFault"),
    "es": (SUBSCRIPTION, "_tags", "SubscriptionNotFound"),
    "db-proxy": (PROXY, "_tags", "DBProxyNotFoundFault"),
}


def _find(tx: Transaction, name: str) -> tuple[str, str, str, Record]:
    parts = name.split(":", 6)
    if len(parts) != 7 or parts[2] != "rds" or parts[5] not in KINDS:
        raise faults.invalid_value(f"Invalid resource name: {name}")
    kind, member, code = KINDS[parts[5]]
    key = _proxy_name(tx, parts[6]) if kind == PROXY else parts[6]
    record = tx.require(kind, key, ServiceError(code, f"{name} not found.", faults.NOT_FOUND))
    return kind, key, member, record


def _proxy_name(tx: Transaction, identifier: str) -> str:
    """A proxy's ARN ends with its resource id, under which it is not kept."""
    return next((str(proxy["DBProxyName"]) for proxy in tx.all(PROXY) if proxy["_id"] == identifier), identifier)


def list_tags(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """The tags of a resource."""
    *_, member, record = _find(tx, params["ResourceName"])
    return {"TagList": record[member]}


def add_tags(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Add tags, or give known ones another value."""
    kind, name, member, record = _find(tx, params["ResourceName"])
    new = {tag["Key"]: tag.get("Value", "") for tag in params["Tags"]}
    merged = {**{tag["Key"]: tag["Value"] for tag in record[member]}, **new}
    record[member] = [{"Key": key, "Value": value} for key, value in merged.items()]
    tx.put(kind, name, record)
    return {}


def remove_tags(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Remove tags by key."""
    kind, name, member, record = _find(tx, params["ResourceName"])
    record[member] = [tag for tag in record[member] if tag["Key"] not in params["TagKeys"]]
    tx.put(kind, name, record)
    return {}


HANDLERS: Final[Mapping[str, Handler]] = {
    "ListTagsForResource": list_tags,
    "AddTagsToResource": add_tags,
    "RemoveTagsFromResource": remove_tags,
}
