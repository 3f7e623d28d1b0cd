"""Roles that services assume, and the short ways to write their policies."""

from __future__ import annotations

from typing import Final

from mainstay.plan.passes.draft import Draft, tags
from mainstay.plan.passes.logical import DATABASE_KEY, MONITORING_ROLE
from mainstay.plan.policies import Condition, Policy, Principal, Statement
from mainstay.plan.resources import Role
from mainstay.plan.values import ACCOUNT, PARTITION, REGION, Attr, Value, join
from mainstay.spec import Spec

# Only on behalf of this account: nobody else can talk the service into it (RDS User Guide,
# USER_Monitoring.OS.confused-deputy; SNS Developer Guide, sns-access-policy-use-cases; 2026-11-20).
OWN_ACCOUNT: Final = Condition("StringEquals", "aws:SourceAccount", (ACCOUNT,))


def build_roles(spec: Spec, draft: Draft) -> Draft:
    """The draft with the role that Enhanced Monitoring writes with, where it is on."""
    if not spec.monitoring.enhanced:
        return draft
    role = Role(
        key=MONITORING_ROLE,
        description="Enhanced Monitoring of the database",
        trust=trust("monitoring.rds.amazonaws.com", OWN_ACCOUNT),
        managed_policies=(managed("service-role/AmazonRDSEnhancedMonitoringRole"),),
        tags=tags(spec),
        origin=spec.origin_of("monitoring.enhanced"),
    )
    return draft.adding(role)


def trust(service: str, *conditions: Condition) -> Policy:
    """Who may assume a role: one service."""
    statement = Statement(
        principals=(Principal("Service", service),), actions=("sts:AssumeRole",), conditions=conditions
    )
    return Policy((statement,))


def reading_secret(secret: Value[str]) -> tuple[Statement, ...]:
    """Statements that let a role read a secret, by its ARN, and decrypt it for that only."""
    return (
        Statement(
            sid="Secret",
            actions=("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
            resources=(secret,),
        ),
        Statement(
            sid="SecretKey",
            actions=("kms:Decrypt",),
            resources=(Attr(DATABASE_KEY, "arn"),),
            conditions=(
                Condition("StringEquals", "kms:ViaService", (join("secretsmanager.", REGION, ".amazonaws.com"),)),
            ),
        ),
    )


def using_keys(*keys: Value[str]) -> tuple[Statement, ...]:
    """Statements that let AWS Backup use keys, and hand them on to the service it works with.

    AWS Backup Developer Guide, encryption, 2026-11-20.
    """
    return (
        Statement(sid="Keys", actions=("kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"), resources=keys),
        Statement(
            sid="Grants",
            actions=("kms:CreateGrant",),
            resources=keys,
            conditions=(Condition("Bool", "kms:GrantIsForAWSResource", ("true",)),),
        ),
    )


def managed(path: str) -> Value[str]:
    """The ARN of a policy that AWS maintains."""
    return join("arn:", PARTITION, f":iam::aws:policy/{path}")
