"""Which AWS services the things in the network call: read off the roles that they wear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mainstay.core.findings import Origin
from mainstay.plan.policies import Statement
from mainstay.plan.resources import Bucket, Function, Instance, InstanceProfile, Resource, Role
from mainstay.plan.values import Join, Ref, Value

# The service whose door carries an action's calls, where it has another name than the action's prefix (VPC User
# Guide, aws-services-privatelink-support, 2026-11-20).
_CALLED: Final = {"cloudwatch": "monitoring"}
_SAME: Final = frozenset({"backup", "events", "kms", "lambda", "rds", "s3", "secretsmanager", "sns", "ssm", "sts"})
# The agent of Session Manager from 3.3.40 on does without ec2messages (Systems Manager User Guide,
# systems-manager-setting-up-messageAPIs, 2026-11-20).
_MANAGED: Final = {"AmazonSSMManagedInstanceCore": frozenset({"ssm", "ssmmessages"})}
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
        services = _of_role(_role(one, by_key)) | ({PACKAGES} if isinstance(one, Instance) else frozenset())
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


def _of_role(role: Role | None) -> frozenset[str]:
    if role is None:
        return frozenset()
    found = {service for policy in role.policies for each in policy.document.statements for service in _called(each)}
    for policy in role.managed_policies:
        found |= _MANAGED.get(_last(policy), frozenset())
    return frozenset(found)


def _called(statement: Statement) -> Iterator[str]:
    """The services that a statement's actions are calls to.

    A key that may only be used by way of another service is called by that service. A function's log lines are
    carried by Lambda itself, so that `logs` is nobody's need (asked for by name, it gets its door).
    """
    if statement.effect != "Allow" or any(one.key == "kms:ViaService" for one in statement.conditions):
        return
    for action in statement.actions:
        if isinstance(action, str):
            prefix = action.split(":")[0]
            if prefix in _SAME or prefix in _CALLED:
                yield _CALLED.get(prefix, prefix)


def _last(policy: Value[str]) -> str:
    """The name of a managed policy, which is the last part of its ARN."""
    text = policy.parts[-1] if isinstance(policy, Join) else policy
    return text.rsplit("/", 1)[-1] if isinstance(text, str) else ""
