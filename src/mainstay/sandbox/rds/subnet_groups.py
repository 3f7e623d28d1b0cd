"""DB subnet groups: the subnets, in at least two zones, in which an instance may stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mainstay import facts
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.rds import faults, neighbours
from mainstay.sandbox.rds.records import INSTANCE, SUBNET_GROUP, Record, answer, arn, page, tags_of
from mainstay.sandbox.services.handler import Handler
from mainstay.sandbox.state import Transaction


def create_subnet_group(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """A group of subnets that exist, of one VPC, in at least two zones."""
    name = params["DBSubnetGroupName"].lower()
    names = facts.identifier("subnet_group")
    if names.is_reserved(name):
        raise faults.invalid_value(f"Subnet group name {name} is reserved. Please specify another name.")
    if not names.admits(name):
        raise faults.invalid_value(f"The parameter DBSubnetGroupName is not a valid identifier: {name}")
    if tx.get(SUBNET_GROUP, name):
        raise ServiceError("DBSubnetGroupAlreadyExists", f"The DB subnet group '{name}' already exists.")
    record = {
        "DBSubnetGroupName": name,
        "DBSubnetGroupDescription": params["DBSubnetGroupDescription"],
        "SubnetGroupStatus": "Complete",
        "DBSubnetGroupArn": arn(tx, "subgrp", name),
        "SupportedNetworkTypes": ["IPV4"],
        "_tags": tags_of(params),
        **_members(tx, params["SubnetIds"]),
    }
    tx.put(SUBNET_GROUP, name, record)
    return {"DBSubnetGroup": answer(record)}


def _members(tx: Transaction, ids: list[str]) -> Record:
    found = neighbours.subnets(tx, ids)
    vpcs = sorted({subnet["VpcId"] for subnet in found})
    if len(vpcs) > 1:
        raise ServiceError("InvalidSubnet", f"The subnets belong to more than one VPC: {', '.join(vpcs)}.")
    zones = {subnet["AvailabilityZone"] for subnet in found}
    least_zones, most = facts.limit("subnet_group", "least_zones"), facts.limit("subnet_group", "most_subnets")
    if len(zones) < least_zones:
        raise ServiceError(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: "
            f"{', '.join(sorted(zones))}. Add subnets to cover at least {least_zones} AZs.",
        )
    if len(found) > most:
        raise ServiceError("DBSubnetQuotaExceededFault", f"A subnet group holds at most {most} subnets.")
    members = [
        {
            "SubnetIdentifier": subnet["SubnetId"],
            "SubnetAvailabilityZone": {"Name": subnet["AvailabilityZone"]},
            "SubnetOutpost": {},
            "SubnetStatus": "Active",
        }
        for subnet in found
    ]
    return {"VpcId": vpcs[0], "Subnets": members}


def require_subnet_group(tx: Transaction, name: str) -> Record:
    """The group of this name, or RDS's refusal."""
    record = tx.get(SUBNET_GROUP, name.lower())
    if record is None:
        raise faults.subnet_group_not_found(name)
    return record


def describe_subnet_groups(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """One group, or all."""
    name = params.get("DBSubnetGroupName")
    found = [require_subnet_group(tx, name)] if name else tx.all(SUBNET_GROUP)
    return page([answer(record) for record in found], params, "DBSubnetGroups")


def modify_subnet_group(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Other subnets, or another description."""
    record = require_subnet_group(tx, params["DBSubnetGroupName"])
    record.update(_members(tx, params["SubnetIds"]))
    record["DBSubnetGroupDescription"] = params.get("DBSubnetGroupDescription", record["DBSubnetGroupDescription"])
    tx.put(SUBNET_GROUP, record["DBSubnetGroupName"], record)
    return {"DBSubnetGroup": answer(record)}


def delete_subnet_group(tx: Transaction, params: Mapping[str, Any]) -> Record:
    """Remove a group in which no instance stands."""
    record = require_subnet_group(tx, params["DBSubnetGroupName"])
    name = record["DBSubnetGroupName"]
    users = [db["DBInstanceIdentifier"] for db in tx.all(INSTANCE) if db.get("_subnet_group") == name]
    if users:
        raise ServiceError(
            "InvalidDBSubnetGroupStateFault",
            f"Cannot delete the subnet group '{name}' because at least one database instance: "
            f"{users[0]} is still using it.",
        )
    tx.delete(SUBNET_GROUP, name)
    return {}


HANDLERS: Final[Mapping[str, Handler]] = {
    "CreateDBSubnetGroup": create_subnet_group,
    "DescribeDBSubnetGroups": describe_subnet_groups,
    "ModifyDBSubnetGroup": modify_subnet_group,
    "DeleteDBSubnetGroup": delete_subnet_group,
}
