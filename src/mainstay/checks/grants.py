"""Whether a resource's policy lets a service do something, as far as the plan tells."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from mainstay.checks.scene import literal
from mainstay.plan.policies import Policy, Statement
from mainstay.plan.values import is_expression


def allows(policy: Policy, service: str, actions: Iterable[str]) -> bool:
    """Whether the service may do all of these; what only the target resolves is taken for a yes.

    Denials and conditions are not weighed: a rule speaks where nothing is granted at all.
    """
    granting = [each for each in policy.statements if each.effect == "Allow" and _admits(each, service)]
    return all(any(covers(each, action) for each in granting) for action in actions)


def lacking(policies: Iterable[Policy], actions: Iterable[str]) -> list[str]:
    """The actions that none of a role's own policies allows; what only the target resolves is taken for a yes."""
    granting = [each for policy in policies for each in policy.statements if each.effect == "Allow"]
    return [action for action in actions if not any(covers(each, action) for each in granting)]


def is_administered(policy: Policy) -> bool:
    """Whether a key's policy lets the account, or anybody in it, change the policy again."""
    return any(
        each.effect == "Allow"
        and covers(each, "kms:PutKeyPolicy")
        and (each.not_principals or any(one.kind in ("AWS", "*") for one in each.principals))
        for each in policy.statements
    )


def _admits(statement: Statement, service: str) -> bool:
    # All but the excluded principals are admitted, and one that only AWS resolves may be the service.
    return bool(statement.not_principals) or any(
        (is_expression(each.value) and each.kind == "Service")
        or each.value == service
        or each.kind == "*"
        or (each.kind == "AWS" and each.value == "*")
        for each in statement.principals
    )


def covers(statement: Statement, action: str) -> bool:
    """Whether a statement speaks of an action, if need be by a pattern; one that cannot be read does."""
    patterns = [literal(each, str) for each in statement.actions]
    return bool(statement.not_actions) or any(
        pattern is None or fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns
    )
