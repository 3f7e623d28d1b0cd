"""Networks made real through EC2's handlers."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Final

from mainstay.plan.resources import (
    EgressRule,
    ElasticIp,
    GatewayAttachment,
    IngressRule,
    InternetGateway,
    NatGateway,
    Resource,
    Route,
    RouteTable,
    RouteTableAssociation,
    RulePeer,
    SecurityGroup,
    Subnet,
    Vpc,
    VpcEndpoint,
)
from mainstay.sandbox.cloudformation.realisers.making import (
    Attributes,
    Made,
    Making,
    Realiser,
    attribute,
    document,
    flag,
    number,
    text,
)
from mainstay.sandbox.cloudformation.resolve import Physical


def _specified(making: Making, kind: str, tags: Any) -> list[dict[str, Any]] | None:  # Any: resolved tags, EC2's shape
    made = making.tags(tags)
    return [{"ResourceType": kind, "Tags": made}] if made else None


def _retag(making: Making, physical: Physical, tags: Any) -> None:  # Any: resolved tags
    making.call("ec2", "DeleteTags", Resources=[str(physical)])
    made = making.tags(tags)
    if made:
        making.call("ec2", "CreateTags", Resources=[str(physical)], Tags=made)


def _create_vpc(making: Making, vpc: Vpc) -> Made:
    tags = _specified(making, "vpc", vpc.tags)
    made = making.call("ec2", "CreateVpc", CidrBlock=vpc.cidr, TagSpecifications=tags)["Vpc"]["VpcId"]
    _set_names(making, vpc, made)
    return Made(made)


def _set_names(making: Making, vpc: Vpc, identifier: str) -> None:
    for member, value in (("EnableDnsSupport", vpc.has_dns_support), ("EnableDnsHostnames", vpc.has_dns_hostnames)):
        if value is not None:
            making.call("ec2", "ModifyVpcAttribute", VpcId=identifier, **{member: {"Value": flag(value)}})


def _update_vpc(making: Making, vpc: Vpc, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    del changed
    _set_names(making, vpc, str(physical))
    _retag(making, physical, vpc.tags)
    return None


def _create_gateway(making: Making, gateway: InternetGateway) -> Made:
    tags = _specified(making, "internet-gateway", gateway.tags)
    return Made(
        making.call("ec2", "CreateInternetGateway", TagSpecifications=tags)["InternetGateway"]["InternetGatewayId"]
    )


def _attach(making: Making, attachment: GatewayAttachment) -> Made:
    vpc, gateway = text(attachment.vpc), text(attachment.internet_gateway)
    making.call("ec2", "AttachInternetGateway", VpcId=vpc, InternetGatewayId=gateway)
    return Made(f"IGW|{vpc}", {"_vpc": vpc, "_gateway": gateway})


def _detach(making: Making, physical: Physical) -> None:
    held = physical.attributes
    making.call("ec2", "DetachInternetGateway", VpcId=held["_vpc"], InternetGatewayId=held["_gateway"])


def _create_subnet(making: Making, subnet: Subnet) -> Made:
    made = making.call(
        "ec2",
        "CreateSubnet",
        VpcId=text(subnet.vpc),
        CidrBlock=subnet.cidr,
        AvailabilityZone=subnet.zone,
        TagSpecifications=_specified(making, "subnet", subnet.tags),
    )["Subnet"]
    _map_public(making, subnet, made["SubnetId"])
    return Made(made["SubnetId"], {"zone": made["AvailabilityZone"]})


def _map_public(making: Making, subnet: Subnet, identifier: str) -> None:
    if subnet.maps_public_ip is not None:
        value = {"Value": flag(subnet.maps_public_ip)}
        making.call("ec2", "ModifySubnetAttribute", SubnetId=identifier, MapPublicIpOnLaunch=value)


def _update_subnet(making: Making, subnet: Subnet, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    del changed
    _map_public(making, subnet, str(physical))
    _retag(making, physical, subnet.tags)
    return None


def _create_table(making: Making, table: RouteTable) -> Made:
    tags = _specified(making, "route-table", table.tags)
    made = making.call("ec2", "CreateRouteTable", VpcId=text(table.vpc), TagSpecifications=tags)
    return Made(made["RouteTable"]["RouteTableId"])


def _create_route(making: Making, route: Route) -> Made:
    table = text(route.route_table)
    _call_route(making, "CreateRoute", route)
    return Made(f"{table}|{route.destination}", {"_table": table, "_destination": route.destination})


def _call_route(making: Making, operation: str, route: Route) -> None:
    making.call(
        "ec2",
        operation,
        RouteTableId=text(route.route_table),
        DestinationCidrBlock=route.destination,
        GatewayId=text(route.internet_gateway),
        NatGatewayId=text(route.nat_gateway),
    )


def _update_route(making: Making, route: Route, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    del physical, changed
    _call_route(making, "ReplaceRoute", route)
    return None


def _delete_route(making: Making, physical: Physical) -> None:
    held = physical.attributes
    making.call("ec2", "DeleteRoute", RouteTableId=held["_table"], DestinationCidrBlock=held["_destination"])


def _associate(making: Making, item: RouteTableAssociation) -> Made:
    made = making.call("ec2", "AssociateRouteTable", SubnetId=text(item.subnet), RouteTableId=text(item.route_table))
    return Made(made["AssociationId"])


def _allocate(making: Making, address: ElasticIp) -> Made:
    tags = _specified(making, "elastic-ip", address.tags)
    made = making.call("ec2", "AllocateAddress", Domain=address.domain, TagSpecifications=tags)
    return Made(made["PublicIp"], {"public_ip": made["PublicIp"], "allocation_id": made["AllocationId"]})


def _update_address(
    making: Making, address: ElasticIp, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    del changed
    _retag(making, Physical(physical.attributes["allocation_id"], {}), address.tags)
    return None


def _release(making: Making, physical: Physical) -> None:
    making.call("ec2", "ReleaseAddress", AllocationId=physical.attributes["allocation_id"])


def _create_nat(making: Making, nat: NatGateway) -> Made:
    made = making.call(
        "ec2",
        "CreateNatGateway",
        SubnetId=text(nat.subnet),
        AllocationId=attribute(nat.allocation, "allocation_id"),
        TagSpecifications=_specified(making, "natgateway", nat.tags),
    )
    return Made(made["NatGateway"]["NatGatewayId"])


def _retagging(making: Making, resource: Resource, physical: Physical, changed: tuple[str, ...]) -> Attributes | None:
    """Nothing but the tags can be changed in place."""
    del changed
    _retag(making, physical, getattr(resource, "tags", {}))
    return None


def _create_group(making: Making, group: SecurityGroup) -> Made:
    made = making.call(
        "ec2",
        "CreateSecurityGroup",
        GroupName=making.name(group.name),
        Description=group.description,
        VpcId=text(group.vpc),
        TagSpecifications=_specified(making, "security-group", group.tags),
    )["GroupId"]
    return Made(made, {"group_id": made, **_rules(making, group, made, [], is_new=True)})


def _update_group(
    making: Making, group: SecurityGroup, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    """Write the group's own rules anew; rules that are resources of their own stay."""
    _retag(making, physical, group.tags)
    if not {"SecurityGroupIngress", "SecurityGroupEgress"} & set(changed):
        return None
    return {**physical.attributes, **_rules(making, group, str(physical), physical.attributes["_rules"], is_new=False)}


