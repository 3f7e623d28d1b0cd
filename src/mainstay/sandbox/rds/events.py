"""Events: what happened to an instance, as DescribeEvents shows it, and subscriptions to them.

Ids and texts: RDS User Guide, "Amazon RDS event categories and event messages" (read 2026-11-20).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from mainstay.core.clock import parse_time, render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds import faults
from mainstay.sandbox.rds.records import EVENT, SUBSCRIPTION, Record, answer, arn, moment, page, tags_of
from mainstay.sandbox.services import events as bus
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction

# id -> (categories, text). The API does not give the id; we keep it for status and for tests.
EVENTS: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "RDS-EVENT-0001": (("backup",), "Backing up DB instance"),
    "RDS-EVENT-0002": (("backup",), "Finished DB Instance backup"),
    "RDS-EVENT-0003": (("deletion",), "DB instance deleted"),
    "RDS-EVENT-0004": (("availability",), "DB instance shutdown"),
    "RDS-EVENT-0005": (("creation",), "DB instance created"),
    "RDS-EVENT-0006": (("availability",), "DB instance restarted"),
    "RDS-EVENT-0007": (
        ("low storage",),
        "Allocated storage has been exhausted. Allocate additional storage to resolve.",
    ),
    "RDS-EVENT-0013": (
        ("failover",),
        "A Multi-AZ failover that resulted in the promotion of a standby DB instance has started.",
    ),
    "RDS-EVENT-0015": (
        ("failover",),
        "A Multi-AZ failover that resulted in the promotion of a standby DB instance is complete.",
    ),
    "RDS-EVENT-0016": (("configuration change",), "The master password for the DB instance has been reset."),
    "RDS-EVENT-0019": (("restoration",), "Restored from DB instance {source} to {target}"),
    "RDS-EVENT-0020": (
        ("recovery",),
        "Recovery of the DB instance has started. Recovery time will vary with the amount of data to be recovered.",
    ),
    "RDS-EVENT-0021": (("recovery",), "Recovery of the DB instance is complete."),
    "RDS-EVENT-0028": (("configuration change",), "Automated backups for this DB instance have been disabled."),
    "RDS-EVENT-0031": (
        ("failure",),
        "The DB instance has failed due to an incompatible configuration or an underlying storage issue: {reason}",
    ),
    "RDS-EVENT-0032": (("configuration change",), "Automated backups for this DB instance have been enabled."),
    "RDS-EVENT-0034": (
        ("failover",),
        "Amazon RDS isn't attempting a requested failover because a failover recently occurred on the DB instance.",
    ),
    "RDS-EVENT-0035": (("failure",), "The DB instance has invalid parameters: {reason}"),
    "RDS-EVENT-0041": (("deletion",), "Deleted user snapshot"),
    "RDS-EVENT-0042": (("creation",), "Manual snapshot created"),
    "RDS-EVENT-0043": (("restoration",), "Restored from snapshot {source}"),
    "RDS-EVENT-0045": (("failure",), "Replication has stopped: {reason}"),
    "RDS-EVENT-0046": (("read replica",), "The read replica has resumed replication."),
    "RDS-EVENT-0049": (("failover",), "Multi-AZ instance failover completed"),
    "RDS-EVENT-0050": (("availability",), "Multi-AZ conversion: the standby instance has been synchronised"),
    "RDS-EVENT-0087": (("notification",), "DB instance stopped"),
    "RDS-EVENT-0088": (("notification",), "DB instance started"),
    # RDS User Guide, rds-proxy.events, checked 2026-11-21.
    "RDS-EVENT-0203": (("creation",), "RDS created DB proxy {proxy}."),
    "RDS-EVENT-0204": (("configuration change",), "RDS modified DB proxy {proxy}."),
    "RDS-EVENT-0205": (("deletion",), "RDS deleted DB proxy {proxy}."),
    "RDS-EVENT-0092": (("configuration change",), "Finished updating DB parameter group"),
    "RDS-EVENT-0159": (("notification",), "The DB snapshot export task failed."),
    "RDS-EVENT-0160": (("notification",), "The DB snapshot export task was canceled."),
    "RDS-EVENT-0161": (("notification",), "The DB snapshot export task completed."),
}
CATEGORIES: Final[Mapping[str, tuple[str, ...]]] = {
    "db-instance": (
        "availability", "backup", "configuration change", "creation", "deletion", "failover", "failure", "low storage",
        "maintenance", "notification", "read replica", "recovery", "restoration", "security", "security patching",
    ),
    "db-snapshot": ("creation", "deletion", "notification", "restoration"),
    "db-parameter-group": ("configuration change",),
    "db-security-group": ("configuration change", "failure"),
    "db-proxy": ("configuration change", "creation", "deletion", "failure"),
}  # fmt: skip
KEPT: Final = timedelta(days=14)  # DescribeEvents goes back that far


_ARN_KINDS: Final[Mapping[str, str]] = {
    "db-instance": "db", "db-snapshot": "snapshot", "db-parameter-group": "pg", "db-proxy": "db-proxy"
}  # fmt: skip


def emit(tx: Transaction, event_id: str, identifier: str, *, source_type: str = "db-instance", **names: str) -> None:
    """Write down an event of an instance, snapshot, group or proxy; `names` fill the text's places.

    `resource` among them is what the ARN ends with, where that is not the identifier.
    """
    categories, text = EVENTS[event_id]
    number = 1 + max((int(found["_number"]) for found in tx.all(EVENT)), default=0)
    event = {
        "SourceIdentifier": identifier,
        "SourceType": source_type,
        "SourceArn": arn(tx, _ARN_KINDS[source_type], names.get("resource", identifier)),
        "Message": text.format(**names),
        "EventCategories": list(categories),
        "Date": render_time(tx.now),
    }
    tx.put(EVENT, f"{number:012}", {**event, "_id": event_id, "_number": number})
    _announce(tx, event, event_id)


# RDS User Guide, "rds-cloud-watch-events" (not re-read): what EventBridge calls each kind of source.
_ANNOUNCED: Final[Mapping[str, str]] = {
    "db-instance": "RDS DB Instance Event",
    "db-snapshot": "RDS DB Snapshot Event",
    "db-parameter-group": "RDS DB Parameter Group Event",
    "db-proxy": "RDS DB Proxy Event",
}


def _announce(tx: Transaction, event: Mapping[str, Any], event_id: str) -> None:
    """Tell EventBridge of an event, in its words."""
    kind = str(event["SourceType"])
    told = {name: event[name] for name in ("EventCategories", "SourceArn", "Date", "SourceIdentifier", "Message")}
    detail = {**told, "SourceType": kind.replace("-", "_").upper(), "EventID": event_id}
    bus.happen(tx, "aws.rds", _ANNOUNCED[kind], detail, [str(event["SourceArn"])])


def describe_events(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Events of the last hour, or of the period and source that the request names."""
    if params.get("SourceIdentifier") and not params.get("SourceType"):
        raise faults.invalid_combination("Cannot specify source identifier without source type")
    since, until = _period(tx, params)
    wanted = set(params.get("EventCategories") or [])
    found = [
        event
        for event in sorted(tx.all(EVENT), key=lambda event: int(event["_number"]))
        if since <= parse_time(event["Date"]) <= until
        and params.get("SourceType") in (None, event["SourceType"])
        and str(params.get("SourceIdentifier") or event["SourceIdentifier"]).lower() == event["SourceIdentifier"]
        and (not wanted or wanted & set(event["EventCategories"]))
    ]
    return page([answer(event) for event in found], params, "Events")


