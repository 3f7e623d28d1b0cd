"""Which AWS services the things in the network call: read off the roles that they wear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.core.findings import Origin
from mainstay.core.records import dataclass
from mainstay.plan.calls import called_by
from mainstay.plan.resources import Bucket, Function, Instance, InstanceProfile, Resource, Role
from mainstay.plan.values import Ref

PACKAGES: Final = "s3"  # Amazon Linux's package repositories are buckets


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Something that stands in the network and calls services: the groups it wears, and which services."""

    groups: tuple[str, ...]
    services: frozenset[str]
    origin: Origin | None


def clients(resources: tuple[Resource, ...]) -> Iterator[Client]:
    """Every host and function of a draft that stands in subnets and wears groups of the draft."""
    by_key = {one.key: one for one in resources}
    for one in resources:
        if not isinstance(one, Instance | Function) or (isinstance(one, Function) and not one.subnets):
            continue
        groups = tuple(link.key for link in one.security_groups if isinstance(link, Ref))
        services = called_by(_role(one, by_key)) | ({PACKAGES} if isinstance(one, Instance) else frozenset())
        yield Client(groups=groups, services=frozenset(services), origin=one.origin)


def reads_buckets(resources: tuple[Resource, ...]) -> bool:
    """Whether the draft has a bucket that people read from inside the network: its own door costs nothing."""
    return any(isinstance(one, Bucket) for one in resources)


def _role(one: Instance | Function, by_key: dict[str, Resource]) -> Role | None:
    link: object = one.role if isinstance(one, Function) else None
    if isinstance(one, Instance) and isinstance(one.profile, Ref):
        profile = by_key[one.profile.key]
        link = profile.roles[0] if isinstance(profile, InstanceProfile) else None
    role = by_key.get(link.key) if isinstance(link, Ref) else None
    return role if isinstance(role, Role) else None
