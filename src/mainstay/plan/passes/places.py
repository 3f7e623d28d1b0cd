"""Where things stand: in the network that the plan makes, or in one that exists already."""

from __future__ import annotations

from mainstay.plan.passes.logical import VPC, subnet
from mainstay.plan.resources import Subnet, Vpc
from mainstay.plan.values import Attr, Link, Ref, Value
from mainstay.spec import Spec


def vpc_of(spec: Spec) -> Link[Vpc]:
    """The VPC, as a reference or by id."""
    return spec.network.existing.vpc if spec.network.existing else Ref(VPC)


def vpc_id(spec: Spec) -> Value[str]:
    """The VPC's id, for people and other stacks."""
    return spec.network.existing.vpc if spec.network.existing else Attr(VPC, "id")


def private_subnets(spec: Spec) -> tuple[Link[Subnet], ...]:
    """The subnets of proxy, bastion and endpoints."""
    existing = spec.network.existing
    return existing.private if existing else _made(spec, "private")


def isolated_subnets(spec: Spec) -> tuple[Link[Subnet], ...]:
    """The subnets of the database."""
    existing = spec.network.existing
    return existing.isolated if existing else _made(spec, "isolated")


def _made(spec: Spec, tier: str) -> tuple[Link[Subnet], ...]:
    return tuple(Ref(subnet(tier, index)) for index in range(spec.network.zones))
