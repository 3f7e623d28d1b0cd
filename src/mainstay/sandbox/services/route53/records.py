"""Records: what a name leads to, changed in batches of which all or nothing is done.

What may stand beside what, and the words of refusals: Route 53 API, ChangeResourceRecordSets; Developer Guide,
ResourceRecordTypes, CNAME record type, 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from mainstay.sandbox.errors import ServiceError, not_implemented
from mainstay.sandbox.services.handler import Answer, Params, Table, refuse_if
from mainstay.sandbox.services.route53.changes import begin_change
from mainstay.sandbox.services.route53.zones import RECORD, domain, is_of_zone, record_key, records_of, zone_of
from mainstay.sandbox.state import Record, Transaction

_INVALID: Final = "InvalidChangeBatch"
_PAGE: Final = 300
_OWN: Final = frozenset({"Name", "Type", "TTL", "ResourceRecords"})


def change_records(tx: Transaction, params: Params) -> Answer:
    """Carry out a batch; a refusal of one change undoes the others."""
    zone, batch = zone_of(tx, params["HostedZoneId"]), params["ChangeBatch"]
    for change in batch["Changes"]:
        record = _read(change)
        _ACTIONS[change["Action"]](tx, zone, record)
    return {"ChangeInfo": begin_change(tx, batch.get("Comment"))}


def list_records(tx: Transaction, params: Params) -> Answer:
    """The records of a zone from a name on, by their labels from the right: the zone's own come first."""
    zone = zone_of(tx, params["HostedZoneId"])
    refuse_if(
        "StartRecordType" in params and "StartRecordName" not in params,
        "InvalidInput",
        "A type was given to start at, and no name.",
    )
    start = (_order(domain(params.get("StartRecordName", "."))), params.get("StartRecordType", ""))
    size = int(params.get("MaxItems", _PAGE))
    ordered = sorted(records_of(tx, zone), key=_place)
    found = [one for one in ordered if _place(one) >= start]
    answer: Answer = {
        "ResourceRecordSets": found[:size], "IsTruncated": len(found) > size, "MaxItems": str(size),
    }  # fmt: skip
    following = {"NextRecordName": found[size]["Name"], "NextRecordType": found[size]["Type"]} if found[size:] else {}
    return {**answer, **following}


def _order(name: str) -> tuple[str, ...]:
    return tuple(reversed(name.removesuffix(".").split(".")))


def _place(record: Record) -> tuple[tuple[str, ...], str]:
    return _order(record["Name"]), record["Type"]


def _read(change: Params) -> Record:
    """The record of a change as it is kept; what Route 53 routes by is not answered here."""
    given = change["ResourceRecordSet"]
    beyond = sorted(given.keys() - _OWN)
    if beyond:
        raise not_implemented("route53", "ChangeResourceRecordSets", ", ".join(beyond))
    name, kind, values = domain(given["Name"]), given["Type"], given.get("ResourceRecords", [])
    place = f"[Action={change['Action']}, Name={name}, Type={kind}, SetIdentifier=null]"
    message = (
        "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or "
        f"TrafficPolicyInstanceId], but found none in Change with {place}"
    )
    refuse_if(not values or "TTL" not in given, "InvalidInput", message)
    return {"Name": name, "Type": kind, "TTL": given["TTL"], "ResourceRecords": [dict(one) for one in values]}


def _create(tx: Transaction, zone: Record, record: Record) -> None:
    is_there = tx.get(RECORD, record_key(zone, record)) is not None
    refuse_if(is_there, _INVALID, f"[Tried to create {_said(record)} but it already exists]")
    _upsert(tx, zone, record)


def _upsert(tx: Transaction, zone: Record, record: Record) -> None:
    _refuse_misplaced(zone, record)
    _refuse_crowded(tx, zone, record)
    tx.put(RECORD, record_key(zone, record), record)


def _delete(tx: Transaction, zone: Record, record: Record) -> None:
    words = f"[Tried to delete {_said(record)} but "
    found = tx.require(RECORD, record_key(zone, record), ServiceError(_INVALID, f"{words}it was not found]"))
    refuse_if(found != record, _INVALID, f"{words}the values provided do not match the current values]")
    message = f"[A HostedZone must contain at least one {record['Type']} record for the zone itself.]"
    refuse_if(is_of_zone(record, zone), _INVALID, message)
    tx.delete(RECORD, record_key(zone, record))


def _refuse_misplaced(zone: Record, record: Record) -> None:
    name, kind, home = record["Name"], record["Type"], zone["Name"]
    message = f"[RRSet with DNS name {name} is not permitted in zone {home}]"
    refuse_if(not f".{name}".endswith(f".{home}"), _INVALID, message)
    is_alias = kind == "CNAME"
    at_apex = f"[RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {home}]"
    refuse_if(is_alias and name == home, _INVALID, at_apex)
    values = [one["Value"] for one in record["ResourceRecords"]]
    refuse_if(
        is_alias and len(values) > 1, _INVALID, f"[A CNAME leads to one name, and {name} was given {len(values)}]"
    )


def _refuse_crowded(tx: Transaction, zone: Record, record: Record) -> None:
    name, kind = record["Name"], record["Type"]
    others = {one["Type"] for one in records_of(tx, zone) if one["Name"] == name} - {kind}
    refuse_if(
        others and kind == "CNAME",
        _INVALID,
        f"[RRSet of type CNAME with DNS name {name} is not permitted as it conflicts with other records with the same "
        f"DNS name in zone {zone['Name']}]",
    )
    refuse_if(
        "CNAME" in others,
        _INVALID,
        f"[RRSet of type {kind} with DNS name {name} is not permitted because a conflicting RRSet of type CNAME with "
        f"the same DNS name already exists in zone {zone['Name']}]",
    )


def _said(record: Record) -> str:
    return f"resource record set [name='{record['Name']}', type='{record['Type']}']"


_ACTIONS: Final[Mapping[str, Callable[[Transaction, Record, Record], None]]] = {
    "CREATE": _create,
    "UPSERT": _upsert,
    "DELETE": _delete,
}
HANDLERS: Final[Table] = {"ChangeResourceRecordSets": change_records, "ListResourceRecordSets": list_records}
