"""Which AWS services something calls: read off the role that it wears."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.plan.policies import Statement
from mainstay.plan.resources import Role
from mainstay.plan.values import Join, Value

# The service whose door carries an action's calls, where it has another name than the action's prefix (VPC User
# Guide, aws-services-privatelink-support, 2026-11-20).
_CALLED: Final = {"cloudwatch": "monitoring"}
_SAME: Final = frozenset({"backup", "events", "kms", "lambda", "rds", "s3", "secretsmanager", "sns", "ssm", "sts"})
# The agent of Session Manager from 3.3.40 on does without ec2messages (Systems Manager User Guide,
# systems-manager-setting-up-messageAPIs, 2026-11-20).
SESSION_MANAGER: Final = frozenset({"ssm", "ssmmessages"})
_MANAGED: Final = {"AmazonSSMManagedInstanceCore": SESSION_MANAGER}


def called_by(role: Role | None) -> frozenset[str]:
    """The services that a role's own policies, and those of AWS that are known, let it call."""
    if role is None:
        return frozenset()
    found = {service for policy in role.policies for each in policy.document.statements for service in _called(each)}
    for policy in role.managed_policies:
        found |= _MANAGED.get(_last(policy), frozenset())
    return frozenset(found)


def service_called(action: str) -> str | None:
    """The service whose door an action's call goes by; None where calls of a design need no door."""
    prefix = action.split(":", 1)[0]
    return _CALLED.get(prefix, prefix if prefix in _SAME else None)


def _called(statement: Statement) -> Iterator[str]:
    """The services that a statement's actions are calls to.

    A key that may only be used by way of another service is called by that service. A function's log lines are
    carried by Lambda itself, so that `logs` is nobody's need (asked for by name, it gets its door).
    """
    if statement.effect != "Allow" or any(one.key == "kms:ViaService" for one in statement.conditions):
        return
    for action in statement.actions:
        if isinstance(action, str) and (service := service_called(action)):
            yield service


def _last(policy: Value[str]) -> str:
    """The name of a managed policy, which is the last part of its ARN."""
    text = policy.parts[-1] if isinstance(policy, Join) else policy
    return text.rsplit("/", 1)[-1] if isinstance(text, str) else ""
