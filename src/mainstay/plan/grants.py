"""Who may do what: the allowances of a region's roles, one line an action and a resource, read off the plan.

Policies that AWS maintains are not opened; denials and conditions do not narrow a grant here.
"""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.core.records import dataclass
from mainstay.plan.graph import edges
from mainstay.plan.plan import RegionPlan
from mainstay.plan.policies import Condition, Statement
from mainstay.plan.resources import Role, Secret
from mainstay.plan.values import Attr, Join, Part, Ref, Value

READ_SECRET = "secretsmanager:GetSecretValue"  # noqa: S105 - the name of an action
DECRYPT = "kms:Decrypt"
# Where resources name the key that they are encrypted with.
_KEY_FIELDS = frozenset({"key_id", "password_key", "performance_insights_key"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An action that a role may do on a resource. `targets` are the keys of the plan's resources that it names."""

    role: str
    action: str
    resource: Value[str]
    targets: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()

    @property
    def is_on_everything(self) -> bool:
        """Whether the resource is `*`, which names nothing."""
        return self.resource == "*"


def grants(region: RegionPlan) -> tuple[Grant, ...]:
    """All that the region's roles are allowed, in order of roles, statements, actions and resources."""
    return tuple(
        Grant(
            role=role.key,
            action=str(action),
            resource=resource,
            targets=tuple(_named(resource)),
            conditions=statement.conditions,
        )
        for role in region.of(Role)
        for statement in allowances(role)
        for action in statement.actions
        for resource in statement.resources
    )


def allowances(role: Role) -> Iterator[Statement]:
    """The statements of a role's own policies that allow something."""
    for policy in role.policies:
        yield from (one for one in policy.document.statements if one.effect == "Allow")


def readers(region: RegionPlan, secret: Secret) -> frozenset[str]:
    """The keys of the roles that may read a secret's value."""
    return frozenset(one.role for one in grants(region) if one.action == READ_SECRET and secret.key in one.targets)


def decrypts(region: RegionPlan, role: str) -> frozenset[str]:
    """The keys of the encryption keys that a role may decrypt with."""
    found = (one.targets for one in grants(region) if one.role == role and one.action == DECRYPT)
    return frozenset(key for targets in found for key in targets)


def encrypted_with(region: RegionPlan, key: str) -> frozenset[str]:
    """The keys of the resources that name an encryption key in a field of theirs for it."""
    return frozenset(
        one.key
        for one in region.resources
        for edge in edges(one)
        if edge.target == key and edge.field.rpartition(".")[2] in _KEY_FIELDS
    )


def _named(resource: object) -> Iterator[str]:
    match resource:
        case Ref(key) | Attr(key, _) | Part(Attr(key, _), _, _):
            yield key
        case Join(parts):
            for part in parts:
                yield from _named(part)
