"""Which services a role lets something call."""

from __future__ import annotations

import pytest

from mainstay.plan.calls import SESSION_MANAGER, called_by
from mainstay.plan.policies import Condition, InlinePolicy, Policy, Statement
from mainstay.plan.resources import Role
from mainstay.plan.values import PARTITION, Unknown, join

TRUST = Policy(())


def role(*statements: Statement) -> Role:
    return Role(key="Role", trust=TRUST, policies=(InlinePolicy("Own", Policy(statements)),))


@pytest.mark.parametrize(
    ("statement", "services"),
    [
        (Statement(actions=("backup:PutRestoreValidationResult",)), {"backup"}),
        (Statement(actions=("cloudwatch:PutMetricData", "s3:GetObject")), {"monitoring", "s3"}),
        (Statement(actions=("logs:PutLogEvents", "rds-db:connect", "*")), set()),
        (Statement(actions=(Unknown("later"),)), set()),
        (Statement(effect="Deny", actions=("s3:GetObject",)), set()),
        (Statement(actions=("kms:Decrypt",)), {"kms"}),
        (Statement(actions=("kms:Decrypt",), conditions=(Condition("StringEquals", "kms:ViaService", ("x",)),)), set()),
    ],
)
def test_actions(statement: Statement, services: set[str]) -> None:
    assert called_by(role(statement)) == services


def test_policies_of_aws() -> None:
    managed = join("arn:", PARTITION, ":iam::aws:policy/AmazonSSMManagedInstanceCore")
    assert called_by(Role(key="Role", trust=TRUST, managed_policies=(managed,))) == SESSION_MANAGER
    unseen = (Unknown("later"), "arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert called_by(Role(key="Role", trust=TRUST, managed_policies=unseen)) == frozenset()
    assert called_by(None) == frozenset()
