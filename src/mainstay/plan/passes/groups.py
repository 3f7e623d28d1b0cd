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
    PROXY_GROUP,
)
from mainstay.plan.passes.network import EVERYWHERE
from mainstay.plan.passes.places import application_ranges, vpc_of
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


def group(spec: Spec, key: str, name: str, purpose: str, origin: Origin | None) -> SecurityGroup:
    """A group that admits nobody and reaches nothing until rules say so."""
    return SecurityGroup(
        key=key,
        # Changing a description replaces the group, so it says what the group is for and nothing that changes.
        description=purpose,
        vpc=vpc_of(spec),
        egress=(REACHES_NOTHING,),
        tags=tags(spec, name),
        origin=origin,
    )


def connection(spec: Spec, source: str, target: str, *, port: int, what: str, path: str) -> Iterator[Resource]:
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
    yield group(spec, DATABASE_GROUP, "database", "Database: admits the engine port, reaches nothing", origin)
    for index, named in enumerate(spec.access.security_groups):
        yield IngressRule(
            key=logical_id(DATABASE_GROUP, "from", named),
            group=Ref(DATABASE_GROUP),
            protocol="tcp",
            from_port=port,
            to_port=port,
            source_group=named,
            description="group named in the spec",
            origin=spec.origin_of(f"access.security_groups.{index}"),
        )
    for index, cidr in enumerate(spec.access.cidrs):
        path = f"access.cidrs.{index}"
        yield _addresses(spec, DATABASE_GROUP, str(cidr), port=port, what="addresses named in the spec", path=path)


def _addresses(spec: Spec, target: str, cidr: str, *, port: int, what: str, path: str) -> IngressRule:
    return IngressRule(
        key=logical_id(target, "from", re.sub(r"[./]", "x", cidr)),
        group=Ref(target),
        protocol="tcp",
        from_port=port,
        to_port=port,
        cidr=cidr,
        description=what,
        origin=spec.origin_of(path),
    )


def _application(spec: Spec) -> Iterator[Resource]:
    """Application to database; or application to proxy to database, and then it has no other way."""
    access, database = spec.access, spec.database
    front, port, path = DATABASE_GROUP, database.listens_on, "access"
    if access.proxy:
        # A proxy listens on the engine's usual port, wherever the database does (RDS User Guide, rds-proxy-planning).
        front, port, path = PROXY_GROUP, database.usual_port, "access.proxy"
    if access.is_by_group:
        purpose = "Application: whoever wears it reaches the database"
        yield group(spec, APPLICATION_GROUP, "application", purpose, spec.origin_of("access"))
    if access.proxy:
        purpose = "Proxy: admits applications, reaches the database"
        yield group(spec, PROXY_GROUP, "proxy", purpose, spec.origin_of(path))
    called = front.removesuffix("Group").lower()
    if access.is_by_group:
        yield from connection(spec, APPLICATION_GROUP, front, port=port, what=f"application to {called}", path=path)
    if access.is_by_subnets:
        for cidr in application_ranges(spec):
            what = "subnets of the application"
            if front != DATABASE_GROUP or cidr not in map(str, access.cidrs):
                yield _addresses(spec, front, cidr, port=port, what=what, path="access.application")
    if access.proxy:
        yield from connection(
            spec, PROXY_GROUP, DATABASE_GROUP, port=database.listens_on, what="proxy to database", path=path
        )


def _bastion(spec: Spec) -> Iterator[Resource]:
    origin = spec.origin_of("access.bastion")
    path = "access.bastion"
    yield group(spec, BASTION_GROUP, "bastion", "Bastion: admits nobody, is reached through Session Manager", origin)
    yield from connection(
        spec, BASTION_GROUP, DATABASE_GROUP, port=spec.database.listens_on, what="people to database", path=path
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