def _rules(making: Making, group: SecurityGroup, identifier: str, old: list[str], *, is_new: bool) -> Attributes:
    for side in ("Ingress", "Egress"):
        making.call("ec2", f"RevokeSecurityGroup{side}", GroupId=identifier, SecurityGroupRuleIds=old)
    if is_new and group.egress is not None:
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        making.call("ec2", "RevokeSecurityGroupEgress", GroupId=identifier, IpPermissions=everything)
    made: list[str] = []
    for side, peers in (("Ingress", group.ingress), ("Egress", group.egress or ())):
        for peer in peers:
            made += _authorize(making, side, identifier, peer)
    return {"_rules": made}


def _authorize(making: Making, side: str, identifier: str, peer: RulePeer) -> list[str]:
    answer = making.call("ec2", f"AuthorizeSecurityGroup{side}", GroupId=identifier, IpPermissions=[_permission(peer)])
    return [rule["SecurityGroupRuleId"] for rule in answer["SecurityGroupRules"]]


def _permission(peer: RulePeer) -> dict[str, Any]:  # Any: EC2's shape
    told = {"Description": peer.description} if peer.description else {}
    made: dict[str, Any] = {"IpProtocol": str(peer.protocol)}
    if peer.from_port is not None:
        made["FromPort"] = number(peer.from_port)
    if peer.to_port is not None:
        made["ToPort"] = number(peer.to_port)
    for member, name, value in (
        ("IpRanges", "CidrIp", peer.cidr),
        ("Ipv6Ranges", "CidrIpv6", peer.cidr_v6),
        ("UserIdGroupPairs", "GroupId", peer.group),
        ("PrefixListIds", "PrefixListId", peer.prefix_list),
    ):
        if value is not None:
            made[member] = [{name: str(attribute(value, "group_id")), **told}]
    return made


def _create_ingress(making: Making, rule: IngressRule) -> Made:
    return _create_rule(making, "Ingress", rule, dataclasses.replace(_peer(rule), group=rule.source_group))


def _create_egress(making: Making, rule: EgressRule) -> Made:
    peer = dataclasses.replace(_peer(rule), group=rule.destination_group, prefix_list=rule.destination_prefix_list)
    return _create_rule(making, "Egress", rule, peer)


