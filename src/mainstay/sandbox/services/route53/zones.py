"""Hosted zones: private ones, which are of networks, and public ones."""

from __future__ import annotations

import re
from typing import Final

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.ec2.records import VPC
from mainstay.sandbox.services.handler import Answer, Params, Table, merged_tags, page, public, refuse_if, without_tags
from mainstay.sandbox.services.route53.changes import bare, begin_change, new_id
from mainstay.sandbox.state import Record, Transaction

ZONE, RECORD = "route53:zone", "route53:record"
_PAGE: Final = 100
# Route 53 Developer Guide, DomainNameFormat and hosted-zones-private, 2026-11-21.
_DOMAIN: Final = re.compile(r"([a-z0-9_*-]{1,63}\.)+")
_MOST: Final = 255
_SERVERS: Final = (
    "ns-0.awsdns-00.com.", "ns-512.awsdns-00.net.", "ns-1024.awsdns-00.org.", "ns-1536.awsdns-00.co.uk.",
)  # fmt: skip
_TTL_OF_SERVERS: Final = 172_800
_TTL_OF_ZONE: Final = 900


def domain(name: str) -> str:
    """A name as Route 53 keeps it: small letters, a dot at its end."""
    return name.lower().removesuffix(".") + "."


def zone_of(tx: Transaction, identifier: str) -> Record:
    """The zone of an id; NoSuchHostedZone."""
    key = bare(identifier)
    return tx.require(ZONE, key, ServiceError("NoSuchHostedZone", f"No hosted zone found with ID: {key}", 404))


def create_hosted_zone(tx: Transaction, params: Params) -> Answer:
    """A zone with the records of its servers; one of a network is private."""
    name = domain(params["Name"])
    refuse_if(not _DOMAIN.fullmatch(name) or len(name) > _MOST, "InvalidDomainName", f"{name} is not a domain name.")
    is_reserved = f".{name}".endswith((".amazonaws.com.", ".amazonaws.com.cn."))
    refuse_if(is_reserved, "InvalidDomainName", f"{name} is reserved by AWS!")
    zones = tx.all(ZONE)
    is_repeated = any(one["CallerReference"] == params["CallerReference"] for one in zones)
    message = f"A hosted zone has already been created with the specified caller reference {params['CallerReference']}."
    refuse_if(is_repeated, "HostedZoneAlreadyExists", message, 409)
    network, config = params.get("VPC"), params.get("HostedZoneConfig", {})
    refuse_if(
        config.get("PrivateZone") and not network,
        "InvalidInput",
        "When you're creating a private hosted zone, you must specify a VPC.",
    )
    zone: Record = {
        "Id": f"/hostedzone/{new_id('Z')}",
        "Name": name,
        "CallerReference": params["CallerReference"],
        "Config": {"Comment": config.get("Comment", ""), "PrivateZone": bool(network)},
        "_networks": [],
        "_tags": [],
    }
    if network:
        _admit(tx, zone, network)
    tx.put(ZONE, bare(zone["Id"]), zone)
    _put_servers(tx, zone)
    return {
        "HostedZone": _shown(tx, zone),
        "ChangeInfo": begin_change(tx),
        "DelegationSet": {"NameServers": _names()},
        "Location": f"https://route53.amazonaws.com/2013-04-01{zone['Id']}",
        **({"VPC": dict(network)} if network else {}),
    }


def get_hosted_zone(tx: Transaction, params: Params) -> Answer:
    """A zone, and the networks or servers that it is for."""
    zone = zone_of(tx, params["Id"])
    own = {"VPCs": zone["_networks"]} if zone["_networks"] else {"DelegationSet": {"NameServers": _names()}}
    return {"HostedZone": _shown(tx, zone), **own}


def list_hosted_zones(tx: Transaction, params: Params) -> Answer:
    """Every zone of the account, a page at a time."""
    size = int(params.get("MaxItems", _PAGE))
    shown, marker = page(tx.all(ZONE), params.get("Marker"), size, code="InvalidInput")
    answer: Answer = {
        "HostedZones": [_shown(tx, zone) for zone in shown],
        "Marker": params.get("Marker", ""),
        "IsTruncated": bool(marker),
        "MaxItems": str(size),
    }
    return {**answer, "NextMarker": marker} if marker else answer


def delete_hosted_zone(tx: Transaction, params: Params) -> Answer:
    """Remove a zone that holds nothing but what it came with."""
    zone = zone_of(tx, params["Id"])
    left = [one for one in records_of(tx, zone) if not is_of_zone(one, zone)]
    message = "The specified hosted zone contains non-required resource record sets and so cannot be deleted."
    refuse_if(left, "HostedZoneNotEmpty", message)
    for one in records_of(tx, zone):
        tx.delete(RECORD, record_key(zone, one))
    tx.delete(ZONE, bare(zone["Id"]))
    return {"ChangeInfo": begin_change(tx)}


