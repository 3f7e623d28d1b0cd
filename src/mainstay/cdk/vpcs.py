"""The network of a design as the CDK knows networks: subnets by tier, with their routes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import aws_cdk
from aws_cdk import aws_ec2

from mainstay.cdk.design import Design
from mainstay.core.errors import InputRefused
from mainstay.plan.passes.logical import VPC
from mainstay.plan.resources import RouteTableAssociation, Subnet, Vpc
from mainstay.plan.values import Ref
from mainstay.spec.existing_network import ExistingNetwork

if TYPE_CHECKING:
    from mainstay.cdk.included import Included

_TIERS = ("public", "private", "isolated")


def imported(scope: Included, design: Design) -> aws_ec2.IVpc:
    """The design's VPC; an application's own subnets are left out, for they need not be in every zone."""
    region = design.region
    own = next((one for one in region.of(Vpc) if one.key == VPC), None)
    if own is None:
        return _by_id(scope, _existing(design))
    attributes: dict[str, Any] = {}  # Any: as the CDK takes them
    zones = 0
    for tier in _TIERS:
        keys = [one.key for one in region.of(Subnet) if one.key.startswith(tier.capitalize())]
        if keys:
            zones = len(keys)
            attributes[f"{tier}_subnet_ids"] = [scope.resource(key).ref for key in keys]
            attributes[f"{tier}_subnet_route_table_ids"] = [
                scope.resource(table).ref for table in _tables(design, keys)
            ]
            attributes[f"{tier}_subnet_ipv4_cidr_blocks"] = [str(_cidr(design, key)) for key in keys]
    names = [aws_cdk.Fn.select(index, aws_cdk.Fn.get_azs()) for index in range(zones)]
    return aws_ec2.Vpc.from_vpc_attributes(
        scope,
        "Vpc",
        vpc_id=scope.resource(VPC).ref,
        vpc_cidr_block=str(own.cidr),
        availability_zones=names,
        **attributes,
    )


def _tables(design: Design, subnets: list[str]) -> Iterator[str]:
    """The route table of each subnet."""
    tables = {
        one.subnet.key: one.route_table.key
        for one in design.region.of(RouteTableAssociation)
        if isinstance(one.subnet, Ref) and isinstance(one.route_table, Ref)
    }
    return (tables[key] for key in subnets)


def _cidr(design: Design, key: str) -> object:
    subnet = design.region[key]
    return subnet.cidr if isinstance(subnet, Subnet) else None


def _existing(design: Design) -> ExistingNetwork:
    """The network that the spec names by ids."""
    recovery = design.spec.disaster_recovery
    is_primary = design.region is design.plan.primary
    network = design.spec.network if is_primary or recovery is None else recovery.network
    if network.existing is None:
        raise InputRefused("no network", detail="The design has no network of its own.", hint="give vpc=")
    return network.existing


def _by_id(scope: Included, existing: ExistingNetwork) -> aws_ec2.IVpc:
    zones = tuple(dict.fromkeys(existing.zones))
    if not zones or len(existing.isolated) % len(zones) or len(existing.private) % len(zones):
        raise InputRefused(
            "the network's zones are not known",
            detail=f"The CDK wants to know the zones of {existing.vpc}'s subnets, as many private as isolated.",
            hint="write network.existing.zones, or give vpc=Vpc.from_lookup(…)",
        )
    return aws_ec2.Vpc.from_vpc_attributes(
        scope,
        "Vpc",
        vpc_id=existing.vpc,
        availability_zones=list(zones),
        isolated_subnet_ids=list(existing.isolated),
        private_subnet_ids=list(existing.private),
    )
