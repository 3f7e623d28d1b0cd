"""BK016: a copy into a vault whose key RDS cannot use."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.copies import vault_at
from mainstay.checks.backup.examples import (
    backed_up,
    tier,
    vault,
)
from mainstay.checks.backup.reach import reached, rules_of, title
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    CopyAction,
)
from mainstay.plan.values import (
    Ref,
)


def _bad() -> Plan:
    """A copy into a vault without a key of its own"""
    return backed_up(tier(copies=(CopyAction(vault=Ref("Copies")),)), Copies=vault(key="Copies", name="shop-copies"))


def _good() -> Plan:
    """A copy into a vault with a key of its own"""
    copies = vault(key="Copies", name="shop-copies", key_id="arn:aws:kms:us-east-1:123456789012:key/1")
    return backed_up(tier(copies=(CopyAction(vault=Ref("Copies")),)), Copies=copies)


@rule(
    id="BK016",
    severity=Severity.WARNING,
    harm=Harm.UNPROTECTED,
    summary="copies go into a vault with AWS Backup's default key",
    source="AWS Backup Developer Guide, encryption and create-cross-account-backup (2026-11-20)",
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """RDS encrypts a copy under the key of the vault that it goes to, and AWS documents that this has to be a
    customer's own or RDS's: never `aws/backup`, which a vault gets when no key is named, as the vault `Default`
    does. The backup succeeds, and the copy job fails each night.
    """
    encrypted = [db.key for db in reached(plan, scene) if db.is_encrypted is True]
    for each in rules_of(plan) if encrypted else []:
        for copy in each.copies:
            vault = vault_at(copy.vault, scene)
            is_default = isinstance(copy.vault, str) and copy.vault.endswith(":backup-vault:Default")
            if is_default or (vault is not None and vault.key_id is None and not hides(vault, "key")):
                yield Fault(
                    plan,
                    f"{title(each)} in {plan.key} copies {', '.join(encrypted)} into"
                    f" {vault.key if vault else 'Default'}, which has the key aws/backup.",
                    "copy into a new vault with a key of its own (EncryptionKeyArn); a vault's key never changes",
                )
