"""Questions that Security Hub's controls ask, as predicates over a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from mainstay.core.units import Duration
from mainstay.plan.graph import edges
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.policies import Statement
from mainstay.plan.resources import (
    Bucket,
    BucketPolicy,
    DbInstance,
    EgressRule,
    EventSubscription,
    IngressRule,
    Instance,
    InstanceProfile,
    ParameterGroup,
    Resource,
    Role,
    RotationSchedule,
    Route,
    RouteTableAssociation,
    Secret,
    SecurityGroup,
    SubnetGroup,
)
from mainstay.plan.values import Ref

R = TypeVar("R", bound=Resource)
Predicate: TypeAlias = Callable[[Plan], bool]
Control: TypeAlias = "Met | Chosen | Beyond"
EVERYWHERE: Final = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True)
class Met:
    """Met by every production design; `broken` makes it fail: a kind, and fields that it then has."""

    id: str
    by: str
    holds: Predicate
    broken: tuple[type[Resource], dict[str, Any]]  # Any: fields of any type


@dataclass(frozen=True)
class Chosen:
    """Met when the spec says so; `settings` are what it has to say, on the small spec of an engine."""

    id: str
    by: str
    holds: Predicate
    settings: Mapping[str, str]
    engine: str = "postgres"


@dataclass(frozen=True)
class Beyond:
    """Not a question to a plan: what it is about is not made, or happens only later."""

    id: str
    why: str


def every(kind: type[R], test: Callable[[R], bool]) -> Predicate:
    """All resources of a kind pass."""
    return lambda plan: all(test(one) for one in plan.of(kind))


def each(kind: type[R], test: Callable[[R], bool]) -> Predicate:
    """There are resources of a kind, and all pass."""
    return lambda plan: bool(list(plan.of(kind))) and every(kind, test)(plan)


def every_in_region(kind: type[R], test: Callable[[R, RegionPlan], bool]) -> Predicate:
    """All resources of a kind pass, seen in their region."""
    return lambda plan: all(test(one, region) for region in plan.regions for one in region.of(kind))


def some(kind: type[R], test: Callable[[R], bool]) -> Predicate:
    """At least one resource of a kind passes."""
    return lambda plan: any(test(one) for one in plan.of(kind))


def primary(test: Callable[[DbInstance], bool]) -> Predicate:
    """All instances pass that are no replicas."""
    return every(DbInstance, lambda one: one.source is not None or test(one))


def engine_is(engine: str, test: Callable[[DbInstance], bool]) -> Predicate:
    """All instances of an engine pass."""
    return every(DbInstance, lambda one: one.engine != engine or test(one))


def logs(*names: str) -> Callable[[DbInstance], bool]:
    return lambda one: set(names) <= set(one.log_exports)


def tagged(one: Any) -> bool:  # Any: each kind has its own tags
    return bool(one.tags)


def setting(family: str, name: str) -> Predicate:
    return every(
        ParameterGroup, lambda one: not str(one.family).startswith(family) or one.parameters.get(name) in ("1", "ON")
    )


def told(source_type: str, *categories: str) -> Predicate:
    return some(
        EventSubscription, lambda one: one.source_type == source_type and set(categories) <= set(one.categories)
    )


def public(statement: Statement) -> bool:
    return (
        statement.effect == "Allow"
        and any(one.kind == "*" or one.value == "*" for one in statement.principals)
        and not statement.conditions
    )


def statements(role: Role) -> Iterator[Statement]:
    for policy in role.policies:
        yield from policy.document.statements


def decrypts_everything(role: Role) -> bool:
    return any(
        one.effect == "Allow" and "*" in one.resources and any(str(each).startswith("kms:") for each in one.actions)
        for one in statements(role)
    )


def closed(group: SecurityGroup) -> bool:
    return not any(peer.cidr in EVERYWHERE or peer.cidr_v6 in EVERYWHERE for peer in group.ingress)


def admits_nobody_unnamed(plan: Plan) -> bool:
    rules = all(rule.cidr not in EVERYWHERE and rule.cidr_v6 not in EVERYWHERE for rule in plan.of(IngressRule))
    return rules and every(SecurityGroup, closed)(plan)


def worn(group: SecurityGroup, region: RegionPlan) -> bool:
    """Something wears the group; the application's is worn by what the plan does not make, and where there is no
    database yet, its group waits for the one that a restore makes.
    """
    if not list(region.of(DbInstance)):
        return True
    rules = (IngressRule, EgressRule, SecurityGroup)
    return group.key == "ApplicationGroup" or any(
        edge.target == group.key for one in region.resources if not isinstance(one, rules) for edge in edges(one)
    )


def isolated(group: SubnetGroup, region: RegionPlan) -> bool:
    out = {route.route_table for route in region.of(Route) if route.internet_gateway is not None}
    public_subnets = {one.subnet for one in region.of(RouteTableAssociation) if one.route_table in out}
    return not public_subnets & set(group.subnets)


def lets_only_tls_in(bucket: Bucket, region: RegionPlan) -> bool:
    policies = [one.policy for one in region.of(BucketPolicy) if one.bucket == Ref(bucket.key)]
    return any(
        one.effect == "Deny" and any(each.key == "aws:SecureTransport" for each in one.conditions)
        for policy in policies
        for one in policy.statements
    )


def rotated(days: int) -> Callable[[Secret, RegionPlan], bool]:
    def test(secret: Secret, region: RegionPlan) -> bool:
        plans = [one for one in region.of(RotationSchedule) if one.secret == Ref(secret.key)]
        return any(isinstance(one.every, Duration) and one.every <= Duration.days(days) for one in plans)

    return test


def manages(host: Instance, region: RegionPlan) -> bool:
    profile = region.resolve(host.profile, InstanceProfile)
    roles = [region.resolve(link, Role) for link in profile.roles] if profile else []
    return any("AmazonSSMManagedInstanceCore" in str(role.managed_policies) for role in roles if role)
