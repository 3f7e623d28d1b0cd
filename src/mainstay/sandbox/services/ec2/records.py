"""How EC2 keeps and finds things: kinds with their ids and errors, filters, pages, and tags given at creation."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mainstay.sandbox.errors import ServiceError
from mainstay.sandbox.services.handler import Answer, Handler, Params, merged_tags, page, public, refuse_if, with_token
from mainstay.sandbox.state import Record, Transaction

DEPENDENCY: Final = "DependencyViolation"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing: where it is kept, how its ids begin, and what EC2 says when there is none.

    `filters` maps a filter's name onto the path of a member; codes: EC2 API, "Error codes", checked 2026-11-21.
    """

    name: str
    prefix: str
    id_member: str
    missing: str
    noun: str
    resource_type: str
    filters: Mapping[str, str]


VPC: Final = Kind(
    "ec2:vpc", "vpc-", "VpcId", "InvalidVpcID.NotFound", "vpc ID", "vpc",
    {"vpc-id": "VpcId", "cidr": "CidrBlock", "is-default": "IsDefault", "state": "State"},
)  # fmt: skip
SUBNET: Final = Kind(
    "ec2:subnet", "subnet-", "SubnetId", "InvalidSubnetID.NotFound", "subnet ID", "subnet",
    {"subnet-id": "SubnetId", "vpc-id": "VpcId", "availability-zone": "AvailabilityZone", "cidr-block": "CidrBlock",
     "state": "State"},
)  # fmt: skip
GATEWAY: Final = Kind(
    "ec2:igw", "igw-", "InternetGatewayId", "InvalidInternetGatewayID.NotFound", "internetGateway ID",
    "internet-gateway",
    {"internet-gateway-id": "InternetGatewayId", "attachment.vpc-id": "Attachments.VpcId"},
)  # fmt: skip
ROUTE_TABLE: Final = Kind(
    "ec2:route-table", "rtb-", "RouteTableId", "InvalidRouteTableID.NotFound", "routeTable ID", "route-table",
    {"route-table-id": "RouteTableId", "vpc-id": "VpcId", "association.subnet-id": "Associations.SubnetId",
     "association.main": "Associations.Main"},
)  # fmt: skip
ADDRESS: Final = Kind(
    "ec2:address", "eipalloc-", "AllocationId", "InvalidAllocationID.NotFound", "allocation ID", "elastic-ip",
    {"allocation-id": "AllocationId", "public-ip": "PublicIp", "domain": "Domain"},
)  # fmt: skip
NAT: Final = Kind(
    "ec2:nat", "nat-", "NatGatewayId", "NatGatewayNotFound", "NatGateway", "natgateway",
    {"nat-gateway-id": "NatGatewayId", "vpc-id": "VpcId", "subnet-id": "SubnetId", "state": "State"},
)  # fmt: skip
GROUP: Final = Kind(
    "ec2:group", "sg-", "GroupId", "InvalidGroup.NotFound", "security group", "security-group",
    {"group-id": "GroupId", "group-name": "GroupName", "vpc-id": "VpcId", "description": "Description"},
)  # fmt: skip
RULE: Final = Kind(
    "ec2:rule", "sgr-", "SecurityGroupRuleId", "InvalidSecurityGroupRuleId.NotFound", "security group rule ID",
    "security-group-rule",
    {"group-id": "GroupId", "security-group-rule-id": "SecurityGroupRuleId"},
)  # fmt: skip
ENDPOINT: Final = Kind(
    "ec2:endpoint", "vpce-", "VpcEndpointId", "InvalidVpcEndpointId.NotFound", "Vpc Endpoint", "vpc-endpoint",
    {"vpc-endpoint-id": "VpcEndpointId", "vpc-id": "VpcId", "service-name": "ServiceName",
     "vpc-endpoint-type": "VpcEndpointType", "vpc-endpoint-state": "State"},
)  # fmt: skip
INSTANCE: Final = Kind(
    "ec2:instance", "i-", "InstanceId", "InvalidInstanceID.NotFound", "instance ID", "instance",
    {"instance-id": "InstanceId", "vpc-id": "VpcId", "subnet-id": "SubnetId", "instance-state-name": "State.Name",
     "image-id": "ImageId"},
)  # fmt: skip
FLOW_LOG: Final = Kind(
    "ec2:flow-log", "fl-", "FlowLogId", "InvalidFlowLogId.NotFound", "FlowLogId", "vpc-flow-log",
    {"flow-log-id": "FlowLogId", "resource-id": "ResourceId", "log-group-name": "LogGroupName",
     "traffic-type": "TrafficType"},
)  # fmt: skip