def _peer(rule: IngressRule | EgressRule) -> RulePeer:
    return RulePeer(
        protocol=rule.protocol,
        from_port=rule.from_port,
        to_port=rule.to_port,
        cidr=rule.cidr,
        cidr_v6=rule.cidr_v6,
        description=rule.description,
    )


def _create_rule(making: Making, side: str, rule: IngressRule | EgressRule, peer: RulePeer) -> Made:
    group = str(attribute(rule.group, "group_id"))
    return Made(_authorize(making, side, group, peer)[0], {"_group": group, "_side": side})


def _delete_rule(making: Making, physical: Physical) -> None:
    held = physical.attributes
    making.call(
        "ec2", f"RevokeSecurityGroup{held['_side']}", GroupId=held["_group"], SecurityGroupRuleIds=[str(physical)]
    )


def _create_endpoint(making: Making, endpoint: VpcEndpoint) -> Made:
    made = making.call(
        "ec2",
        "CreateVpcEndpoint",
        VpcId=text(endpoint.vpc),
        ServiceName=endpoint.service,
        VpcEndpointType=endpoint.kind,
        SubnetIds=[str(item) for item in endpoint.subnets] or None,
        SecurityGroupIds=[str(attribute(item, "group_id")) for item in endpoint.groups] or None,
        RouteTableIds=[str(item) for item in endpoint.route_tables] or None,
        PrivateDnsEnabled=flag(endpoint.has_private_dns),
        PolicyDocument=json.dumps(document(endpoint.policy)) if endpoint.policy else None,
        TagSpecifications=_specified(making, "vpc-endpoint", endpoint.tags),
    )
    return Made(made["VpcEndpoint"]["VpcEndpointId"])


def _update_endpoint(
    making: Making, endpoint: VpcEndpoint, physical: Physical, changed: tuple[str, ...]
) -> Attributes | None:
    del changed
    now = making.call("ec2", "DescribeVpcEndpoints", VpcEndpointIds=[str(physical)])["VpcEndpoints"][0]
    wanted = {
        "SubnetIds": [str(item) for item in endpoint.subnets],
        "RouteTableIds": [str(item) for item in endpoint.route_tables],
        "SecurityGroupIds": [str(attribute(item, "group_id")) for item in endpoint.groups],
    }
    held = {**now, "SecurityGroupIds": [item["GroupId"] for item in now["Groups"]]}
    lists: dict[str, list[str]] = {}
    for member, values in wanted.items():
        lists[f"Add{member}"] = [item for item in values if item not in held[member]]
        lists[f"Remove{member}"] = [item for item in held[member] if item not in values]
    policy = json.dumps(document(endpoint.policy)) if endpoint.policy else None
    private = flag(endpoint.has_private_dns)
    making.call("ec2", "ModifyVpcEndpoint", VpcEndpointId=str(physical), PolicyDocument=policy,
                PrivateDnsEnabled=private, **lists)  # fmt: skip
    _retag(making, physical, endpoint.tags)
    return None


def _delete(operation: str, member: str, *, is_list: bool = False) -> Any:  # Any: a realiser's delete
    def delete(making: Making, physical: Physical) -> None:
        making.call("ec2", operation, **{member: [str(physical)] if is_list else str(physical)})

    return delete


REALISERS: Final[dict[type[Resource], Realiser[Any]]] = {
    Vpc: Realiser(create=_create_vpc, update=_update_vpc, delete=_delete("DeleteVpc", "VpcId")),
    InternetGateway: Realiser(
        create=_create_gateway, update=_retagging, delete=_delete("DeleteInternetGateway", "InternetGatewayId")
    ),
    GatewayAttachment: Realiser(create=_attach, delete=_detach),
    Subnet: Realiser(create=_create_subnet, update=_update_subnet, delete=_delete("DeleteSubnet", "SubnetId")),
    RouteTable: Realiser(create=_create_table, update=_retagging, delete=_delete("DeleteRouteTable", "RouteTableId")),
    Route: Realiser(
        create=_create_route,
        update=_update_route,
        delete=_delete_route,
    ),
    RouteTableAssociation: Realiser(create=_associate, delete=_delete("DisassociateRouteTable", "AssociationId")),
    ElasticIp: Realiser(create=_allocate, update=_update_address, delete=_release),
    NatGateway: Realiser(create=_create_nat, update=_retagging, delete=_delete("DeleteNatGateway", "NatGatewayId")),
    SecurityGroup: Realiser(
        create=_create_group, update=_update_group, delete=_delete("DeleteSecurityGroup", "GroupId")
    ),
    IngressRule: Realiser(create=_create_ingress, delete=_delete_rule),
    EgressRule: Realiser(create=_create_egress, delete=_delete_rule),
    VpcEndpoint: Realiser(
        create=_create_endpoint,
        update=_update_endpoint,
        delete=_delete("DeleteVpcEndpoints", "VpcEndpointIds", is_list=True),
    ),
}