def update_comment(tx: Transaction, params: Params) -> Answer:
    """Say something else about a zone."""
    zone = zone_of(tx, params["Id"])
    zone["Config"]["Comment"] = params.get("Comment", "")
    tx.put(ZONE, bare(zone["Id"]), zone)
    return {"HostedZone": _shown(tx, zone)}


def associate_network(tx: Transaction, params: Params) -> Answer:
    """Have a private zone answer one more network."""
    zone = zone_of(tx, params["HostedZoneId"])
    message = "You can't associate a VPC with a public hosted zone."
    refuse_if(not zone["_networks"], "PublicZoneVPCAssociation", message)
    _admit(tx, zone, params["VPC"])
    tx.put(ZONE, bare(zone["Id"]), zone)
    return {"ChangeInfo": begin_change(tx, params.get("Comment"))}


def dissociate_network(tx: Transaction, params: Params) -> Answer:
    """Have a private zone answer a network no more; it keeps its last one."""
    zone, network = zone_of(tx, params["HostedZoneId"]), dict(params["VPC"])
    left = [one for one in zone["_networks"] if one["VPCId"] != network["VPCId"]]
    message = f"The VPC {network['VPCId']} and the hosted zone are not associated."
    refuse_if(len(left) == len(zone["_networks"]), "VPCAssociationNotFound", message, 404)
    refuse_if(not left, "LastVPCAssociation", "The last VPC of a private hosted zone cannot be disassociated.")
    tx.put(ZONE, bare(zone["Id"]), {**zone, "_networks": left})
    return {"ChangeInfo": begin_change(tx, params.get("Comment"))}


def change_tags(tx: Transaction, params: Params) -> Answer:
    """Set and take away tags of a zone."""
    zone = _tagged(tx, params)
    kept = without_tags(zone["_tags"], params.get("RemoveTagKeys", []))
    tx.put(ZONE, bare(zone["Id"]), {**zone, "_tags": merged_tags(kept, params.get("AddTags", []))})
    return {}


def list_tags(tx: Transaction, params: Params) -> Answer:
    """The tags of a zone."""
    zone = _tagged(tx, params)
    kind = params["ResourceType"]
    return {"ResourceTagSet": {"ResourceType": kind, "ResourceId": bare(zone["Id"]), "Tags": zone["_tags"]}}


def records_of(tx: Transaction, zone: Record) -> list[Record]:
    """The records of a zone."""
    return tx.all(RECORD, prefix=f"{bare(zone['Id'])}/")


def record_key(zone: Record, record: Record) -> str:
    """Where a record is kept: its zone, name and type tell it from every other."""
    return f"{bare(zone['Id'])}/{record['Name']}/{record['Type']}"


def is_of_zone(record: Record, zone: Record) -> bool:
    """Whether a record is one that every zone has."""
    return record["Name"] == zone["Name"] and record["Type"] in ("NS", "SOA")


def _tagged(tx: Transaction, params: Params) -> Record:
    kind = params["ResourceType"]
    refuse_if(kind != "hostedzone", "InvalidInput", f"The sandbox has no {kind}.")
    return zone_of(tx, params["ResourceId"])


def _admit(tx: Transaction, zone: Record, network: Params) -> None:
    region, identifier = network.get("VPCRegion", tx.region), network["VPCId"]
    found = tx.elsewhere(region).get(VPC.name, identifier)
    refuse_if(found is None, "InvalidVPCId", f"The VPC {identifier} in region {region} does not exist.")
    for other in tx.all(ZONE):
        is_same = other["Name"] == zone["Name"] and any(one["VPCId"] == identifier for one in other["_networks"])
        message = f"The VPC {identifier} in region {region} has already been associated with a zone {zone['Name']}"
        refuse_if(is_same, "ConflictingDomainExists", message)
    zone["_networks"] = [*zone["_networks"], {"VPCRegion": region, "VPCId": identifier}]


def _put_servers(tx: Transaction, zone: Record) -> None:
    said = {
        "NS": (_TTL_OF_SERVERS, list(_SERVERS)),
        "SOA": (_TTL_OF_ZONE, [f"{_SERVERS[0]} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"]),
    }
    for kind, (ttl, values) in said.items():
        record: Record = {
            "Name": zone["Name"], "Type": kind, "TTL": ttl, "ResourceRecords": [{"Value": one} for one in values],
        }  # fmt: skip
        tx.put(RECORD, record_key(zone, record), record)


def _names() -> list[str]:
    return [one.removesuffix(".") for one in _SERVERS]


def _shown(tx: Transaction, zone: Record) -> Answer:
    return {**public(zone), "ResourceRecordSetCount": len(records_of(tx, zone))}


HANDLERS: Final[Table] = {
    "AssociateVPCWithHostedZone": associate_network,
    "ChangeTagsForResource": change_tags,
    "CreateHostedZone": create_hosted_zone,
    "DeleteHostedZone": delete_hosted_zone,
    "DisassociateVPCFromHostedZone": dissociate_network,
    "GetHostedZone": get_hosted_zone,
    "ListHostedZones": list_hosted_zones,
    "ListTagsForResource": list_tags,
    "UpdateHostedZoneComment": update_comment,
}
