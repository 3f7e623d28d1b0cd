"""What a role may do, as far as its own policies tell; whatever cannot be read may be anything."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.grants import covers
from mainstay.checks.scene import Scene, hides, literal
from mainstay.plan.policies import Policy, Statement
from mainstay.plan.resources import Opaque, Role
from mainstay.plan.values import Join

FOR_BACKUP = "service-role/AWSBackupServiceRolePolicyForBackup"
FOR_RESTORES = "service-role/AWSBackupServiceRolePolicyForRestores"
_AWS_OWN = ":iam::aws:policy/"


def aws_policies(role: Role) -> list[str | None]:
    """The names of the policies that AWS maintains, such as `FOR_BACKUP`; None for each other one."""
    return [_aws_name(policy) for policy in role.managed_policies]


def may(role: Role, action: str, scene: Scene) -> bool:
    """Whether the role may do something, or has a policy that this plan does not show."""
    unread = [name for name in aws_policies(role) if name not in (FOR_BACKUP, FOR_RESTORES)]
    if unread or hides(role, "polic") or any(_is_policy(one) for one in scene.region.of(Opaque)):
        return True
    return any(covers(one, action) for one in _allowances(role))


def _allowances(role: Role) -> Iterator[Statement]:
    for policy in role.policies:
        document = literal(policy.document, Policy)
        yield from (one for one in document.statements if one.effect == "Allow") if document else ()


def _aws_name(policy: object) -> str | None:
    text = str(policy.parts[-1]) if isinstance(policy, Join) else policy
    return text.partition(_AWS_OWN)[2] or None if isinstance(text, str) else None


def _is_policy(resource: Opaque) -> bool:
    """Whether it is a policy of its own, which may belong to any role."""
    kind = literal(resource.type, str) or ""
    return kind.startswith(("AWS::IAM::", "aws_iam_")) and "olic" in kind
