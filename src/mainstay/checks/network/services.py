"""Which AWS services a function or a host calls, as far as the plan tells, and how that is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from mainstay.checks.links import key_of, linked
from mainstay.checks.network.traffic import groups_of
from mainstay.checks.scene import Scene, leaves
from mainstay.core.records import dataclass
from mainstay.plan.calls import SESSION_MANAGER, called_by, service_called
from mainstay.plan.plan import RegionPlan
from mainstay.plan.policies import Statement
from mainstay.plan.resources import (
    Function,
    Instance,
    InstanceProfile,
    Opaque,
    Resource,
    Role,
    RotationSchedule,
    Secret,
    SecretAttachment,
)
from mainstay.plan.traffic import ingress
from mainstay.plan.values import Attr, Ref

# What a function's role lets it do is done for it by other services: its messages to topics and other functions when
# handling fails, keys by whoever encrypts with them, log lines by Lambda itself (Lambda Developer Guide,
# invocation-async-retain-records; facts F.8, 2026-11-21).
_OWN_CALLS: Final = frozenset({"backup", "monitoring", "rds", "s3", "secretsmanager", "ssm"})
_VERDICT: Final = "backup:PutRestoreValidationResult"
# No service asks for these on somebody's behalf (KMS Developer Guide, services, 2026-11-21).
_OWN_USE_OF_KEYS: Final = frozenset({"Sign", "Verify", "GenerateMac", "VerifyMac", "GetPublicKey", "GenerateRandom"})


@dataclass(frozen=True, slots=True)
class Need:
    """Services, by the names of their endpoints, and why they are needed, to follow the name of the one that does.

    A need is certain when its task cannot be done without; what a role allows may never be used.
    """

    services: tuple[str, ...]
    why: str
    is_certain: bool = True


def needs_of(one: Resource, scene: Scene) -> Iterator[Need]:
    """What it needs, each service once and for the best reason."""
    seen: set[str] = set()
    of_function = _of_function(one, scene) if isinstance(one, Function) else ()
    for need in (*of_function, *(_of_host(one, scene) if isinstance(one, Instance) else ())):
        services = tuple(name for name in need.services if name not in seen)
        seen |= {*services}
        yield Need(services, need.why, need.is_certain)


def _of_function(function: Function, scene: Scene) -> Iterator[Need]:
    for schedule in scene.region.of(RotationSchedule):
        if scene.region.resolve(schedule.function, Function) is function:
            secret = scene.target_of(schedule)
            yield Need(("secretsmanager",), f"rotates {secret.key if secret else 'a secret'}")
    for value in function.environment.values():
        for leaf in leaves(value):
            named = linked(leaf, scene) if isinstance(leaf, Ref | Attr) else None
            named = linked(named.secret, scene) if isinstance(named, SecretAttachment) else named
            if isinstance(named, Secret):
                yield Need(("secretsmanager",), f"is told of {named.key}, which it reads")
    for action in _actions(_role_of(function, scene), scene):
        if service := _called(action):
            yield Need((service,), f"may do {action}", is_certain=action == _VERDICT)


def _of_host(host: Instance, scene: Scene) -> Iterator[Need]:
    """Of a host that admits nobody, Session Manager is the only way in."""
    groups = groups_of(host.security_groups, scene)
    if not groups or len(groups) != len(host.security_groups):
        return
    role = _role_of(host, scene)
    is_managed = called_by(role) >= SESSION_MANAGER or any(
        action.startswith("ssmmessages:") for action in _actions(role, scene)
    )
    if is_managed and not any(ingress(group, scene.region) for group in groups):
        yield Need(tuple(sorted(SESSION_MANAGER)), "admits nobody, so that Session Manager is the only way in")


def _called(action: str) -> str | None:
    """The service that an action is a call to; None for a pattern of all, and for what others may do for it."""
    prefix, _, verb = action.partition(":")
    if prefix == "kms":
        return "kms" if verb in _OWN_USE_OF_KEYS else None
    service = service_called(action)
    return service if service in _OWN_CALLS and verb != "*" else None


def _role_of(one: Function | Instance, scene: Scene) -> Role | None:
    """The role that it alone wears; of one that others wear too, nobody knows who uses what."""
    if isinstance(one, Function):
        role = scene.region.resolve(one.role, Role)
    else:
        profile = scene.region.resolve(one.profile, InstanceProfile)
        role = scene.region.resolve(profile.roles[0], Role) if profile and profile.roles else None
    shared = _wearers(scene.region)
    return role if role is not None and (isinstance(one, Instance) or shared[role.key] == 1) else None


def _wearers(region: RegionPlan) -> Counter[str]:
    """How many functions wear each role."""
    return region.remember(
        ("wearers of roles",), lambda: Counter(key_of(one.role) or "" for one in region.of(Function))
    )


def _actions(role: Role | None, scene: Scene) -> Iterator[str]:
    """The actions that a role's policies allow: its own, and those that are resources of their own."""
    if role is None:
        return
    for policy in role.policies:
        document = policy.document
        for statement in document.statements:
            yield from _allowed(statement)
    yield from _apart(scene.region).get(role.key, ())


def _allowed(statement: Statement) -> Iterator[str]:
    if statement.effect == "Allow" and not any(one.key == "kms:ViaService" for one in statement.conditions):
        yield from (action for action in statement.actions if isinstance(action, str))


def _apart(region: RegionPlan) -> dict[str, tuple[str, ...]]:
    """The actions that policies beside roles allow, as the CDK writes them, by the key of the role."""

    def found() -> dict[str, tuple[str, ...]]:
        actions: dict[str, list[str]] = {}
        for one in region.of(Opaque):
            if one.type == "AWS::IAM::Policy":
                for key in _roles(one.properties):
                    actions.setdefault(key, []).extend(_written(one.properties))
        return {key: tuple(each) for key, each in actions.items()}

    return region.remember(("policies apart",), found)


def _roles(properties: Mapping[str, object]) -> Iterator[str]:
    roles = properties.get("Roles")
    for role in roles if isinstance(roles, list) else ():
        if isinstance(role, Mapping) and isinstance(key := role.get("Ref"), str):
            yield key


def _written(properties: Mapping[str, object]) -> Iterator[str]:
    document = properties.get("PolicyDocument")
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    for statement in statements if isinstance(statements, list) else ():
        if isinstance(statement, Mapping) and statement.get("Effect") == "Allow" and "Condition" not in statement:
            actions = statement.get("Action")
            yield from (one for one in (actions if isinstance(actions, list) else [actions]) if isinstance(one, str))
