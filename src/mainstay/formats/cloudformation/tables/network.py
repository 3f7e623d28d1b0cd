"""Networks in CloudFormation."""

from mainstay.formats.cloudformation.codecs import tags
from mainstay.formats.cloudformation.policies import policy
from mainstay.formats.lists import link, links
from mainstay.formats.scalars import boolean, integer, seconds, text
from mainstay.formats.table import Row, Table, blocks
from mainstay.plan.resources import (
    EgressRule,
    ElasticIp,
    FlowLog,
    GatewayAttachment,
    IngressRule,
    InternetGateway,
    NatGateway,
    Route,
    RouteTable,
    RouteTableAssociation,
    RulePeer,
    SecurityGroup,
    Subnet,
    Vpc,
    VpcEndpoint,
)

_TAGS = Row("tags", "Tags", tags)
_VPC = Row("vpc", "VpcId", link("id"))
_GROUP = link("id", "group_id")
_RANGE = (
    Row("protocol", "IpProtocol", text),
    Row("from_port", "FromPort", integer),
    Row("to_port", "ToPort", integer),
    Row("cidr", "CidrIp", text),
    Row("cidr_v6", "CidrIpv6", text),
)
_DESCRIPTION = Row("description", "Description", text)

VPC = Table(
    "AWS::EC2::VPC",
    Vpc,
    (
        Row("cidr", "CidrBlock", text),
        Row("has_dns_support", "EnableDnsSupport", boolean),
        Row("has_dns_hostnames", "EnableDnsHostnames", boolean),
        _TAGS,
    ),
    ref_attributes=("VpcId",),
)

INTERNET_GATEWAY = Table("AWS::EC2::InternetGateway", InternetGateway, (_TAGS,), ref_attributes=("InternetGatewayId",))

GATEWAY_ATTACHMENT = Table(
    "AWS::EC2::VPCGatewayAttachment",
    GatewayAttachment,
    (_VPC, Row("internet_gateway", "InternetGatewayId", link("id"))),
)

SUBNET = Table(
    "AWS::EC2::Subnet",
    Subnet,
    (
        _VPC,
        Row("cidr", "CidrBlock", text),
        Row("zone", "AvailabilityZone", text),
        Row("maps_public_ip", "MapPublicIpOnLaunch", boolean),
        _TAGS,
    ),
    ref_attributes=("SubnetId",),
)

ROUTE_TABLE = Table("AWS::EC2::RouteTable", RouteTable, (_VPC, _TAGS), ref_attributes=("RouteTableId",))

ROUTE = Table(
    "AWS::EC2::Route",
    Route,
    (
        Row("route_table", "RouteTableId", link("id")),
        Row("destination", "DestinationCidrBlock", text),
        Row("internet_gateway", "GatewayId", link("id")),
        Row("nat_gateway", "NatGatewayId", link("id")),
    ),
)

ROUTE_TABLE_ASSOCIATION = Table(
    "AWS::EC2::SubnetRouteTableAssociation",
    RouteTableAssociation,
    (Row("subnet", "SubnetId", link("id")), Row("route_table", "RouteTableId", link("id"))),
    ref_attributes=("Id",),
)

# Ref is the address itself; whoever uses it for a NAT gateway needs the allocation id (CloudFormation Template
# Reference, aws-resource-ec2-eip, return values, checked 2026-11-20).
ELASTIC_IP = Table(
    "AWS::EC2::EIP",
    ElasticIp,
    (Row("domain", "Domain", text), _TAGS),
    attributes={"allocation_id": "AllocationId", "public_ip": "PublicIp"},
    ref_is="public_ip",
)

NAT_GATEWAY = Table(
    "AWS::EC2::NatGateway",
    NatGateway,
    (Row("subnet", "SubnetId", link("id")), Row("allocation", "AllocationId", link("allocation_id")), _TAGS),
    ref_attributes=("NatGatewayId",),
)

SECURITY_GROUP = Table(
    "AWS::EC2::SecurityGroup",
    SecurityGroup,
    (
        Row("name", "GroupName", text),
        Row("description", "GroupDescription", text),
        _VPC,
        Row(
            "ingress",
            "SecurityGroupIngress",
            blocks(
                RulePeer,
                *_RANGE,
                Row("group", "SourceSecurityGroupId", _GROUP),
                Row("prefix_list", "SourcePrefixListId", text),
                _DESCRIPTION,
            ),
        ),
        Row(
            "egress",
            "SecurityGroupEgress",
            blocks(
                RulePeer,
                *_RANGE,
                Row("group", "DestinationSecurityGroupId", _GROUP),
                Row("prefix_list", "DestinationPrefixListId", text),
                _DESCRIPTION,
                keeps_empty=True,
            ),
        ),
        _TAGS,
    ),
    attributes={"group_id": "GroupId"},
    ref_attributes=("Id",),
)

INGRESS_RULE = Table(
    "AWS::EC2::SecurityGroupIngress",
    IngressRule,
    (
        Row("group", "GroupId", _GROUP),
        *_RANGE,
        Row("source_group", "SourceSecurityGroupId", _GROUP),
        _DESCRIPTION,
    ),
    ref_attributes=("Id",),
)

EGRESS_RULE = Table(
    "AWS::EC2::SecurityGroupEgress",
    EgressRule,
    (
        Row("group", "GroupId", _GROUP),
        *_RANGE,
        Row("destination_group", "DestinationSecurityGroupId", _GROUP),
        Row("destination_prefix_list", "DestinationPrefixListId", text),
        _DESCRIPTION,
    ),
    ref_attributes=("Id",),
)

VPC_ENDPOINT = Table(
    "AWS::EC2::VPCEndpoint",
    VpcEndpoint,
    (
        _VPC,
        Row("service", "ServiceName", text),
        Row("kind", "VpcEndpointType", text),
        Row("subnets", "SubnetIds", links("id")),
        Row("groups", "SecurityGroupIds", links("id", "group_id")),
        Row("route_tables", "RouteTableIds", links("id")),
        Row("has_private_dns", "PrivateDnsEnabled", boolean),
        Row("policy", "PolicyDocument", policy),
        _TAGS,
    ),
    ref_attributes=("Id",),
)

FLOW_LOG = Table(
    "AWS::EC2::FlowLog",
    FlowLog,
    (
        Row("resource_type", "ResourceType", text),
        Row("vpc", "ResourceId", link("id")),
        Row("traffic", "TrafficType", text),
        Row("destination_type", "LogDestinationType", text),
        Row("log_group", "LogGroupName", link("name")),
        Row("role", "DeliverLogsPermissionArn", link("arn")),
        Row("destination", "LogDestination", text),
        Row("line_format", "LogFormat", text),
        Row("aggregation", "MaxAggregationInterval", seconds),
        _TAGS,
    ),
    ref_attributes=("Id",),
)

TABLES = (
    VPC,
    INTERNET_GATEWAY,
    GATEWAY_ATTACHMENT,
    SUBNET,
    ROUTE_TABLE,
    ROUTE,
    ROUTE_TABLE_ASSOCIATION,
    ELASTIC_IP,
    NAT_GATEWAY,
    SECURITY_GROUP,
    INGRESS_RULE,
    EGRESS_RULE,
    VPC_ENDPOINT,
    FLOW_LOG,
)
