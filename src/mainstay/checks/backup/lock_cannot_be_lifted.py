"""BK022: a vault in compliance mode."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
    vault,
)
from mainstay.checks.backup.reach import lock_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupVault,
    VaultLock,
)


def _bad() -> Plan:
    """A lock that is final after three days"""
    lock = VaultLock(min_retention=Duration.days(7), changeable_for=Duration.days(3))
    return backed_up(Vault=vault(lock=lock))


def _good() -> Plan:
    """A lock that whoever has the right can lift"""
    return backed_up(Vault=vault(lock=VaultLock(min_retention=Duration.days(7))))


@rule(
    id="BK022",
    severity=Severity.WARNING,
    harm=Harm.DATA_LOSS,
    summary="a lock that nobody can ever lift",
    source="botocore Backup model, PutBackupVaultLockConfiguration.ChangeableForDays (2026-11-20)",
    applies_to=(BackupVault,),
    field="lock",
    bad=_bad,
    good=_good,
)
def faults(vault: BackupVault, scene: Scene) -> Iterator[Fault]:
    """When ChangeableForDays have passed, nobody deletes a recovery point before its time, changes the lock or removes
    the vault, AWS's support and the root user included; a slip in MinRetentionDays is paid for until it is over.
    That is what the mode is for, so suppress this with the reason once it is meant. A spec confirms it by
    `lock.compliance.confirmed`.
    """
    lock = lock_of(vault)
    days = literal(lock.changeable_for, Duration) if lock else None
    if lock is None or days is None or scene.spec is not None:
        return
    least = literal(lock.min_retention, Duration)
    yield Fault(
        vault,
        f"{vault.key} is locked for good {days} after it was made"
        + (f": each recovery point stays, and is paid for, for {least} at least." if least is not None else "."),
        "leave ChangeableForDays out for a lock in governance mode, or suppress BK022 with the reason why it is final",
    )
