"""Route tables, their routes, and the subnets that use them."""

from __future__ import annotations

import ipaddress
from typing import Final

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.ec2.records import (
    GATEWAY,
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

INVALID: Final = "InvalidParameterValue"


def create_main(tx: Transaction, vpc: Record) -> None:
    """The route table that a network is born with."""
    table = _new(tx, vpc, [])
    table["Associations"] = [_association(tx, table, {"Main": True})]
    put(tx, ROUTE_TABLE, table)


def is_main(table: Record) -> bool:
    """Whether it is the one that subnets without a table of their own use."""
    return any(association["Main"] for association in table["Associations"])


def forget_subnet(tx: Transaction, subnet: str) -> None:
    """Take a subnet that goes away out of its table."""
    for table in tx.all(ROUTE_TABLE.name):
        kept = [item for item in table["Associations"] if item.get("SubnetId") != subnet]
        if len(kept) < len(table["Associations"]):
            put(tx, ROUTE_TABLE, {**table, "Associations": kept})


def create_route_table(tx: Transaction, params: Params) -> Answer:
    """A table that routes within its network only."""
    vpc = require(tx, VPC, params["VpcId"])
    table = _new(tx, vpc, new_tags(params, ROUTE_TABLE))
    put(tx, ROUTE_TABLE, table)
    return {"RouteTable": table}


def delete_route_table(tx: Transaction, params: Params) -> Answer:
    """Remove a table that no subnet uses."""
    table = require(tx, ROUTE_TABLE, params["RouteTableId"])
    refuse_used(ROUTE_TABLE, table, is_used=bool(table["Associations"]))
    delete(tx, ROUTE_TABLE, table)
    return {}


def create_route(tx: Transaction, params: Params) -> Answer:
    """One route: a destination not yet routed, to one target that exists."""
    table = require(tx, ROUTE_TABLE, params["RouteTableId"])
    destination = _destination(params)
    known = any(route.get("DestinationCidrBlock") == destination for route in table["Routes"])
    message = f"The route identified by {destination} already exists."
    refuse_if(known, "RouteAlreadyExists", message)
    table["Routes"].append({**_target(tx, params, table), "DestinationCidrBlock": destination, "State": "active",
                            "Origin": "CreateRoute"})  # fmt: skip
    put(tx, ROUTE_TABLE, table)
    return {"Return": True}


def replace_route(tx: Transaction, params: Params) -> Answer:
    """Another target for a destination."""
    delete_route(tx, params)
    create_route(tx, params)
    return {}


def delete_route(tx: Transaction, params: Params) -> Answer:
    """Remove a route; the local one stays."""
    table = require(tx, ROUTE_TABLE, params["RouteTableId"])
    destination = _destination(params)
    kept = [route for route in table["Routes"] if route["DestinationCidrBlock"] != destination]
    message = f"no route with destination-cidr-block {destination} in route table {table['RouteTableId']}"
    refuse_if(len(kept) == len(table["Routes"]), "InvalidRoute.NotFound", message)
    local = any(route not in kept and route.get("GatewayId") == "local" for route in table["Routes"])
    refuse_if(local, INVALID, f"cannot remove local route {destination} in route table {table['RouteTableId']}")
    put(tx, ROUTE_TABLE, {**table, "Routes": kept})
    return {}


def associate_route_table(tx: Transaction, params: Params) -> Answer:
    """Let a subnet use a table; it uses one at a time."""
    table = require(tx, ROUTE_TABLE, params["RouteTableId"])
    subnet = require(tx, SUBNET, params.get("SubnetId", ""))
    same = table["VpcId"] == subnet["VpcId"]
    message = f"Route table {table['RouteTableId']} and subnet {subnet['SubnetId']} belong to different networks"
    refuse_if(not same, INVALID, message)
    for other in tx.all(ROUTE_TABLE.name):
        for item in other["Associations"]:
            message = (
                f"the specified association for route table {table['RouteTableId']} conflicts with an existing one"
            )
            refuse_if(item.get("SubnetId") == subnet["SubnetId"], "Resource.AlreadyAssociated", message)
    association = _association(tx, table, {"Main": False, "SubnetId": subnet["SubnetId"]})
    table["Associations"].append(association)
    put(tx, ROUTE_TABLE, table)
    return {"AssociationId": association["RouteTableAssociationId"], "AssociationState": {"State": "associated"}}


def disassociate_route_table(tx: Transaction, params: Params) -> Answer:
    """Let a subnet fall back to the main table."""
    wanted = params["AssociationId"]
    for table in tx.all(ROUTE_TABLE.name):
        found = next((item for item in table["Associations"] if item["RouteTableAssociationId"] == wanted), None)
        if found:
            refuse_if(found["Main"], INVALID, f"cannot disassociate the main route table association {wanted}")
            table["Associations"].remove(found)
            put(tx, ROUTE_TABLE, table)
            return {}
    raise ServiceError("InvalidAssociationID.NotFound", f"The association ID '{wanted}' does not exist")


def _new(tx: Transaction, vpc: Record, tags: list[dict[str, str]]) -> Record:
    local = {
        "DestinationCidrBlock": vpc["CidrBlock"],
        "GatewayId": "local",
        "State": "active",
        "Origin": "CreateRouteTable",
    }
    return {
        "RouteTableId": tx.random_id(ROUTE_TABLE.prefix),
        "VpcId": vpc["VpcId"],
        "OwnerId": tx.account,
        "Routes": [local],
        "Associations": [],
        "PropagatingVgws": [],
        "Tags": tags,
    }


def _association(tx: Transaction, table: Record, members: Answer) -> Answer:
    identifier = tx.random_id("rtbassoc-")
    state = {"State": "associated"}
    return {
        "RouteTableAssociationId": identifier,
        "RouteTableId": table["RouteTableId"],
        "AssociationState": state,
        **members,
    }


def _destination(params: Params) -> str:
    cidr = params.get("DestinationCidrBlock", "")
    try:
        return str(ipaddress.IPv4Network(cidr, strict=False))
    except ValueError:
        message = f"Value ({cidr}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block."
        raise ServiceError(INVALID, message) from None


def _target(tx: Transaction, params: Params, table: Record) -> Answer:
    """The one target of a route, which has to be there and in the same network."""
    given = [name for name in ("GatewayId", "NatGatewayId") if name in params]
    message = "The request must contain exactly one of gatewayId, natGatewayId"
    refuse_if(len(given) != 1, "MissingParameter", message)
    identifier = params[given[0]]
    if given == ["NatGatewayId"]:
        vpcs = [require(tx, NAT, identifier)["VpcId"]]
    else:
        vpcs = [side["VpcId"] for side in require(tx, GATEWAY, identifier)["Attachments"]]
    message = f"route table {table['RouteTableId']} and network gateway {identifier} belong to different networks"
    refuse_if(table["VpcId"] not in vpcs, INVALID, message)
    return {given[0]: identifier}


HANDLERS: Final[Table] = {
    "CreateRouteTable": create_route_table,
    "DeleteRouteTable": delete_route_table,
    "DescribeRouteTables": describing(ROUTE_TABLE, "RouteTables", "RouteTableIds"),
    "CreateRoute": create_route,
    "ReplaceRoute": replace_route,
    "DeleteRoute": delete_route,
    "AssociateRouteTable": associate_route_table,
    "DisassociateRouteTable": disassociate_route_table,
}
