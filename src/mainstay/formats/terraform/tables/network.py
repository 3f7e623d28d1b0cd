"""Networks in Terraform."""

from __future__ import annotations

from typing import Final

from mainstay.formats.codec import CannotExpress
from mainstay.formats.lists import link, links
from mainstay.formats.scalars import boolean, integer, seconds, text
from mainstay.formats.table import Row, blocks
from mainstay.formats.terraform.blocks import Blocks, Doc, Place, body
from mainstay.formats.terraform.codecs import InList
from mainstay.formats.terraform.policies import policy
from mainstay.formats.terraform.tables.rows import tags
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

_GROUP = link("id", "group_id")

VPC = Blocks(
    "aws_vpc",
    Vpc,
    (
        Row("cidr", "aws_vpc.cidr_block", text),
        Row("has_dns_support", "aws_vpc.enable_dns_support", boolean),
        Row("has_dns_hostnames", "aws_vpc.enable_dns_hostnames", boolean),
        tags("aws_vpc"),
    ),
)

INTERNET_GATEWAY = Blocks("aws_internet_gateway", InternetGateway, (tags("aws_internet_gateway"),))

GATEWAY_ATTACHMENT = Blocks(
    "aws_internet_gateway_attachment",
    GatewayAttachment,
    (
        Row("vpc", "aws_internet_gateway_attachment.vpc_id", link("id")),
        Row("internet_gateway", "aws_internet_gateway_attachment.internet_gateway_id", link("id")),
    ),
    needs=("aws_internet_gateway_attachment.internet_gateway_id",),
)

SUBNET = Blocks(
    "aws_subnet",
    Subnet,
    (
        Row("vpc", "aws_subnet.vpc_id", link("id")),
        Row("cidr", "aws_subnet.cidr_block", text),
        Row("zone", "aws_subnet.availability_zone", text),
        Row("maps_public_ip", "aws_subnet.map_public_ip_on_launch", boolean),
        tags("aws_subnet"),
    ),
)

ROUTE_TABLE = Blocks(
    "aws_route_table",
    RouteTable,
    (Row("vpc", "aws_route_table.vpc_id", link("id")), tags("aws_route_table")),
)

ROUTE = Blocks(
    "aws_route",
    Route,
    (
        Row("route_table", "aws_route.route_table_id", link("id")),
        Row("destination", "aws_route.destination_cidr_block", text),
        Row("internet_gateway", "aws_route.gateway_id", link("id")),
        Row("nat_gateway", "aws_route.nat_gateway_id", link("id")),
    ),
)

ROUTE_TABLE_ASSOCIATION = Blocks(
    "aws_route_table_association",
    RouteTableAssociation,
    (
        Row("subnet", "aws_route_table_association.subnet_id", link("id")),
        Row("route_table", "aws_route_table_association.route_table_id", link("id")),
    ),
)

# Its id is the allocation's; the address itself is an attribute (provider documentation, aws_eip, 2026-11-21).
ELASTIC_IP = Blocks(
    "aws_eip",
    ElasticIp,
    (Row("domain", "aws_eip.domain", text), tags("aws_eip")),
    attributes={"id": "public_ip", "public_ip": "public_ip", "allocation_id": "allocation_id"},
    ref_is="public_ip",
)

NAT_GATEWAY = Blocks(
    "aws_nat_gateway",
    NatGateway,
    (
        Row("subnet", "aws_nat_gateway.subnet_id", link("id")),
        Row("allocation", "aws_nat_gateway.allocation_id", link("allocation_id")),
        tags("aws_nat_gateway"),
    ),
)

_PEER = (
    Row("protocol", "protocol", text),
    Row("from_port", "from_port", integer),
    Row("to_port", "to_port", integer),
    Row("cidr", "cidr_blocks", InList(text)),
    Row("cidr_v6", "ipv6_cidr_blocks", InList(text)),
    Row("group", "security_groups", InList(_GROUP)),
    Row("prefix_list", "prefix_list_ids", InList(text)),
    Row("description", "description", text),
)
_NOTHING: Final[Doc] = {"protocol": "-1", "cidr_blocks": ["127.0.0.1/32"], "description": "reaches nothing"}
_ANYTHING: Final[Doc] = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}


def _egress_outward(doc: Doc, place: Place) -> None:
    """Terraform takes AWS's rule to everywhere away from a new group, so what CloudFormation needs a rule for needs
    none here, and what AWS adds by itself there has to be written (provider documentation, aws_security_group,
    "Egress rules", 2026-11-21).
    """
    group = body(doc, "aws_security_group")
    if group.get("egress") == [_NOTHING]:
        del group["egress"]
    elif "egress" not in group:
        group["egress"] = [{**_ANYTHING}]
    for rule in _rules(group):
        if rule.get("protocol") == "-1":
            rule.setdefault("from_port", 0)
            rule.setdefault("to_port", 0)


