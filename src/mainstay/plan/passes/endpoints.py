"""Private doors to AWS, so that the bastion is reached and gets its packages without the internet."""

from __future__ import annotations

from typing import Final

from mainstay.core.naming import logical_id
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.logical import ENDPOINT_GROUP, VPC, route_table, subnet
from mainstay.plan.resources import VpcEndpoint
from mainstay.plan.values import REGION, Ref, join
from mainstay.spec import Spec

# ec2messages is not among them: agents from 3.3.40 on do without (Systems Manager User Guide,
# systems-manager-setting-up-messageAPIs, 2026-11-20).
_INTERFACES: Final = ("ssm", "ssmmessages")


def build_endpoints(spec: Spec, draft: Draft) -> Draft:
    """The draft with the endpoints that a bastion needs, in a network of the plan's own.

    An existing one has its own: a second endpoint of a service with private names would be refused.
    """
    if spec.access.bastion is None or spec.network.existing:
        return draft
    zones = range(spec.network.zones)
    origin = spec.origin_of("access.bastion")
    interfaces = [
        VpcEndpoint(
            key=logical_id(name, "endpoint"),
            vpc=Ref(VPC),
            service=join("com.amazonaws.", REGION, f".{name}"),
            kind="Interface",
            subnets=tuple(Ref(subnet("private", index)) for index in zones),
            groups=(Ref(ENDPOINT_GROUP),),
            has_private_dns=True,
            tags=tags(spec, name),
            origin=origin,
        )
        for name in _INTERFACES
    ]
    gateway = VpcEndpoint(
        key="S3Endpoint",
        vpc=Ref(VPC),
        service=join("com.amazonaws.", REGION, ".s3"),
        kind="Gateway",
        route_tables=tuple(Ref(route_table("private", index)) for index in zones),
        tags=tags(spec, "s3"),
        origin=origin,
    )
    return draft.adding(*interfaces, gateway)
