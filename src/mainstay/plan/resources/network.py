"""Networks: VPC, subnets, routes, gateways, security groups with their rules, endpoints, flow logs."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal

from mainstay.core.records import dataclass
from mainstay.core.units import Duration
from mainstay.plan.policies import Policy
from mainstay.plan.resources.resource import Resource, Tags
from mainstay.plan.values import Link, Value

if TYPE_CHECKING:
    from mainstay.plan.resources.keys import Role
    from mainstay.plan.resources.observability import LogGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class Vpc(Resource):
    """A network. `cidr` such as `10.0.0.0/16`."""

    cidr: Value[str]
    has_dns_support: Value[bool] | None = None
    has_dns_hostnames: Value[bool] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InternetGateway(Resource):
    """The door to the internet; useless until attached."""

    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayAttachment(Resource):
    """An internet gateway attached to a VPC."""

    vpc: Link[Vpc]
    internet_gateway: Link[InternetGateway] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet(Resource):
    """A slice of a VPC in one zone."""

    vpc: Link[Vpc]
    cidr: Value[str]
    zone: Value[str] | None = None
    maps_public_ip: Value[bool] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTable(Resource):
    """Routes shared by the subnets that are associated with it."""

    vpc: Link[Vpc]
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Resource):
    """One route: a destination and exactly one target."""

    route_table: Link[RouteTable]
    destination: Value[str]
    internet_gateway: Link[InternetGateway] | None = None
    nat_gateway: Link[NatGateway] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTableAssociation(Resource):
    """A subnet that uses a route table."""

    subnet: Link[Subnet]
    route_table: Link[RouteTable]


@dataclass(frozen=True, slots=True, kw_only=True)
class ElasticIp(Resource):
    """A public address, for a NAT gateway."""

    domain: Value[str] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NatGateway(Resource):
    """The way out for private subnets of a zone."""

    subnet: Link[Subnet]
    allocation: Link[ElasticIp] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePeer:
    """Who a rule inside a group speaks of, and on which ports; ports None with protocol -1 mean all."""

    protocol: Value[str]
    from_port: Value[int] | None = None
    to_port: Value[int] | None = None
    cidr: Value[str] | None = None
    cidr_v6: Value[str] | None = None
    group: Link[SecurityGroup] | None = None
    prefix_list: Value[str] | None = None
    description: Value[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroup(Resource):
    """A stateful packet filter. `egress` None means AWS adds its allow-all rule; an empty tuple writes no list,
    so it is spelled by a rule that reaches nothing (see plan.passes).
    """

    description: Value[str]
    vpc: Link[Vpc] | None = None
    name: Value[str] | None = None
    ingress: tuple[RulePeer, ...] = ()
    egress: tuple[RulePeer, ...] | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngressRule(Resource):
    """A rule of its own, so that two groups can name each other without a cycle."""

    group: Link[SecurityGroup]
    protocol: Value[str]
    from_port: Value[int] | None = None
    to_port: Value[int] | None = None
    source_group: Link[SecurityGroup] | None = None
    cidr: Value[str] | None = None
    cidr_v6: Value[str] | None = None
    description: Value[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressRule(Resource):
    """A rule of its own for what a group may reach."""

    group: Link[SecurityGroup]
    protocol: Value[str]
    from_port: Value[int] | None = None
    to_port: Value[int] | None = None
    destination_group: Link[SecurityGroup] | None = None
    destination_prefix_list: Value[str] | None = None
    cidr: Value[str] | None = None
    cidr_v6: Value[str] | None = None
    description: Value[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VpcEndpoint(Resource):
    """A private door to an AWS service. `service` is the full name `com.amazonaws.<region>.ssm`."""

    vpc: Link[Vpc]
    service: Value[str]
    kind: Value[Literal["Interface", "Gateway", "GatewayLoadBalancer"]] | None = None
    subnets: tuple[Link[Subnet], ...] = ()
    groups: tuple[Link[SecurityGroup], ...] = ()
    route_tables: tuple[Link[RouteTable], ...] = ()
    has_private_dns: Value[bool] | None = None
    policy: Policy | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowLog(Resource):
    """A record of a network's traffic, in a log group (written as `role`) or at `destination`, a bucket's ARN.

    `resource_type` is `VPC`, `traffic` is `ALL`, `ACCEPT` or `REJECT`; `aggregation` 60 or 600 seconds. Nothing of it
    ever changes but its tags.
    """

    vpc: Link[Vpc]
    resource_type: Value[str]
    traffic: Value[str] | None = None
    log_group: Link[LogGroup] | None = None
    role: Link[Role] | None = None
    destination: Value[str] | None = None
    destination_type: Value[str] | None = None
    line_format: Value[str] | None = None
    aggregation: Value[Duration] | None = None
    tags: Tags = field(default_factory=dict)
