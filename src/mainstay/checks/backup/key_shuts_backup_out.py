"""BK031: a key policy that AWS Backup's role does not get past."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
)
from mainstay.checks.backup.key_policies import admits, serves, spares
from mainstay.checks.backup.reach import takes
from mainstay.checks.examples import database, key_for
from mainstay.checks.giving import usable_by_role
from mainstay.checks.grants import covers
from mainstay.checks.links import linked
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.resources import (
    BackupSelection,
    DbInstance,
    Key,
    Role,
)
from mainstay.plan.values import (
    Ref,
)

_NEEDED = ("kms:CreateGrant", "kms:Decrypt")


def _bad() -> Plan:
    """A key whose policy names one administrator and nobody else"""
    admin = Statement(principals=(Principal("AWS", "arn:aws:iam::123456789012:role/admin"),), actions=("kms:*",))
    return backed_up(Database=database(key_id=Ref("Key")), Key=key_for(policy=Policy((admin,))))


def _good() -> Plan:
    """A key whose policy leaves it to the account's policies"""
    return backed_up(Database=database(key_id=Ref("Key")), Key=key_for())


@rule(
    id="BK031",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="the database's key shuts AWS Backup out",
    source="AWS Backup Developer Guide, encryption; KMS Developer Guide, key-policies (2026-11-20)",
    applies_to=(Key,),
    field="policy",
    bad=_bad,
    good=_good,
)
def faults(key: Key, scene: Scene) -> Iterator[Fault]:
    """Without the account's root or the role in the key's policy, no IAM policy helps, and a Deny beats every Allow.
    Jobs fail, or end as successful with nothing backed up.
    """
    roles, policy = dict(_roles(key, scene)), literal(key.policy, Policy)
    statements = policy.statements if policy and not hides(key, "policy") else ()
    for statement in statements if roles else ():
        shut_out = [role for role in roles if not spares(statement, role, scene)]
        if statement.effect == "Deny" and shut_out and _is_about_backups(statement):
            others = f" but {len(statement.not_principals)}" if statement.not_principals else ""
            yield Fault(
                key,
                f"The policy of {key.key}, which encrypts {', '.join(roles.values())}, denies everybody{others}"
                f" {' and '.join(action for action in _NEEDED if covers(statement, action))}.",
                "narrow the Deny to what it is meant for (a condition on aws:PrincipalArn, or kms:ViaService with rds)",
            )
    for role, databases in roles.items():
        granted = [one for one in statements if one.effect == "Allow" and admits(one, role, scene)]
        lacking = [action for action in _NEEDED if not any(covers(one, action) for one in granted)]
        if statements and lacking:
            yield Fault(
                key,
                f"The policy of {key.key}, which encrypts {databases}, lets {role} do no {' and no '.join(lacking)}.",
                f"allow {role}, or the account's root, {', '.join(_NEEDED)}, kms:DescribeKey and kms:GenerateDataKey*",
                mend=(usable_by_role(key, role, (*_NEEDED, "kms:DescribeKey", "kms:GenerateDataKey*")),),
            )


def _roles(key: Key, scene: Scene) -> Iterator[tuple[str, str]]:
    """The roles of this region that back up what the key encrypts, each with the names of the databases."""
    for one in scene.region.of(BackupSelection):
        role = linked(one.role, scene)
        encrypted = [db for db in scene.region.of(DbInstance) if scene.region.resolve(db.key_id, Key) is key]
        taken = [db.key for db in encrypted if scene.stands_alone(db) and takes(one, db)]
        if isinstance(role, Role) and taken:
            yield role.key, ", ".join(taken)


def _is_about_backups(statement: Statement) -> bool:
    """Whether a denial hits everybody, under no condition but one on services other than RDS and AWS Backup."""
    is_general = bool(statement.not_principals) or any(one.value == "*" for one in statement.principals)
    if not is_general or not any(covers(statement, one) for one in _NEEDED):
        return False
    return all(
        each.operator == "StringNotEquals" and each.key == "kms:ViaService" and not serves(each)
        for each in statement.conditions
    )
