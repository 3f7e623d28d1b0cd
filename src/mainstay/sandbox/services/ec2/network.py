"""VPCs, subnets and availability zones."""

from __future__ import annotations

import ipaddress
from typing import Final

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.ec2 import groups, routes
from mainstay.sandbox.services.ec2.records import (
    ENDPOINT,
    GATEWAY,
    GROUP,
    INSTANCE,
    NAT,
    ROUTE_TABLE,
    SUBNET,
    VPC,
    delete,
    describing,
    new_tags,
    put,
    refuse_used,
    require,
)
from mainstay.sandbox.services.handler import Answer, Params, Table, refuse_if
from mainstay.sandbox.state import Record, Transaction

RESERVED: Final = 5  # addresses of each subnet that AWS keeps: VPC guide, subnet-sizing, checked 2026-11-20
_ZONES: Final = {"us-east-1": "abcdef", "us-west-2": "abcd"}


def zones_of(region: str) -> list[str]:
    """The availability zones of a region; three unless AWS offers more."""
    return [region + letter for letter in _ZONES.get(region, "abc")]


def zone_id(zone: str) -> str:
    """A zone's id (`use1-az1`), which AWS maps onto names differently in each account; here in order."""
    area, side, number = zone[:-1].rsplit("-", 2)
    return f"{area}{side[0]}{number}-az{ord(zone[-1]) - ord('a') + 1}"


def describe_availability_zones(tx: Transaction, params: Params) -> Answer:
    """The zones of the region."""
    named = params.get("ZoneNames")
    found = [zone for zone in zones_of(tx.region) if named is None or zone in named]
    missing = set(named or ()) - set(found)
    refuse_if(missing, "InvalidParameterValue", f"Invalid availability zone: [{', '.join(sorted(missing))}]")
    return {
        "AvailabilityZones": [
            {
                "State": "available",
                "RegionName": tx.region,
                "ZoneName": zone,
                "ZoneId": zone_id(zone),
                "ZoneType": "availability-zone",
                "OptInStatus": "opt-in-not-required",
                "GroupName": tx.region,
                "NetworkBorderGroup": tx.region,
                "Messages": [],
            }
            for zone in found
        ]
    }


def create_vpc(tx: Transaction, params: Params) -> Answer:
    """A network, with its default security group and its main route table."""
    cidr = params.get("CidrBlock", "")
    block = _block(cidr, "cidrBlock")
    refuse_if(not 16 <= block.prefixlen <= 28, "InvalidVpc.Range", f"The CIDR '{cidr}' is invalid.")
    tenancy = params.get("InstanceTenancy", "default")
    refuse_if(tenancy not in ("default", "dedicated"), "InvalidParameterValue", f"Tenancy '{tenancy}' is invalid.")
    identifier = tx.random_id(VPC.prefix)
    vpc: Record = {
        "VpcId": identifier,
        "OwnerId": tx.account,
        "CidrBlock": str(block),
        "CidrBlockAssociationSet": [
            {
                "AssociationId": tx.random_id("vpc-cidr-assoc-"),
                "CidrBlock": str(block),
                "CidrBlockState": {"State": "associated"},
            }
        ],
        "DhcpOptionsId": "dopt-00000000000000001",
        "InstanceTenancy": tenancy,
        "IsDefault": False,
        "State": "available",
        "Tags": new_tags(params, VPC),
        "_dns_support": True,
        "_dns_hostnames": False,
    }
    put(tx, VPC, vpc)
    groups.create_default(tx, identifier)
    routes.create_main(tx, vpc)
    return {"Vpc": {**_shown(vpc), "State": "pending"}}


def describe_vpc_attribute(tx: Transaction, params: Params) -> Answer:
    """Whether the network resolves names, and gives them."""
    vpc = require(tx, VPC, params["VpcId"])
    attributes = {
        "enableDnsSupport": {"EnableDnsSupport": {"Value": vpc["_dns_support"]}},
        "enableDnsHostnames": {"EnableDnsHostnames": {"Value": vpc["_dns_hostnames"]}},
        "enableNetworkAddressUsageMetrics": {"EnableNetworkAddressUsageMetrics": {"Value": False}},
    }
    attribute = params["Attribute"]
    refuse_if(attribute not in attributes, "InvalidParameterValue", f"Value ({attribute}) for attribute is invalid.")
    return {"VpcId": vpc["VpcId"], **attributes[attribute]}


def modify_vpc_attribute(tx: Transaction, params: Params) -> Answer:
    """Set one of the two name switches; EC2 takes one at a time."""
    vpc = require(tx, VPC, params["VpcId"])
    switches = {"EnableDnsSupport": "_dns_support", "EnableDnsHostnames": "_dns_hostnames"}
    given = [name for name in switches if name in params]
    message = "Fields for multiple attribute types specified" if given else "No attributes specified."
    refuse_if(len(given) != 1, "InvalidParameterCombination", message)
    vpc[switches[given[0]]] = params[given[0]]["Value"]
    put(tx, VPC, vpc)
    return {}