def _period(tx: Transaction, params: Mapping[str, Any]) -> tuple[datetime, datetime]:
    until = moment(params["EndTime"]) if params.get("EndTime") else tx.now
    if params.get("StartTime"):
        return max(moment(params["StartTime"]), tx.now - KEPT), until
    return until - timedelta(minutes=int(params.get("Duration") or 60)), until


def describe_event_categories(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """The categories of each kind of source."""
    kinds = [params["SourceType"]] if params.get("SourceType") else list(CATEGORIES)
    return {
        "EventCategoriesMapList": [
            {"SourceType": kind, "EventCategories": list(CATEGORIES.get(kind, ()))} for kind in kinds
        ]
    }


def create_event_subscription(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Subscribe a topic to events."""
    name = params["SubscriptionName"]
    if tx.get(SUBSCRIPTION, name):
        raise ServiceError("SubscriptionAlreadyExist", f"Event subscription {name} already exists.")
    _check_subscription(params)
    record = {
        "CustomerAwsId": tx.account,
        "CustSubscriptionId": name,
        "SnsTopicArn": params["SnsTopicArn"],
        "Status": "active",
        "SubscriptionCreationTime": render_time(tx.now),
        "SourceType": params.get("SourceType"),
        "SourceIdsList": list(params.get("SourceIds") or []),
        "EventCategoriesList": list(params.get("EventCategories") or []),
        "Enabled": params.get("Enabled", True),
        "EventSubscriptionArn": arn(tx, "es", name),
        "_tags": tags_of(params),
    }
    tx.put(SUBSCRIPTION, name, record)
    return {"EventSubscription": answer(record)}


def _check_subscription(params: Mapping[str, Any]) -> None:
    kind = params.get("SourceType")
    if params.get("SourceIds") and not kind:
        raise faults.invalid_combination("If SourceType is null, SourceId must also be null.")
    known = CATEGORIES.get(kind) if kind else tuple(c for group in CATEGORIES.values() for c in group)
    if known is None:
        raise faults.invalid_value(f"Invalid source type: {kind}")
    for category in params.get("EventCategories") or []:
        if category not in known:
            raise ServiceError(
                "SubscriptionCategoryNotFound",
                f"Event category {category} does not exist for {kind or 'any source'}.",
                404,
            )


def describe_event_subscriptions(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """One subscription, or all."""
    name = params.get("SubscriptionName")
    found = [_require(tx, name)] if name else tx.all(SUBSCRIPTION)
    return page([answer(record) for record in found], params, "EventSubscriptionsList")


def modify_event_subscription(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Change topic, kind of source, categories or whether it is on."""
    record = _require(tx, params["SubscriptionName"])
    _check_subscription({"SourceType": record.get("SourceType"), **params})
    members = {
        "SnsTopicArn": "SnsTopicArn",
        "SourceType": "SourceType",
        "EventCategories": "EventCategoriesList",
        "Enabled": "Enabled",
    }
    record.update({member: params[name] for name, member in members.items() if name in params})
    tx.put(SUBSCRIPTION, record["CustSubscriptionId"], record)
    return {"EventSubscription": answer(record)}


def add_source_identifier(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Add a source to a subscription."""
    return _change_sources(tx, params, lambda ids, one: [*ids, one] if one not in ids else ids)


def remove_source_identifier(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Remove a source from a subscription."""
    return _change_sources(tx, params, lambda ids, one: [kept for kept in ids if kept != one])


def _change_sources(
    tx: Transaction, params: Mapping[str, Any], change: Callable[[list[str], str], list[str]]
) -> Record:
    record = _require(tx, params["SubscriptionName"])
    record["SourceIdsList"] = change(record["SourceIdsList"], params["SourceIdentifier"])
    tx.put(SUBSCRIPTION, record["CustSubscriptionId"], record)
    return {"EventSubscription": answer(record)}


def delete_event_subscription(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Remove a subscription."""
    record = _require(tx, params["SubscriptionName"])
    tx.delete(SUBSCRIPTION, record["CustSubscriptionId"])
    return {"EventSubscription": answer({**record, "Status": "deleting"})}


def _require(tx: Transaction, name: str) -> Record:
    record = tx.get(SUBSCRIPTION, name)
    if record is None:
        raise ServiceError("SubscriptionNotFound", f"Event subscription {name} not found.", faults.NOT_FOUND)
    return record


HANDLERS: Final[Mapping[str, Handler]] = {
    "DescribeEvents": describe_events,
    "DescribeEventCategories": describe_event_categories,
    "CreateEventSubscription": create_event_subscription,
    "DescribeEventSubscriptions": describe_event_subscriptions,
    "ModifyEventSubscription": modify_event_subscription,
    "AddSourceIdentifierToSubscription": add_source_identifier,
    "RemoveSourceIdentifierFromSubscription": remove_source_identifier,
    "DeleteEventSubscription": delete_event_subscription,
}
