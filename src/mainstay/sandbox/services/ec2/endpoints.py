"""VPC endpoints: private doors to AWS services."""

from __future__ import annotations

import json
import re
from typing import Final

from mainstay.core.clock import render_time
from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.ec2.records import (
    ENDPOINT,
    GROUP,
    ROUTE_TABLE,
    SUBNET,
    VPC,
    Kind,
    delete,
    describing,
    new_tags,
    put,
    require,
)
from mainstay.sandbox.services.handler import Answer, Params, Table, policy_document, refuse_if
from mainstay.sandbox.state import Record, Transaction

INVALID: Final = "InvalidParameter"
GATEWAYS: Final = frozenset({"s3", "dynamodb"})  # the only gateway services: VPC guide, checked 2026-11-20
_OPEN: Final = '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}'


def create_vpc_endpoint(tx: Transaction, params: Params) -> Answer:
    """An interface endpoint in subnets behind groups, or a gateway endpoint in route tables."""
    vpc = require(tx, VPC, params["VpcId"])
    kind, service = params.get("VpcEndpointType", "Gateway"), params["ServiceName"]
    _check_service(tx, service, kind)
    policy = params.get("PolicyDocument", _OPEN)
    policy_document(policy, code=INVALID, message="Invalid policy: the document is not valid JSON.")
    has_private_dns = params.get("PrivateDnsEnabled", kind == "Interface")
    refuse_if(
        kind == "Interface" and has_private_dns and not (vpc["_dns_support"] and vpc["_dns_hostnames"]),
        INVALID,
        "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for "
        f"{vpc['VpcId']}",
    )
    twin = any(
        item["VpcId"] == vpc["VpcId"] and item["ServiceName"] == service and item["PrivateDnsEnabled"]
        for item in tx.all(ENDPOINT.name)
    )
    message = f"private-dns-enabled cannot be set because there is already a conflicting DNS domain for {service}"
    refuse_if(twin and has_private_dns, INVALID, message)
    identifier = tx.random_id(ENDPOINT.prefix)
    host = f"{identifier}.{service.removeprefix('com.amazonaws.').split('.', 1)[-1]}.{tx.region}.vpce.amazonaws.com"
    endpoint: Record = {
        "VpcEndpointId": identifier,
        "VpcEndpointType": kind,
        "VpcId": vpc["VpcId"],
        "ServiceName": service,
        "State": "available",
        "PolicyDocument": json.dumps(json.loads(policy)),
        "RouteTableIds": _members(tx, params, "RouteTableIds", ROUTE_TABLE, vpc),
        "SubnetIds": _members(tx, params, "SubnetIds", SUBNET, vpc),
        "Groups": _groups(_members(tx, params, "SecurityGroupIds", GROUP, vpc)),
        "PrivateDnsEnabled": has_private_dns,
        "RequesterManaged": False,
        "NetworkInterfaceIds": [],
        "DnsEntries": [{"DnsName": host, "HostedZoneId": "Z0000000SANDBOX"}] if kind == "Interface" else [],
        "CreationTimestamp": render_time(tx.now),
        "Tags": new_tags(params, ENDPOINT),
        "OwnerId": tx.account,
    }
    put(tx, ENDPOINT, endpoint)
    return {"VpcEndpoint": endpoint}


def modify_vpc_endpoint(tx: Transaction, params: Params) -> Answer:
    """Add and remove subnets, tables and groups; another policy."""
    endpoint = require(tx, ENDPOINT, params["VpcEndpointId"])
    vpc = require(tx, VPC, endpoint["VpcId"])
    for member, add, remove, kind in (
        ("SubnetIds", "AddSubnetIds", "RemoveSubnetIds", SUBNET),
        ("RouteTableIds", "AddRouteTableIds", "RemoveRouteTableIds", ROUTE_TABLE),
    ):
        kept = [item for item in endpoint[member] if item not in params.get(remove, [])]
        endpoint[member] = kept + [item for item in _members(tx, params, add, kind, vpc) if item not in kept]
    worn = [item["GroupId"] for item in endpoint["Groups"]]
    worn = [item for item in worn if item not in params.get("RemoveSecurityGroupIds", [])]
    worn += [item for item in _members(tx, params, "AddSecurityGroupIds", GROUP, vpc) if item not in worn]
    endpoint["Groups"] = _groups(worn)
    if "PolicyDocument" in params:
        endpoint["PolicyDocument"] = params["PolicyDocument"]
    endpoint["PrivateDnsEnabled"] = params.get("PrivateDnsEnabled", endpoint["PrivateDnsEnabled"])
    put(tx, ENDPOINT, endpoint)
    return {"Return": True}


def delete_vpc_endpoints(tx: Transaction, params: Params) -> Answer:
    """Remove endpoints; those that do not exist are listed, not refused."""
    missing = []
    for identifier in params["VpcEndpointIds"]:
        endpoint = tx.get(ENDPOINT.name, identifier)
        if endpoint:
            delete(tx, ENDPOINT, endpoint)
        else:
            message = f"The Vpc Endpoint Id '{identifier}' does not exist"
            missing.append({"ResourceId": identifier, "Error": {"Code": ENDPOINT.missing, "Message": message}})
    return {"Unsuccessful": missing}


def _check_service(tx: Transaction, service: str, kind: str) -> None:
    found = re.fullmatch(rf"com\.amazonaws\.{re.escape(tx.region)}\.([a-z0-9.-]+)", service)
    message = f"The Vpc Endpoint Service '{service}' does not exist"
    refuse_if(not found, "InvalidServiceName", message)
    is_known = kind in ("Interface", "Gateway")
    refuse_if(not is_known, INVALID, f"The sandbox has Interface and Gateway endpoints, not {kind}.")
    short = found[1] if found else ""
    message = f"Endpoint type ({kind}) does not match available service types ([Interface])."
    refuse_if(kind == "Gateway" and short not in GATEWAYS, INVALID, message)


def _members(tx: Transaction, params: Params, member: str, kind: Kind, vpc: Record) -> list[str]:
    for identifier in params.get(member, []):
        item = require(tx, kind, identifier)
        if item["VpcId"] != vpc["VpcId"]:
            raise ServiceError(INVALID, f"{identifier} does not belong to {vpc['VpcId']}")
    return list(params.get(member, []))


def _groups(identifiers: list[str]) -> list[Answer]:
    return [{"GroupId": identifier, "GroupName": identifier} for identifier in identifiers]


HANDLERS: Final[Table] = {
    "CreateVpcEndpoint": create_vpc_endpoint,
    "ModifyVpcEndpoint": modify_vpc_endpoint,
    "DeleteVpcEndpoints": delete_vpc_endpoints,
    "DescribeVpcEndpoints": describing(ENDPOINT, "VpcEndpoints", "VpcEndpointIds"),
}