def delete_vpc(tx: Transaction, params: Params) -> Answer:
    """Remove an empty network, with its default group and main route table."""
    vpc = require(tx, VPC, params["VpcId"])
    identifier = vpc["VpcId"]
    own_groups = [group for group in tx.all(GROUP.name) if group["VpcId"] == identifier]
    own_tables = [table for table in tx.all(ROUTE_TABLE.name) if table["VpcId"] == identifier]
    is_used = (
        any(item["VpcId"] == identifier for kind in (SUBNET, ENDPOINT) for item in tx.all(kind.name))
        or any(nat["VpcId"] == identifier and nat["State"] != "deleted" for nat in tx.all(NAT.name))
        or any(side["VpcId"] == identifier for gateway in tx.all(GATEWAY.name) for side in gateway["Attachments"])
        or any(group["GroupName"] != "default" for group in own_groups)
        or any(not routes.is_main(table) for table in own_tables)
    )
    refuse_used(VPC, vpc, is_used=is_used)
    for group in own_groups:
        groups.forget(tx, group)
    for table in own_tables:
        delete(tx, ROUTE_TABLE, table)
    delete(tx, VPC, vpc)
    return {}


def create_subnet(tx: Transaction, params: Params) -> Answer:
    """A slice of a network: inside it, beside its other slices, in a zone of the region."""
    vpc, cidr = require(tx, VPC, params["VpcId"]), params.get("CidrBlock", "")
    block = _block(cidr, "cidrBlock")
    is_inside = block.subnet_of(ipaddress.IPv4Network(vpc["CidrBlock"]))
    refuse_if(not is_inside or not 16 <= block.prefixlen <= 28, "InvalidSubnet.Range", f"The CIDR '{cidr}' is invalid.")
    siblings = [item for item in tx.all(SUBNET.name) if item["VpcId"] == vpc["VpcId"]]
    clash = any(block.overlaps(ipaddress.IPv4Network(item["CidrBlock"])) for item in siblings)
    refuse_if(clash, "InvalidSubnet.Conflict", f"The CIDR '{cidr}' conflicts with another subnet")
    zones = zones_of(tx.region)
    zone = params.get("AvailabilityZone", zones[0])
    refuse_if(
        zone not in zones,
        "InvalidParameterValue",
        f"Value ({zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the "
        f"following availability zones: {', '.join(zones)}.",
    )
    identifier = tx.random_id(SUBNET.prefix)
    subnet = {
        "SubnetId": identifier,
        "SubnetArn": tx.arn("ec2", f"subnet/{identifier}"),
        "VpcId": vpc["VpcId"],
        "OwnerId": tx.account,
        "CidrBlock": str(block),
        "AvailabilityZone": zone,
        "AvailabilityZoneId": zone_id(zone),
        "AvailableIpAddressCount": block.num_addresses - RESERVED,
        "DefaultForAz": False,
        "MapPublicIpOnLaunch": False,
        "AssignIpv6AddressOnCreation": False,
        "Ipv6CidrBlockAssociationSet": [],
        "State": "available",
        "Tags": new_tags(params, SUBNET),
    }
    put(tx, SUBNET, subnet)
    return {"Subnet": subnet}


def modify_subnet_attribute(tx: Transaction, params: Params) -> Answer:
    """Whether instances started here get a public address."""
    subnet = require(tx, SUBNET, params["SubnetId"])
    if "MapPublicIpOnLaunch" in params:
        subnet["MapPublicIpOnLaunch"] = params["MapPublicIpOnLaunch"]["Value"]
    put(tx, SUBNET, subnet)
    return {}


def delete_subnet(tx: Transaction, params: Params) -> Answer:
    """Remove a subnet in which nothing stands."""
    subnet = require(tx, SUBNET, params["SubnetId"])
    identifier = subnet["SubnetId"]
    is_used = (
        any(nat["SubnetId"] == identifier and nat["State"] != "deleted" for nat in tx.all(NAT.name))
        or any(identifier in endpoint["SubnetIds"] for endpoint in tx.all(ENDPOINT.name))
        or any(
            machine.get("SubnetId") == identifier and machine["State"]["Name"] != "terminated"
            for machine in tx.all(INSTANCE.name)
        )
        or _holds_database(tx, identifier)
    )
    refuse_used(SUBNET, subnet, is_used=is_used)
    routes.forget_subnet(tx, identifier)
    delete(tx, SUBNET, subnet)
    return {}


def _holds_database(tx: Transaction, subnet: str) -> bool:
    """Whether a database instance may stand in it: its subnet group names it (its interface would block, in EC2)."""
    return any(
        item.get("SubnetIdentifier") == subnet
        for database in tx.all("rds:db")
        for item in (database.get("DBSubnetGroup") or {}).get("Subnets", [])
    )


def _block(cidr: str, member: str) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(cidr, strict=False)
    except ValueError:
        message = f"Value ({cidr}) for parameter {member} is invalid. This is not a valid CIDR block."
        raise ServiceError("InvalidParameterValue", message) from None


def _shown(record: Record) -> Answer:
    return {name: value for name, value in record.items() if not name.startswith("_")}


HANDLERS: Final[Table] = {
    "DescribeAvailabilityZones": describe_availability_zones,
    "CreateVpc": create_vpc,
    "DescribeVpcs": describing(VPC, "Vpcs", "VpcIds"),
    "DescribeVpcAttribute": describe_vpc_attribute,
    "ModifyVpcAttribute": modify_vpc_attribute,
    "DeleteVpc": delete_vpc,
    "CreateSubnet": create_subnet,
    "DescribeSubnets": describing(SUBNET, "Subnets", "SubnetIds"),
    "ModifySubnetAttribute": modify_subnet_attribute,
    "DeleteSubnet": delete_subnet,
}
