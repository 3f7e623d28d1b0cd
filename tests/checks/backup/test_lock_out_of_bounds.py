"""BK023: the days of locks, each on both sides, and of air-gapped vaults."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    vault,
)
from mainstay.checks.backup.lock_out_of_bounds import faults
from mainstay.checks.examples import plan_of
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.resources import (
    BackupVault,
    Opaque,
    Resource,
    VaultLock,
)
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]


@pytest.mark.parametrize(
    ("least", "most", "changeable", "said"),
    [
        (1, 36500, 3, []),
        (0, None, None, ["MinRetentionDays is 0; 1 is the least"]),
        (1, 36501, None, ["MaxRetentionDays is 36501"]),
        (7, 7, None, []),
        (8, 7, None, ["MinRetentionDays 8 is above MaxRetentionDays 7"]),
        (7, None, 2, ["ChangeableForDays is 2; 3 is the least"]),
        (0, None, 0, ["MinRetentionDays", "ChangeableForDays"]),
    ],
)
def test_locks(least: int, most: int | None, changeable: int | None, said: list[str], say: Say) -> None:
    lock = VaultLock(
        min_retention=Duration.days(least),
        max_retention=None if most is None else Duration.days(most),
        changeable_for=None if changeable is None else Duration.days(changeable),
    )
    details = [each.detail for each in say(faults, backed_up(Vault=vault(lock=lock)))]
    assert len(details) == len(said)
    assert all(part in detail for part, detail in zip(said, details, strict=True))


@pytest.mark.parametrize(
    ("kind", "names", "days", "count"),
    [
        ("AWS::Backup::LogicallyAirGappedBackupVault", ("MinRetentionDays", "MaxRetentionDays"), (7, 7), 0),
        ("AWS::Backup::LogicallyAirGappedBackupVault", ("MinRetentionDays", "MaxRetentionDays"), (6, 30), 1),
        ("AWS::Backup::LogicallyAirGappedBackupVault", ("MinRetentionDays", "MaxRetentionDays"), ({"Ref": "x"}, 30), 0),
        ("aws_backup_logically_air_gapped_vault", ("min_retention_days", "max_retention_days"), (31, 30), 1),
        ("AWS::S3::Bucket", ("MinRetentionDays", "MaxRetentionDays"), (1, 0), 0),
    ],
)
def test_air_gapped(kind: str, names: tuple[str, str], days: tuple[object, object], count: int, say: Say) -> None:
    airtight = Opaque(key="Airtight", type=kind, properties=dict(zip(names, days, strict=True)))  # type: ignore[arg-type]  # JSON
    assert len(say(faults, plan_of(airtight))) == count


def test_silence(say: Say) -> None:
    assert say(faults, backed_up(Vault=vault(lock=VaultLock(min_retention=Param("Days"))))) == []


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ({"min_retention": 0}, {"min_retention": 1}),
        ({"max_retention": 36_501}, {"max_retention": 36_500}),
        ({"changeable_for": 2}, {"changeable_for": 3}),
        ({"min_retention": 8, "max_retention": 7}, None),
    ],
)
def test_the_nearest_that_is_taken(written: dict[str, int], right: dict[str, int] | None, mends: Mends) -> None:
    def locked(days: dict[str, int]) -> BackupVault:
        given = {name: Duration.days(count) for name, count in days.items()}
        return vault(lock=VaultLock(**{"min_retention": Duration.days(1), **given}))

    found = mends(faults, backed_up(Vault=locked(written)))
    assert found == [(locked({**written, **right}),) if right is not None else ()]