def _egress_inward(doc: Doc, place: Place) -> None:
    group = body(doc, "aws_security_group")
    if group.get("egress") == [_ANYTHING]:
        del group["egress"]
    elif "egress" not in group:
        group["egress"] = [{**_NOTHING}]
    for rule in _rules(group):
        if rule.get("protocol") == "-1" and rule.get("from_port") == rule.get("to_port") == 0:
            del rule["from_port"], rule["to_port"]


def _rules(group: Doc) -> list[Doc]:
    found = [group.get(name, []) for name in ("ingress", "egress")]
    return [rule for rules in found if isinstance(rules, list) for rule in rules if isinstance(rule, dict)]


SECURITY_GROUP = Blocks(
    "aws_security_group",
    SecurityGroup,
    (
        Row("name", "aws_security_group.name", text),
        Row("description", "aws_security_group.description", text),
        Row("vpc", "aws_security_group.vpc_id", link("id")),
        Row("ingress", "aws_security_group.ingress", blocks(RulePeer, *_PEER)),
        Row("egress", "aws_security_group.egress", blocks(RulePeer, *_PEER, keeps_empty=True)),
        tags("aws_security_group"),
    ),
    attributes={"group_id": "id"},
    outward=_egress_outward,
    inward=_egress_inward,
)


def _rule(type_name: str, *peers: Row) -> tuple[Row, ...]:
    return (
        Row("group", f"{type_name}.security_group_id", _GROUP),
        Row("protocol", f"{type_name}.ip_protocol", text),
        Row("from_port", f"{type_name}.from_port", integer),
        Row("to_port", f"{type_name}.to_port", integer),
        Row("cidr", f"{type_name}.cidr_ipv4", text),
        Row("cidr_v6", f"{type_name}.cidr_ipv6", text),
        *peers,
        Row("description", f"{type_name}.description", text),
    )


INGRESS_RULE = Blocks(
    "aws_vpc_security_group_ingress_rule",
    IngressRule,
    _rule(
        "aws_vpc_security_group_ingress_rule",
        Row("source_group", "aws_vpc_security_group_ingress_rule.referenced_security_group_id", _GROUP),
    ),
)

EGRESS_RULE = Blocks(
    "aws_vpc_security_group_egress_rule",
    EgressRule,
    _rule(
        "aws_vpc_security_group_egress_rule",
        Row("destination_group", "aws_vpc_security_group_egress_rule.referenced_security_group_id", _GROUP),
        Row("destination_prefix_list", "aws_vpc_security_group_egress_rule.prefix_list_id", text),
    ),
)

VPC_ENDPOINT = Blocks(
    "aws_vpc_endpoint",
    VpcEndpoint,
    (
        Row("vpc", "aws_vpc_endpoint.vpc_id", link("id")),
        Row("service", "aws_vpc_endpoint.service_name", text),
        Row("kind", "aws_vpc_endpoint.vpc_endpoint_type", text),
        Row("subnets", "aws_vpc_endpoint.subnet_ids", links("id")),
        Row("groups", "aws_vpc_endpoint.security_group_ids", links("id", "group_id")),
        Row("route_tables", "aws_vpc_endpoint.route_table_ids", links("id")),
        Row("has_private_dns", "aws_vpc_endpoint.private_dns_enabled", boolean),
        Row("policy", "aws_vpc_endpoint.policy", policy),
        tags("aws_vpc_endpoint"),
    ),
)


_LOGS: Final = "cloud-watch-logs"


def _flow_log_outward(doc: Doc, place: Place) -> None:
    """One argument for both kinds of destination (log_group_name went in version 6), and the kind says which."""
    log = body(doc, "aws_flow_log")
    if "log_group" in log:
        if "log_destination" in log or log.get("log_destination_type", _LOGS) != _LOGS:
            raise CannotExpress("a flow log goes into a log group or to another destination, not to both")
        log["log_destination"] = log.pop("log_group")
    elif log.get("log_destination_type", _LOGS) == _LOGS and "log_destination" in log:
        raise CannotExpress("a flow log's destination in CloudWatch is its log group")


def _flow_log_inward(doc: Doc, place: Place) -> None:
    log = body(doc, "aws_flow_log")
    if "log_destination" in log and log.get("log_destination_type", _LOGS) == _LOGS:
        log["log_group"] = log.pop("log_destination")


FLOW_LOG = Blocks(
    "aws_flow_log",
    FlowLog,
    (
        Row("resource_type", "aws_flow_log.//.resource_type", text),
        Row("vpc", "aws_flow_log.vpc_id", link("id")),
        Row("traffic", "aws_flow_log.traffic_type", text),
        Row("destination_type", "aws_flow_log.log_destination_type", text),
        Row("log_group", "aws_flow_log.log_group", link("arn", "name")),
        Row("role", "aws_flow_log.iam_role_arn", link("arn")),
        Row("destination", "aws_flow_log.log_destination", text),
        Row("line_format", "aws_flow_log.log_format", text),
        Row("aggregation", "aws_flow_log.max_aggregation_interval", seconds),
        tags("aws_flow_log"),
    ),
    outward=_flow_log_outward,
    inward=_flow_log_inward,
)

TABLES: tuple[Blocks, ...] = (
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
