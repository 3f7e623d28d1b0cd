"""BK023: a lock whose days AWS Backup refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.backup.examples import (
    backed_up,
    vault,
)
from mainstay.checks.backup.reach import lock_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupVault,
    Opaque,
    Resource,
    VaultLock,
)

_AIR_GAPPED = {
    "AWS::Backup::LogicallyAirGappedBackupVault": ("MinRetentionDays", "MaxRetentionDays"),
    "aws_backup_logically_air_gapped_vault": ("min_retention_days", "max_retention_days"),
}


def _bad() -> Plan:
    """A lock that is final after two days"""
    lock = VaultLock(min_retention=Duration.days(8), max_retention=Duration.days(7))
    return backed_up(Vault=vault(lock=lock), Backups=None, Selection=None)


def _good() -> Plan:
    """A lock of 7 to 7 days"""
    lock = VaultLock(min_retention=Duration.days(7), max_retention=Duration.days(7))
    return backed_up(Vault=vault(lock=lock), Backups=None, Selection=None)


@rule(
    id="BK023",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="a lock outside the bounds of AWS Backup",
    source="botocore Backup model, PutBackupVaultLockConfiguration, CreateLogicallyAirGappedBackupVault (2026-11-20)",
    applies_to=(
        BackupVault,
        Opaque,
    ),
    field="lock",
    bad=_bad,
    good=_good,
)
def faults(vault: Resource, scene: Scene) -> Iterator[Fault]:
    """The vault is refused and the stack rolls back: a lock needs at least three days in which it can be taken back,
    bounds between one day and 36500, and the least below the most. A logically air-gapped vault keeps everything for
    seven days or more.
    """
    bounds = load("backup").data["lock"]
    least, most, changeable = _days(vault)
    floor = bounds["air_gapped_least_days" if isinstance(vault, Opaque) else "least_days"]
    said = [
        (least is not None and least < floor, f"MinRetentionDays is {least}; {floor} is the least"),
        (
            most is not None and most > bounds["most_days"],
            f"MaxRetentionDays is {most}; {bounds['most_days']} is the most",
        ),
        (
            least is not None and most is not None and least > most,
            f"MinRetentionDays {least} is above MaxRetentionDays {most}",
        ),
        (
            changeable is not None and changeable < bounds["least_changeable_days"],
            f"ChangeableForDays is {changeable}; {bounds['least_changeable_days']} is the least",
        ),
    ]
    for is_wrong, what in said:
        if is_wrong:
            yield Fault(vault, f"{vault.key}: {what}.", "correct the days of the lock", mend=_corrected(vault, what))


def _corrected(vault: Resource, what: str) -> tuple[BackupVault, ...]:
    """The vault with what is below its least or above its most at the bound; nothing where two of its days disagree."""
    lock, bounds = lock_of(vault), load("backup").data["lock"]
    if lock is None or not isinstance(vault, BackupVault):
        return ()
    bounded = {
        "MinRetentionDays is": replace(lock, min_retention=Duration.days(bounds["least_days"])),
        "MaxRetentionDays is": replace(lock, max_retention=Duration.days(bounds["most_days"])),
        "ChangeableForDays is": replace(lock, changeable_for=Duration.days(bounds["least_changeable_days"])),
    }
    return tuple(replace(vault, lock=one) for words, one in bounded.items() if what.startswith(words))


def _days(vault: Resource) -> tuple[int | None, int | None, int | None]:
    """The least, the most and the days for second thoughts, each None where it is not written out."""
    if isinstance(vault, Opaque):
        names = _AIR_GAPPED.get(literal(vault.type, str) or "", ("", ""))
        least, most = (literal(vault.properties.get(name), int) for name in names)
        return least, most, None
    lock = lock_of(vault)
    periods = (lock.min_retention, lock.max_retention, lock.changeable_for) if lock else (None, None, None)
    least, most, changeable = (_whole(literal(one, Duration)) for one in periods)
    return least, most, changeable


def _whole(period: Duration | None) -> int | None:
    return None if period is None else period // Duration.days(1)