KINDS: Final = (VPC, SUBNET, GATEWAY, ROUTE_TABLE, ADDRESS, NAT, GROUP, RULE, ENDPOINT, INSTANCE, FLOW_LOG)


def require(tx: Transaction, kind: Kind, identifier: str) -> Record:
    """The thing with this id, or the kind's own NotFound."""
    missing = ServiceError(kind.missing, f"The {kind.noun} '{identifier}' does not exist")
    return tx.require(kind.name, identifier, missing)


def put(tx: Transaction, kind: Kind, record: Record) -> None:
    """Keep a thing under its id."""
    tx.put(kind.name, record[kind.id_member], record)


def delete(tx: Transaction, kind: Kind, record: Record) -> None:
    """Forget a thing."""
    tx.delete(kind.name, record[kind.id_member])


def refuse_used(kind: Kind, record: Record, *, is_used: bool) -> None:
    """Refuse to delete what other things still need."""
    noun, identifier = kind.noun.removesuffix(" ID"), record[kind.id_member]
    refuse_if(is_used, DEPENDENCY, f"The {noun} '{identifier}' has dependencies and cannot be deleted.")


def new_tags(params: Params, kind: Kind) -> list[dict[str, str]]:
    """The tags that a creation gives to this kind; a specification for another kind is refused."""
    tags: list[dict[str, str]] = []
    for given in params.get("TagSpecifications", []):
        wanted = given.get("ResourceType")
        refuse_if(
            wanted not in (kind.resource_type, "volume") or (wanted == "volume" and kind is not INSTANCE),
            "InvalidParameterValue",
            f"'{wanted}' is not a valid taggable resource type for this operation.",
        )
        if wanted == kind.resource_type:
            tags = merged_tags(tags, given.get("Tags", []))
    return tags


def describing(kind: Kind, member: str, ids: str) -> Handler:
    """The handler of a Describe operation: by ids, by filters, a page at a time."""

    def describe(tx: Transaction, params: Params) -> Answer:
        shown, token = found_page(tx, params, kind, ids)
        return with_token({member: [public(record) for record in shown]}, token)

    describe.__doc__ = f"The {member} that ids and filters name."
    return describe


def found_page(tx: Transaction, params: Params, kind: Kind, ids: str) -> tuple[list[Record], str]:
    """A page of the things that ids and filters of a Describe operation name."""
    records = [require(tx, kind, key) for key in params[ids]] if params.get(ids) else tx.all(kind.name)
    for rule in params.get("Filters", params.get("Filter", [])):
        records = [record for record in records if matches(record, rule, kind)]
    return page(records, params.get("NextToken"), params.get("MaxResults", 1000), code="InvalidNextToken")


def matches(record: Record, rule: Mapping[str, Any], kind: Kind) -> bool:
    """Whether one filter lets a record through; values may hold `*` and `?`."""
    name, wanted = rule["Name"], rule.get("Values", [])
    tags = {tag["Key"]: tag["Value"] for tag in record.get("Tags", [])}
    if name.startswith("tag:"):
        held = [tags[name[4:]]] if name[4:] in tags else []
    elif name == "tag-key":
        held = list(tags)
    else:
        refuse_if(name not in kind.filters, "InvalidParameterValue", f"The filter '{name}' is invalid")
        held = [_text(value) for value in _at(record, kind.filters[name].split("."))]
    return any(fnmatch.fnmatchcase(value, pattern) for value in held for pattern in wanted)


def _at(value: object, path: list[str]) -> list[object]:
    if isinstance(value, list):
        return [found for item in value for found in _at(item, path)]
    if not path:
        return [value]
    return _at(value[path[0]], path[1:]) if isinstance(value, dict) and path[0] in value else []


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
