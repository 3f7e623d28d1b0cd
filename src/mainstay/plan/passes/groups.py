"""Security groups: who reaches the engine's port, and nothing else.

Every group is created with one egress rule that reaches nothing, because AWS adds allow-all to a group that states
no egress of its own (AWS::EC2::SecurityGroup, 2026-11-20); what a group may reach then stands in rules of their own.
Rules between two groups are resources of their own, so that the groups can be created in any order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from mainstay.core.findings import Origin
from mainstay.core.naming import logical_id
from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.logical import (
    APPLICATION_GROUP,
    BASTION_GROUP,
    DATABASE_GROUP,
    ENDPOINT_GROUP,
    PROXY_GROUP,
)
from mainstay.plan.passes.network import EVERYWHERE
from mainstay.plan.passes.places import vpc_of
from mainstay.plan.resources import EgressRule, IngressRule, Resource, RulePeer, SecurityGroup
from mainstay.plan.values import Ref
from mainstay.spec import Spec

REACHES_NOTHING: Final = RulePeer(protocol="-1", cidr="127.0.0.1/32", description="reaches nothing")
HTTPS: Final = 443


def build_groups(spec: Spec, draft: Draft) -> Draft:
    """The draft with its security groups and the rules between them."""
    resources = [*_database(spec), *_application(spec)]
    if spec.access.bastion:
        resources += _bastion(spec)
    return draft.adding(*resources)


def _group(spec: Spec, key: str, name: str, purpose: str, origin: Origin | None) -> SecurityGroup:
    return SecurityGroup(
        key=key,
        # Changing a description replaces the group, so it says what the group is for and nothing that changes.
        description=purpose,
        vpc=vpc_of(spec),
        egress=(REACHES_NOTHING,),
        tags=tags(spec, name),
        origin=origin,
    )


def _connection(spec: Spec, source: str, target: str, *, port: int, what: str, path: str) -> Iterator[Resource]:
    """Both halves of a permission: the source may reach the target, and the target admits the source."""
    origin = spec.origin_of(path)
    yield EgressRule(
        key=f"{source}To{target}",
        group=Ref(source),
        protocol="tcp",
        from_port=port,
        to_port=port,
        destination_group=Ref(target),
        description=what,
        origin=origin,
    )
    yield IngressRule(
        key=f"{target}From{source}",
        group=Ref(target),
        protocol="tcp",
        from_port=port,
        to_port=port,
        source_group=Ref(source),
        description=what,
        origin=origin,
    )


def _database(spec: Spec) -> Iterator[Resource]:
    origin = spec.origin_of("access")
    port = spec.database.listens_on
    yield _group(spec, DATABASE_GROUP, "database", "Database: admits the engine port, reaches nothing", origin)
    for index, group in enumerate(spec.access.security_groups):
        yield IngressRule(
            key=logical_id(DATABASE_GROUP, "from", group),
            group=Ref(DATABASE_GROUP),
            protocol="tcp",
            from_port=port,
            to_port=port,
            source_group=group,
            description="group named in the spec",
            origin=spec.origin_of(f"access.security_groups.{index}"),
        )
    for index, cidr in enumerate(spec.access.cidrs):
        yield IngressRule(
            key=logical_id(DATABASE_GROUP, "from", re.sub(r"[./]", "x", str(cidr))),
            group=Ref(DATABASE_GROUP),
            protocol="tcp",
            from_port=port,
            to_port=port,
            cidr=str(cidr),
            description="addresses named in the spec",
            origin=spec.origin_of(f"access.cidrs.{index}"),
        )


def _application(spec: Spec) -> Iterator[Resource]:
    origin = spec.origin_of("access")
    yield _group(spec, APPLICATION_GROUP, "application", "Application: whoever wears it reaches the database", origin)
    if spec.access.proxy:
        yield from _behind_proxy(spec)
    else:
        yield from _connection(
            spec,
            APPLICATION_GROUP,
            DATABASE_GROUP,
            port=spec.database.listens_on,
            what="application to database",
            path="access",
        )


def _behind_proxy(spec: Spec) -> Iterator[Resource]:
    """Application to proxy to database: whoever wears the application's group has no other way."""
    path, database = "access.proxy", spec.database
    yield _group(spec, PROXY_GROUP, "proxy", "Proxy: admits applications, reaches the database", spec.origin_of(path))
    # A proxy listens on the engine's usual port, wherever the database listens (RDS User Guide, rds-proxy-planning).
    yield from _connection(
        spec, APPLICATION_GROUP, PROXY_GROUP, port=database.usual_port, what="application to proxy", path=path
    )
    yield from _connection(
        spec, PROXY_GROUP, DATABASE_GROUP, port=database.listens_on, what="proxy to database", path=path
    )


def _bastion(spec: Spec) -> Iterator[Resource]:
    origin = spec.origin_of("access.bastion")
    path = "access.bastion"
    yield _group(spec, BASTION_GROUP, "bastion", "Bastion: admits nobody, is reached through Session Manager", origin)
    yield from _connection(
        spec, BASTION_GROUP, DATABASE_GROUP, port=spec.database.listens_on, what="people to database", path=path
    )
    if spec.network.existing is None:  # an existing network keeps its own endpoints
        yield _group(spec, ENDPOINT_GROUP, "endpoints", "Interface endpoints: admit https from the bastion", origin)
        yield from _connection(
            spec, BASTION_GROUP, ENDPOINT_GROUP, port=HTTPS, what="bastion to Session Manager", path=path
        )
    yield EgressRule(
        key=f"{BASTION_GROUP}ToPackages",
        group=Ref(BASTION_GROUP),
        protocol="tcp",
        from_port=HTTPS,
        to_port=HTTPS,
        # Package repositories are buckets behind the S3 gateway endpoint: public addresses that change by region.
        cidr=EVERYWHERE,
        description="package repositories over https",
        origin=origin,
    )
