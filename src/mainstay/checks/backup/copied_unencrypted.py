"""BK018: data that lies in another account without a key."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.copies import account_of
from mainstay.checks.backup.examples import (
    ANOTHER_ACCOUNT,
    ELSEWHERE,
    backed_up,
    tier,
)
from mainstay.checks.backup.reach import reached, rules_of, title
from mainstay.checks.examples import database
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    CopyAction,
)

# Where encryption is asked for, DB038 speaks as well.
_DEV = Intent(account="123456789012", profile="dev")


def _bad() -> Plan:
    """A database without encryption, copied to another account"""
    return backed_up(
        tier(copies=(CopyAction(vault=ANOTHER_ACCOUNT),)), intent=_DEV, Database=database(is_encrypted=False)
    )


def _good() -> Plan:
    """A database without encryption, copied within its account"""
    return backed_up(tier(copies=(CopyAction(vault=ELSEWHERE),)), intent=_DEV, Database=database(is_encrypted=False))


@rule(
    id="BK018",
    severity=Severity.WARNING,
    harm=Harm.SECURITY,
    summary="an unencrypted database is copied to another account",
    source="AWS Backup Developer Guide, encryption (2026-11-20)",
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """AWS Backup does not encrypt what RDS did not: the recovery point has no key whatever key the vault has, and what
    keeps readers out over there is that account's policies alone.
    """
    bare = [db.key for db in reached(plan, scene) if db.is_encrypted is False]
    for each in rules_of(plan) if bare else []:
        for account in filter(None, (account_of(copy.vault, scene) for copy in each.copies)):
            yield Fault(
                plan,
                f"{title(each)} in {plan.key} copies {', '.join(bare)} to account {account} as it is: not encrypted.",
                "restore the database from an encrypted copy of a snapshot; StorageEncrypted never changes",
            )
