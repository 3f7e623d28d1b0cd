"""BK017: a copy to an account that cannot decrypt it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.backup.copies import account_in, own_account
from mainstay.checks.backup.examples import (
    ANOTHER_ACCOUNT,
    OWN_ACCOUNT,
    backed_up,
    tier,
)
from mainstay.checks.backup.reach import reached, rules_of, title
from mainstay.checks.examples import database, key_for
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.resources import (
    BackupPlan,
    CopyAction,
    DbInstance,
    Key,
    Opaque,
)
from mainstay.plan.values import (
    Join,
    Ref,
    is_expression,
)


def _bad() -> Plan:
    """A database under aws/rds, copied to another account"""
    return backed_up(tier(copies=(CopyAction(vault=ANOTHER_ACCOUNT),)), intent=OWN_ACCOUNT)


def _good() -> Plan:
    """A database under a key that the other account may use"""
    key = key_for()
    other = Statement(principals=(Principal("AWS", "arn:aws:iam::210987654321:root"),), actions=("kms:*",))
    return backed_up(
        tier(copies=(CopyAction(vault=ANOTHER_ACCOUNT),)),
        intent=OWN_ACCOUNT,
        Database=database(key_id=Ref("Key")),
        Key=replace(key, policy=Policy((*key.policy.statements, other))),
    )


@rule(
    id="BK017",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="another account cannot use the key of what is copied to it",
    source="AWS Backup Developer Guide, create-cross-account-backup; RDS User Guide, USER_ShareSnapshot (2026-11-20)",
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """What goes to another account stays encrypted with the key of the database until it is there. The policy of
    `aws/rds` cannot be changed, so it is shared with nobody; a key of your own is when its policy names the other
    account. The backup succeeds, the copy fails.
    """
    own = own_account(scene)
    if own is None and not _is_written_for_any(scene):
        return
    for each in rules_of(plan):
        accounts = dict.fromkeys(account_in(copy.vault) or own for copy in each.copies)
        for account in (one for one in accounts if one is not None and one != own):
            for db in reached(plan, scene):
                if said := _fault(db, account, scene):
                    condition = "" if own else f" (if {account} is another account than this stack's)"
                    yield Fault(
                        plan,
                        f"{title(each)} in {plan.key} copies {db.key} to account {account}, and {said}{condition}.",
                        f"encrypt {db.key} with a key of your own whose policy allows {account} kms:Decrypt,"
                        " kms:DescribeKey and kms:CreateGrant",
                        None if own else Severity.INFO,
                    )


def _is_written_for_any(scene: Scene) -> bool:
    """Whether a key's policy writes the stack's own account as AWS::AccountId: a number elsewhere is another's then, or
    somebody has written the same account in two ways.
    """
    policies = (literal(key.policy, Policy) for key in scene.region.of(Key))
    values = [one.value for policy in policies if policy for each in policy.statements for one in each.principals]
    return any(isinstance(value, Join) and account_in(value) == "" for value in values)


def _fault(db: DbInstance, account: str, scene: Scene) -> str:
    if db.is_encrypted is True and (db.key_id is None or db.key_id == "alias/aws/rds") and not hides(db, "kmskey"):
        return "its key is aws/rds, which cannot be shared"
    key = scene.region.resolve(db.key_id, Key)
    # Terraform may keep a key's policy in a block of its own.
    is_elsewhere = any(one.type == "aws_kms_key_policy" for one in scene.region.of(Opaque))
    if (
        key is None
        or hides(key, "policy")
        or is_elsewhere
        or any(_admits(one, account) for one in key.policy.statements)
    ):
        return ""
    return f"the policy of {key.key} does not name that account"


def _admits(statement: Statement, account: str) -> bool:
    """Whether a statement may let the account in; one that only the target resolves may, unless it is the target's."""
    if statement.effect != "Allow":
        return False
    values = [one.value for one in statement.principals if one.kind in ("AWS", "*")]
    return bool(statement.not_principals) or any(
        value == "*" or account in str(value) or (is_expression(value) and account_in(value) is None)
        for value in values
    )
