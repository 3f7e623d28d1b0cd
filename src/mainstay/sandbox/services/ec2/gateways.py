"""Ways out: internet gateways, elastic addresses, NAT gateways."""

from __future__ import annotations

from typing import Final

from mainstay.core.clock import render_time
from mainstay.sandbox.services.ec2.records import (
    ADDRESS,
    DEPENDENCY,
    GATEWAY,
    NAT,
    SUBNET,
    VPC,
    delete,
    describing,
    new_tags,
    put,
    refuse_used,
    require,
)
from mainstay.sandbox.services.handler import Answer, Params, Table, public, refuse_if
from mainstay.sandbox.state import Transaction


def create_internet_gateway(tx: Transaction, params: Params) -> Answer:
    """A gateway that is attached to nothing yet."""
    gateway = {
        "InternetGatewayId": tx.random_id(GATEWAY.prefix),
        "OwnerId": tx.account,
        "Attachments": [],
        "Tags": new_tags(params, GATEWAY),
    }
    put(tx, GATEWAY, gateway)
    return {"InternetGateway": gateway}


def attach_internet_gateway(tx: Transaction, params: Params) -> Answer:
    """Attach a free gateway to a network that has none."""
    gateway, vpc = require(tx, GATEWAY, params["InternetGatewayId"]), require(tx, VPC, params["VpcId"])["VpcId"]
    code, name = "Resource.AlreadyAssociated", gateway["InternetGatewayId"]
    refuse_if(gateway["Attachments"], code, f"resource {name} is already attached to a network")
    taken = any(side["VpcId"] == vpc for other in tx.all(GATEWAY.name) for side in other["Attachments"])
    message = f"Network {vpc} already has an internet gateway attached"
    refuse_if(taken, "InvalidParameterValue", message)
    put(tx, GATEWAY, {**gateway, "Attachments": [{"State": "available", "VpcId": vpc}]})
    return {}


def detach_internet_gateway(tx: Transaction, params: Params) -> Answer:
    """Detach a gateway; refused while addresses of the network are mapped through it."""
    gateway, vpc = require(tx, GATEWAY, params["InternetGatewayId"]), require(tx, VPC, params["VpcId"])["VpcId"]
    is_attached = any(side["VpcId"] == vpc for side in gateway["Attachments"])
    message = f"resource {gateway['InternetGatewayId']} is not attached to network {vpc}"
    refuse_if(not is_attached, "Gateway.NotAttached", message)
    mapped = any(nat["VpcId"] == vpc and nat["State"] != "deleted" for nat in tx.all(NAT.name))
    message = (
        f"Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching."
    )
    refuse_if(mapped, DEPENDENCY, message)
    put(tx, GATEWAY, {**gateway, "Attachments": []})
    return {}


def delete_internet_gateway(tx: Transaction, params: Params) -> Answer:
    """Remove a detached gateway."""
    gateway = require(tx, GATEWAY, params["InternetGatewayId"])
    refuse_used(GATEWAY, gateway, is_used=bool(gateway["Attachments"]))
    delete(tx, GATEWAY, gateway)
    return {}


def allocate_address(tx: Transaction, params: Params) -> Answer:
    """An address of a documentation range (RFC 5737), which no machine has."""
    taken = {address["PublicIp"] for address in tx.all(ADDRESS.name)}
    free = (f"{net}.{host}" for net in ("198.51.100", "203.0.113") for host in range(1, 255))
    public_ip = next((ip for ip in free if ip not in taken), None)
    refuse_if(public_ip is None, "AddressLimitExceeded", "The maximum number of addresses has been reached.")
    address = {
        "AllocationId": tx.random_id(ADDRESS.prefix),
        "PublicIp": public_ip,
        "Domain": params.get("Domain", "vpc"),
        "PublicIpv4Pool": "amazon",
        "NetworkBorderGroup": tx.region,
        "Tags": new_tags(params, ADDRESS),
    }
    put(tx, ADDRESS, address)
    return {name: value for name, value in address.items() if name != "Tags"}


def release_address(tx: Transaction, params: Params) -> Answer:
    """Give an address back that nothing uses."""
    address = require(tx, ADDRESS, params.get("AllocationId", ""))
    is_used = "AssociationId" in address
    refuse_if(is_used, "InvalidIPAddress.InUse", f"The address with allocation id {address['AllocationId']} is in use.")
    delete(tx, ADDRESS, address)
    return {}


def create_nat_gateway(tx: Transaction, params: Params) -> Answer:
    """A NAT gateway in a subnet; a public one takes an address that nothing else uses."""
    refuse_if("SubnetId" not in params, "MissingParameter", "The request must contain the parameter subnetId")
    subnet = require(tx, SUBNET, params["SubnetId"])
    kind = params.get("ConnectivityType", "public")
    identifier = tx.random_id(NAT.prefix)
    addresses = []
    if kind == "public":
        refuse_if(
            "AllocationId" not in params, "MissingParameter", "The request must contain the parameter AllocationId"
        )
        address = require(tx, ADDRESS, params["AllocationId"])
        message = f"Elastic IP address [{address['AllocationId']}] is already associated"
        refuse_if("AssociationId" in address, "Resource.AlreadyAssociated", message)
        address["AssociationId"] = tx.random_id("eipassoc-")
        put(tx, ADDRESS, address)
        shared = {name: address[name] for name in ("AllocationId", "PublicIp", "AssociationId")}
        addresses = [{**shared, "IsPrimary": True, "Status": "succeeded"}]
    nat = {
        "NatGatewayId": identifier,
        "SubnetId": subnet["SubnetId"],
        "VpcId": subnet["VpcId"],
        "State": "available",
        "ConnectivityType": kind,
        "CreateTime": render_time(tx.now),
        "NatGatewayAddresses": addresses,
        "Tags": new_tags(params, NAT),
    }
    put(tx, NAT, nat)
    return {"NatGateway": {**public(nat), "State": "pending"}}


def delete_nat_gateway(tx: Transaction, params: Params) -> Answer:
    """Remove a NAT gateway; it stays visible as deleted, and its address is free again."""
    nat = require(tx, NAT, params["NatGatewayId"])
    for shared in nat["NatGatewayAddresses"]:
        address = tx.get(ADDRESS.name, shared["AllocationId"])
        if address:
            address.pop("AssociationId", None)
            put(tx, ADDRESS, address)
    put(tx, NAT, {**nat, "State": "deleted", "DeleteTime": render_time(tx.now)})
    return {"NatGatewayId": nat["NatGatewayId"]}


HANDLERS: Final[Table] = {
    "CreateInternetGateway": create_internet_gateway,
    "AttachInternetGateway": attach_internet_gateway,
    "DetachInternetGateway": detach_internet_gateway,
    "DeleteInternetGateway": delete_internet_gateway,
    "DescribeInternetGateways": describing(GATEWAY, "InternetGateways", "InternetGatewayIds"),
    "AllocateAddress": allocate_address,
    "ReleaseAddress": release_address,
    "DescribeAddresses": describing(ADDRESS, "Addresses", "AllocationIds"),
    "CreateNatGateway": create_nat_gateway,
    "DeleteNatGateway": delete_nat_gateway,
    "DescribeNatGateways": describing(NAT, "NatGateways", "NatGatewayIds"),
}
