"""The subnet group: the database stands in the isolated subnets of all zones."""

from __future__ import annotations

from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.logical import DATABASE_SUBNETS
from mainstay.plan.passes.places import isolated_subnets
from mainstay.plan.resources import SubnetGroup
from mainstay.spec import Spec


def build_subnet_group(spec: Spec, draft: Draft) -> Draft:
    """The draft with the subnet group."""
    group = SubnetGroup(
        key=DATABASE_SUBNETS,
        description=f"Isolated subnets of {spec.identifier}",
        subnets=isolated_subnets(spec),
        tags=tags(spec),
        origin=spec.origin_of("network"),
    )
    return draft.adding(group)
