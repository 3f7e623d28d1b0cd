"""Private doors to AWS services: for those that the things in the network call, and those that somebody asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.core.findings import Origin
from mainstay.core.naming import logical_id
from mainstay.plan.passes.draft import Draft, fault_at, refusal, tags
from mainstay.plan.passes.groups import HTTPS, connection, group
from mainstay.plan.passes.logical import ENDPOINT_GROUP, VPC, route_table
from mainstay.plan.passes.needs import Client, clients, reads_buckets
from mainstay.plan.passes.network import EVERYWHERE, how_many
from mainstay.plan.passes.places import private_subnets
from mainstay.plan.resources import EgressRule, IngressRule, Resource, VpcEndpoint
from mainstay.plan.values import REGION, Ref, join
from mainstay.spec import Spec

# The only services with gateways, which are routes and cost nothing (VPC User Guide, vpce-gateway, 2026-11-20).
_GATEWAYS: Final = frozenset({"s3"})
_PATH: Final = "network.endpoints"


def build_endpoints(spec: Spec, draft: Draft) -> Draft:
    """The draft with the doors that its hosts and functions need; InputRefused when they have no way at all.

    An existing network has its own: a second endpoint of a service with private names would be refused.
    """
    found = list(clients(draft.resources))
    written = spec.network.endpoints
    if spec.network.existing or written == "none":
        if spec.network.existing is None:
            _refuse_dead_ends(spec, found)
        return draft.adding(*_ways_out(spec, draft, found))
    asked = frozenset(written) if isinstance(written, tuple) else frozenset()
    services = asked.union(*(one.services for one in found), {"s3"} if reads_buckets(draft.resources) else ())
    origins = {service: _origin(spec, service, asked, found) for service in services}
    interfaces = sorted(services - _GATEWAYS)
    gateways = sorted(services & _GATEWAYS)
    return draft.adding(
        *(_admission(spec, found, asked - _GATEWAYS) if interfaces else ()),
        *(_interface(spec, name, origins[name]) for name in interfaces),
        *(_gateway(spec, name, origins[name]) for name in gateways),
    )


def _origin(spec: Spec, service: str, asked: frozenset[str], found: list[Client]) -> Origin | None:
    if service in asked:
        return spec.origin_of(_PATH)
    return next((one.origin for one in found if service in one.services), spec.origin_of("protection.export"))


def _refuse_dead_ends(spec: Spec, found: list[Client]) -> None:
    called = sorted(frozenset[str]().union(*(one.services for one in found)))
    if called and spec.network.nat == "none":
        detail = f"nothing in this network could call {', '.join(called)}: it has neither endpoints nor NAT."
        raise refusal([fault_at(spec, "SP027", _PATH, detail, "leave endpoints out, or choose nat")])


def _ways_out(spec: Spec, draft: Draft, found: list[Client]) -> Iterator[Resource]:
    """Without doors of our own, https to everywhere: addresses of AWS's services change, and NAT leads there."""
    open_already = {
        rule.group
        for rule in draft.resources
        if isinstance(rule, EgressRule) and (rule.cidr, rule.to_port) == (EVERYWHERE, HTTPS)
    }  # EC2 refuses the same rule twice
    for key in [one for one in _wearing(found) if Ref(one) not in open_already]:
        yield EgressRule(
            key=f"{key}ToServices",
            group=Ref(key),
            protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            cidr=EVERYWHERE,
            description="AWS services over https",
            origin=spec.origin_of(_PATH),
        )


def _wearing(found: list[Client]) -> list[str]:
    """The groups of those that call services, each once."""
    return list(dict.fromkeys(key for one in found if one.services for key in one.groups))


def _admission(spec: Spec, found: list[Client], asked: frozenset[str]) -> Iterator[Resource]:
    purpose = "Interface endpoints: admit https from those that call AWS services"
    yield group(spec, ENDPOINT_GROUP, "endpoints", purpose, spec.origin_of(_PATH))
    for key in _wearing(found):
        yield from connection(spec, key, ENDPOINT_GROUP, port=HTTPS, what="calls of AWS services", path=_PATH)
    if asked:
        # Who asks for a door by name has clients in mind that this plan does not hold.
        yield IngressRule(
            key=f"{ENDPOINT_GROUP}FromNetwork",
            group=Ref(ENDPOINT_GROUP),
            protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            cidr=str(spec.network.cidr),
            description="anything in the network, to the services asked for",
            origin=spec.origin_of(_PATH),
        )


def _interface(spec: Spec, name: str, origin: Origin | None) -> VpcEndpoint:
    return VpcEndpoint(
        key=logical_id(name, "endpoint"),
        vpc=Ref(VPC),
        service=join("com.amazonaws.", REGION, f".{name}"),
        kind="Interface",
        subnets=private_subnets(spec),
        groups=(Ref(ENDPOINT_GROUP),),
        has_private_dns=True,
        tags=tags(spec, name),
        origin=origin,
    )


def _gateway(spec: Spec, name: str, origin: Origin | None) -> VpcEndpoint:
    tables = [route_table(tier, n) for tier in ("application", "private") for n in range(how_many(spec, tier))]
    return VpcEndpoint(
        key=logical_id(name, "endpoint"),
        vpc=Ref(VPC),
        service=join("com.amazonaws.", REGION, f".{name}"),
        kind="Gateway",
        route_tables=tuple(Ref(table) for table in tables),
        tags=tags(spec, name),
        origin=origin,
    )
