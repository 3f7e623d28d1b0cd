"""Whom the policy of a key lets in on behalf of AWS Backup."""

from __future__ import annotations

from mainstay.checks.backup.copies import account_in
from mainstay.checks.links import key_of, linked
from mainstay.checks.scene import Scene, literal
from mainstay.plan.policies import Condition, Statement
from mainstay.plan.values import Join, Ref


def admits(statement: Statement, role: str, scene: Scene) -> bool:
    """Whether an Allow of a key's policy lets a role in, by way of RDS and AWS Backup too."""
    if any(
        each.key == "kms:ViaService" and each.operator == "StringEquals" and not serves(each)
        for each in statement.conditions
    ):
        return False
    name = literal(getattr(linked(Ref(role), scene), "name", None), str)
    return bool(statement.not_principals) or any(
        _is_role(one.value, role, name) for one in statement.principals if one.kind != "Service"
    )


def spares(statement: Statement, role: str, scene: Scene) -> bool:
    """Whether a role, or a service on its behalf, may be among those that a Deny leaves out (NotPrincipal)."""
    name = literal(getattr(linked(Ref(role), scene), "name", None), str)
    return any(one.kind == "Service" or _is_role(one.value, role, name) for one in statement.not_principals)


def _is_role(value: object, role: str, name: str | None) -> bool:
    """Whether a principal is the role, its account, or something that only the target resolves."""
    if isinstance(value, str) or account_in(value) is not None:
        text = "".join(str(part) for part in value.parts) if isinstance(value, Join) else str(value)
        named = key_of(value) == role or (name is not None and text.endswith(f"role/{name}"))
        return named or value == "*" or text.endswith(":root") or text.isdecimal()
    return True


def serves(condition: Condition) -> bool:
    """Whether one of the services is RDS or AWS Backup, or cannot be seen."""
    texts = [str(one.parts[0]) if isinstance(one, Join) else one for one in condition.values]
    return any(not isinstance(one, str) or one.startswith(("rds.", "backup.")) or "*" in one for one in texts)
