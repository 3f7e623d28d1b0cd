"""The records of RDS in the sandbox's state, and how they become answers.

A record has the members of RDS's own shape with their names; members that begin with `_` are ours and never
leave. Times are RFC 3339 text in UTC; the seam turns them into datetimes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from mainstay.core.clock import parse_time
from mainstay.sandbox.rds import faults
from mainstay.sandbox.state import Transaction

INSTANCE: Final = "rds:db"
SNAPSHOT: Final = "rds:snapshot"
BACKUP: Final = "rds:backup"  # one base backup of the automated kind
AUTOMATED: Final = "rds:automated-backup"  # what RDS shows of them: one a DbiResourceId
REPLICATED: Final = "rds:replicated-backup"  # of another region's instance, by its DbiResourceId
PARAMETER_GROUP: Final = "rds:parameter-group"
SUBNET_GROUP: Final = "rds:subnet-group"
OPTION_GROUP: Final = "rds:option-group"
SUBSCRIPTION: Final = "rds:event-subscription"
EVENT: Final = "rds:event"
EXPORT: Final = "rds:export"  # a task that writes a snapshot's tables into a bucket
OPERATION: Final = "rds:operation"  # what the supervisor has still to do
PROXY: Final = "rds:proxy"
PROXY_GROUP: Final = "rds:proxy-group"  # the target group of a proxy, by the proxy's name: there is one
PROXY_RUNTIME: Final = "rds:proxy-runtime"  # what stands behind a proxy, one a proxy's resource id
RUNTIME: Final = "rds:runtime"  # which servers stand behind an instance, one a DbiResourceId
ENDPOINT: Final = "rds:endpoint"  # the address that an identifier leads to, of those that ever moved

# Any: a record is JSON, as the services' own shapes are.
Record = dict[str, Any]


def arn(tx: Transaction, kind: str, name: str) -> str:
    """The ARN of an RDS resource, `kind` as in `db`, `snapshot`, `pg`, `subgrp`, `es`, `auto-backup`."""
    return tx.arn("rds", f"{kind}:{name}")


def answer(record: Mapping[str, Any]) -> Record:
    """A record as RDS shows it: without our own members and those that have no value."""
    return {name: _shown(value) for name, value in record.items() if not name.startswith("_") and value is not None}


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return answer(value)
    if isinstance(value, list):
        return [_shown(item) for item in value]
    return value


def moment(value: datetime | str) -> datetime:
    """A time that a client sent, aware and in UTC; a time without an offset is refused."""
    text = value if isinstance(value, str) else value.isoformat()
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise faults.invalid_value(f"The time {text} is not valid.") from error
    if found.tzinfo is None:
        raise faults.invalid_value(f"The time {text} has no offset; give it in UTC, as {text}Z.")
    return parse_time(text)


def require_instance(tx: Transaction, identifier: str) -> Record:
    """The instance's record, by identifier (RDS keeps identifiers in lower case) or ARN."""
    name = identifier.rsplit(":", 1)[-1].lower()
    record = tx.get(INSTANCE, name)
    if record is None:
        raise faults.instance_not_found(name)
    return record


def require_available(tx: Transaction, identifier: str, *also: str) -> Record:
    """The instance's record when its status is `available` (or one of `also`)."""
    record = require_instance(tx, identifier)
    if record["DBInstanceStatus"] not in ("available", *also):
        raise faults.wrong_state(record["DBInstanceIdentifier"], record["DBInstanceStatus"])
    return record


def put_instance(tx: Transaction, record: Record) -> None:
    """Write an instance's record."""
    tx.put(INSTANCE, record["DBInstanceIdentifier"], record)


def replicas_of(tx: Transaction, identifier: str) -> list[Record]:
    """The read replicas that follow this instance."""
    return [db for db in tx.all(INSTANCE) if db.get("ReadReplicaSourceDBInstanceIdentifier") == identifier]


def tags_of(params: Mapping[str, Any]) -> list[dict[str, str]]:
    """The tags of a request, whichever member they came in."""
    tags = list(params.get("Tags") or [])
    for specification in params.get("TagSpecifications") or []:
        tags += specification.get("Tags") or []
    return [{"Key": tag["Key"], "Value": tag.get("Value", "")} for tag in tags]


def filtered(items: Iterable[Record], filters: Iterable[Mapping[str, Any]], members: Mapping[str, str]) -> list[Record]:
    """The records that pass the request's filters; `members` names the record's member for each filter name."""
    kept = list(items)
    for one in filters:
        member = members.get(one["Name"])
        if member is None:
            raise faults.invalid_value(f"Unrecognized filter name: {one['Name']}")
        wanted = {value.rsplit(":", 1)[-1].lower() for value in one["Values"]}
        kept = [item for item in kept if str(item.get(member, "")).lower() in wanted]
    return kept


def page(items: list[Record], params: Mapping[str, Any], member: str) -> Record:
    """One page of an answer: `MaxRecords` (default 100) records from `Marker`."""
    size, start = int(params.get("MaxRecords") or 100), int(params.get("Marker") or 0)
    found: Record = {member: items[start : start + size]}
    if start + size < len(items):
        found["Marker"] = str(start + size)
    return found
