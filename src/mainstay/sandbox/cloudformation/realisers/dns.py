"""Names made real through Route 53's handlers: zones, and the records in them."""

from __future__ import annotations

import uuid
from typing import Any, Final

from mainstay.plan.resources import HostedZone, RecordSet, Resource
from mainstay.sandbox.cloudformation.realisers.making import (
    Attributes,
    Made,
    Making,
    Realiser,
    ignore_missing,
    seconds,
    text,
)
from mainstay.sandbox.cloudformation.resolve import Physical
from mainstay.sandbox.errors import ServiceError

_MISSING: Final = "NoSuchHostedZone"
_CHANGE: Final = "_change"


def _create_zone(making: Making, zone: HostedZone) -> Made:
    first, *others = _networks(zone) or [None]
    comment = text(zone.comment)
    made = making.call(
        "route53",
        "CreateHostedZone",
        Name=str(zone.name),
        CallerReference=str(uuid.uuid4()),
        VPC=first,
        HostedZoneConfig={"Comment": comment, "PrivateZone": first is not None} if comment else None,
    )
    identifier = made["HostedZone"]["Id"].rpartition("/")[2]
    for network in others:
        making.call("route53", "AssociateVPCWithHostedZone", HostedZoneId=identifier, VPC=network)
    _put_tags(making, identifier, zone)
    return Made(identifier, {"id": identifier, _CHANGE: made["ChangeInfo"]["Id"]})


def _networks(zone: HostedZone) -> list[dict[str, str] | None]:
    return [{"VPCId": str(one.vpc), "VPCRegion": str(one.region)} for one in zone.networks]


def _put_tags(making: Making, identifier: str, zone: HostedZone) -> None:
    tags = making.tags(zone.tags)
    if tags:
        making.call("route53", "ChangeTagsForResource", ResourceType="hostedzone", ResourceId=identifier, AddTags=tags)


def _update_zone(making: Making, zone: HostedZone, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    identifier = str(physical)
    making.call("route53", "UpdateHostedZoneComment", Id=identifier, Comment=text(zone.comment) or "")
    held = [one["VPCId"] for one in making.call("route53", "GetHostedZone", Id=identifier).get("VPCs", [])]
    wanted = [one for one in _networks(zone) if one is not None]
    for network in wanted:
        if network["VPCId"] not in held:
            making.call("route53", "AssociateVPCWithHostedZone", HostedZoneId=identifier, VPC=network)
    for name in held:
        if name not in {one["VPCId"] for one in wanted}:
            gone = {"VPCId": name, "VPCRegion": making.tx.region}
            making.call("route53", "DisassociateVPCFromHostedZone", HostedZoneId=identifier, VPC=gone)
    if "HostedZoneTags" in changed:
        old = _tag_keys(making, identifier)
        if old:
            making.call(
                "route53",
                "ChangeTagsForResource",
                ResourceType="hostedzone",
                ResourceId=identifier,
                RemoveTagKeys=old,
            )
        _put_tags(making, identifier, zone)
    return None


def _tag_keys(making: Making, identifier: str) -> list[str]:
    held = making.call("route53", "ListTagsForResource", ResourceType="hostedzone", ResourceId=identifier)
    return [str(tag["Key"]) for tag in held["ResourceTagSet"]["Tags"]]


def _delete_zone(making: Making, physical: Physical) -> None:
    ignore_missing(_MISSING, lambda: making.call("route53", "DeleteHostedZone", Id=str(physical)))


def _create_record(making: Making, record: RecordSet) -> Made:
    zone, name, kind = str(record.zone), str(record.name), str(record.type)
    change = _change(making, "CREATE", record)
    return Made(name, {"name": name, "_zone": zone, "_type": kind, _CHANGE: change})


def _change(making: Making, action: str, record: RecordSet) -> str:
    written = {
        "Name": str(record.name),
        "Type": str(record.type),
        "ResourceRecords": [{"Value": str(value)} for value in record.values],
        **({"TTL": seconds(record.ttl)} if record.ttl is not None else {}),
    }
    return _asked(making, str(record.zone), action, written)


def _asked(making: Making, zone: str, action: str, written: dict[str, Any]) -> str:  # Any: Route 53's shape
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": written}]}
    answer = making.call("route53", "ChangeResourceRecordSets", HostedZoneId=zone, ChangeBatch=batch)
    return str(answer["ChangeInfo"]["Id"])


def _update_record(making: Making, record: RecordSet, physical: Physical, changed: tuple[str, ...]) -> Attributes:
    """The whole record is written, whatever has changed: a name that was led elsewhere comes back with it."""
    del changed
    return {**physical.attributes, _CHANGE: _change(making, "UPSERT", record)}


def _delete_record(making: Making, physical: Physical) -> None:
    """As it stands now, whatever it was led to since."""
    zone, kind = physical.attributes["_zone"], physical.attributes["_type"]
    try:
        held = making.call(
            "route53",
            "ListResourceRecordSets",
            HostedZoneId=zone,
            StartRecordName=str(physical),
            StartRecordType=kind,
            MaxItems="1",
        )["ResourceRecordSets"]
    except ServiceError as error:
        if error.code == _MISSING:
            return
        raise
    for record in held:
        if (record["Name"], record["Type"]) == (f"{str(physical).lower().removesuffix('.')}.", kind):
            _asked(making, zone, "DELETE", record)


def _settled(making: Making, physical: Physical) -> Attributes | None:
    change = making.call("route53", "GetChange", Id=physical.attributes[_CHANGE])["ChangeInfo"]
    return dict(physical.attributes) if change["Status"] == "INSYNC" else None


REALISERS: Final[dict[type[Resource], Realiser[Any]]] = {
    HostedZone: Realiser(create=_create_zone, update=_update_zone, delete=_delete_zone, settled=_settled),
    RecordSet: Realiser(create=_create_record, update=_update_record, delete=_delete_record, settled=_settled),
}
