"""NW003: a function or a host that cannot reach an AWS service which it needs."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import group, plan_of
from mainstay.checks.network.lacking import misplaced, shut_out
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.reachability import HTTPS
from mainstay.plan.resources import (
    Function,
    Instance,
    NatGateway,
    Resource,
    RouteTable,
    RouteTableAssociation,
    RulePeer,
    Secret,
    Subnet,
    Vpc,
    VpcEndpoint,
)
from mainstay.plan.values import REGION, Attr, Ref, join


def _plan(*resources: Resource) -> Plan:
    job = Function(
        key="Job",
        role="arn:aws:iam::123456789012:role/job",
        environment={"LOGIN": Attr("Login", "id")},
        subnets=(Ref("Private"),),
        security_groups=(Ref("JobGroup"),),
    )
    return plan_of(
        Vpc(key="Vpc", cidr="10.0.0.0/16", has_dns_support=True, has_dns_hostnames=True),
        Subnet(key="Private", vpc=Ref("Vpc"), cidr="10.0.1.0/24"),
        RouteTable(key="Routes", vpc=Ref("Vpc")),
        RouteTableAssociation(key="PrivateRoutes", subnet=Ref("Private"), route_table=Ref("Routes")),
        group(key="JobGroup", description="the function", vpc=Ref("Vpc")),
        Secret(key="Login"),
        job,
        *resources,
    )


def _bad() -> Plan:
    """A function reads a secret from a private subnet without NAT, and there is no endpoint"""
    return _plan()


def _good() -> Plan:
    """There is an endpoint, whose group admits the function's"""
    peer = RulePeer(protocol="tcp", from_port=HTTPS, to_port=HTTPS, group=Ref("JobGroup"))
    door = VpcEndpoint(
        key="Door",
        vpc=Ref("Vpc"),
        service=join("com.amazonaws.", REGION, ".secretsmanager"),
        kind="Interface",
        subnets=(Ref("Private"),),
        groups=(Ref("DoorGroup"),),
        has_private_dns=True,
    )
    return _plan(group(key="DoorGroup", description="the endpoint", vpc=Ref("Vpc"), ingress=(peer,)), door)


@rule(
    id="NW003",
    severity=Severity.ERROR,
    harm=Harm.BLIND,
    summary="no way to an AWS service",
    source="Secrets Manager User Guide, rotation-function-network-access and vpc-endpoint-overview; Systems Manager"
    " User Guide, setup-create-vpc; Lambda Developer Guide, configuration-vpc-internet (2026-11-21)",
    applies_to=(Function, Instance, NatGateway),
    field="subnets",
    bad=_bad,
    good=_good,
)
def faults(one: Resource, scene: Scene) -> Iterator[Fault]:
    """Each call waits until it times out: the rotation fails, the verdict is never given, nobody gets onto the bastion.
    A function in a VPC has no public address, whatever its subnet. It takes a NAT gateway in a subnet that leads to an
    internet gateway, or the service's endpoint in the VPC, with private DNS and a group that admits 443 from it.
    """
    yield from misplaced(one, scene) if isinstance(one, NatGateway) else shut_out(one, scene)
