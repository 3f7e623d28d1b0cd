"""The VPC: subnets in three tiers over some zones, their routes, and the way out."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Final

from mainstay.plan.passes.draft import Draft, fault_at, refusal, tags
from mainstay.plan.passes.logical import VPC, route_table, subnet
from mainstay.plan.resources import (
    ElasticIp,
    GatewayAttachment,
    InternetGateway,
    NatGateway,
    Resource,
    Route,
    RouteTable,
    RouteTableAssociation,
    Subnet,
    Vpc,
)
from mainstay.plan.values import Ref, Zone
from mainstay.spec import Spec

EVERYWHERE: Final = "0.0.0.0/0"
_LEAST_PREFIX: Final = 24  # computed subnets: 251 usable addresses each, wherever the VPC has room for that
_MOST_PREFIX: Final = 28  # VPC User Guide, subnet-sizing, 2026-11-20


def tiers(spec: Spec) -> tuple[str, ...]:
    """Public subnets only where a NAT gateway needs them, the application's only where they are written."""
    public = () if spec.network.nat == "none" else ("public",)
    application = ("application",) if spec.network.subnets.application else ()
    return (*public, *application, "private", "isolated")


def build_network(spec: Spec, draft: Draft) -> Draft:
    """The draft with its network; nothing where one exists already."""
    if spec.network.existing:
        return draft
    origin = spec.origin_of("network")
    ranges = addresses(spec)
    vpc = Vpc(
        key=VPC,
        cidr=str(spec.network.cidr),
        has_dns_support=True,
        has_dns_hostnames=True,  # private names of endpoints need both (Systems Manager User Guide, 2026-11-20)
        tags=tags(spec, "vpc"),
        origin=origin,
    )
    subnets = [
        Subnet(
            key=subnet(tier, index),
            vpc=Ref(VPC),
            cidr=str(ranges[tier][index]),
            zone=Zone(index),
            maps_public_ip=False,
            tags=tags(spec, f"{tier}-{index + 1}"),
            origin=spec.origin_of(f"network.subnets.{tier}"),
        )
        for tier in tiers(spec)
        for index in range(len(ranges[tier]))
    ]
    leaving = [*_leaving(spec, "application"), *_leaving(spec, "private")]
    return draft.adding(vpc, *subnets, *_public(spec), *leaving, *_isolated(spec))


def how_many(spec: Spec, tier: str) -> int:
    """How many subnets a tier has: one a zone, but for the application's, which are as many as were written."""
    return len(spec.network.subnets.application) if tier == "application" else spec.network.zones


def addresses(spec: Spec) -> dict[str, list[IPv4Network]]:
    """The address range of each subnet by tier; written ones as they are, the rest from what is free."""
    written = {tier: list(getattr(spec.network.subnets, tier)) for tier in tiers(spec)}
    missing = sum(spec.network.zones for tier in written if not written[tier])
    taken = [one for ranges in written.values() for one in ranges]
    for prefix in range(max(_LEAST_PREFIX, spec.network.cidr.prefixlen), _MOST_PREFIX + 1):
        free = _free(spec.network.cidr, prefix, taken, missing)
        if len(free) == missing:
            rest = iter(free)
            return {tier: ranges or [next(rest) for _ in range(spec.network.zones)] for tier, ranges in written.items()}
    raise refusal(
        [
            fault_at(
                spec,
                "SP025",
                "network.cidr",
                f"{spec.network.cidr} has no room for {missing} more subnets of /{_MOST_PREFIX}.",
                "choose a larger range, such as 10.0.0.0/16, or fewer zones",
            )
        ]
    )


def _free(vpc: IPv4Network, prefix: int, taken: list[IPv4Network], count: int) -> list[IPv4Network]:
    found: list[IPv4Network] = []
    for one in vpc.subnets(new_prefix=prefix):
        if len(found) == count:
            break
        if not any(one.overlaps(other) for other in taken):
            found.append(one)
    return found


def _table(spec: Spec, tier: str, index: int | None = None) -> RouteTable:
    name = f"{tier}-routes" if index is None else f"{tier}-routes-{index + 1}"
    origin = spec.origin_of("network")
    return RouteTable(key=route_table(tier, index), vpc=Ref(VPC), tags=tags(spec, name), origin=origin)


def _association(spec: Spec, tier: str, index: int, table: str) -> RouteTableAssociation:
    return RouteTableAssociation(
        key=f"{subnet(tier, index)}Routes",
        subnet=Ref(subnet(tier, index)),
        route_table=Ref(table),
        origin=spec.origin_of("network"),
    )


def _public(spec: Spec) -> Iterator[Resource]:
    if spec.network.nat == "none":
        return
    origin = spec.origin_of("network.nat")
    yield InternetGateway(key="InternetGateway", tags=tags(spec, "internet"), origin=origin)
    attachment = GatewayAttachment(
        key="InternetAttachment", vpc=Ref(VPC), internet_gateway=Ref("InternetGateway"), origin=origin
    )
    yield attachment
    yield _table(spec, "public")
    yield Route(
        key="PublicDefaultRoute",
        route_table=Ref(route_table("public")),
        destination=EVERYWHERE,
        internet_gateway=Ref("InternetGateway"),
        depends_on=(Ref(attachment.key),),
        origin=origin,
    )
    for index in range(spec.network.zones):
        yield _association(spec, "public", index, route_table("public"))
    for index in range(spec.network.nat_gateways):
        name = f"nat-{index + 1}"
        address = ElasticIp(
            key=f"NatAddress{index + 1}",
            domain="vpc",
            tags=tags(spec, name),
            depends_on=(Ref(attachment.key),),  # an address needs the attached gateway (EC2 EIP, CloudFormation)
            origin=origin,
        )
        yield address
        yield NatGateway(
            key=f"NatGateway{index + 1}",
            subnet=Ref(subnet("public", index)),
            allocation=Ref(address.key),
            tags=tags(spec, name),
            depends_on=(Ref("PublicDefaultRoute"),),
            origin=origin,
        )


def _leaving(spec: Spec, tier: str) -> Iterator[Resource]:
    """Tables of a tier that leaves through NAT, where there is some."""
    for index in range(how_many(spec, tier)):
        yield _table(spec, tier, index)
        yield _association(spec, tier, index, route_table(tier, index))
        if spec.network.nat != "none":
            gateway = index % spec.network.nat_gateways + 1  # a zone without one of its own shares another's
            yield Route(
                key=f"{tier.capitalize()}DefaultRoute{index + 1}",
                route_table=Ref(route_table(tier, index)),
                destination=EVERYWHERE,
                nat_gateway=Ref(f"NatGateway{gateway}"),
                origin=spec.origin_of("network.nat"),
            )


def _isolated(spec: Spec) -> Iterator[Resource]:
    yield _table(spec, "isolated")
    for index in range(spec.network.zones):
        yield _association(spec, "isolated", index, route_table("isolated"))
