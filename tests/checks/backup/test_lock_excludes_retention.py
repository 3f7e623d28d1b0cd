"""BK021: retention against the lock, on both sides, of rules and of copies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    tier,
    vault,
)
from mainstay.checks.backup.lock_excludes_retention import faults
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.resources import (
    BackupPlan,
    CopyAction,
    VaultLock,
)
from mainstay.plan.values import (
    Param,
    Ref,
)

Say = Callable[..., list[Finding]]


def locked(least: int, most: int | None) -> VaultLock:
    return VaultLock(min_retention=Duration.days(least), max_retention=None if most is None else Duration.days(most))


@pytest.mark.parametrize(
    ("kept", "least", "most", "said"),
    [
        (35, 35, 35, None),
        (34, 35, None, "wants 35d or more"),
        (0, 35, None, "is kept 0s; the lock"),
        (35, 7, 34, "allows 34d at most"),
        (35, 7, 35, None),
        (None, 7, None, None),
        (None, 7, 365, "is kept for ever; the lock of Vault allows 365d"),
    ],
)
def test_bounds(kept: int | None, least: int, most: int | None, said: str | None, say: Say) -> None:
    rule = tier(delete_after=None if kept is None else Duration.days(kept))
    details = [each.detail for each in say(faults, backed_up(rule, Vault=vault(lock=locked(least, most))))]
    assert len(details) == (said is not None)
    assert said is None or said in details[0]


@pytest.mark.parametrize(("own", "count"), [(7, 0), (6, 1), (None, 1)])
def test_copies(own: int | None, count: int, say: Say) -> None:
    kept = None if own is None else Duration.days(own)
    rule = tier(delete_after=Duration.days(1), copies=(CopyAction(vault=Ref("Copies"), delete_after=kept),))
    findings = say(faults, backed_up(rule, Copies=vault(key="Copies", name="copies", lock=locked(7, None))))
    assert len(findings) == count
    assert all(each.detail.startswith("a copy by daily in Backups") for each in findings)


def test_a_vault_by_its_name(say: Say) -> None:
    short = tier(vault="shop-backups", delete_after=Duration.days(1))
    assert len(say(faults, backed_up(short, Vault=vault(lock=locked(7, None))))) == 1
    assert say(faults, backed_up(replace(short, vault="other"), Vault=vault(lock=locked(7, None)))) == []


def test_silence(say: Say) -> None:
    hidden = VaultLock(min_retention=Param("Least"), max_retention=Param("Most"))
    assert say(faults, backed_up(tier(delete_after=None), Vault=vault(lock=hidden))) == []
    assert say(faults, backed_up(tier(delete_after=Param("Days")), Vault=vault(lock=locked(7, 8)))) == []
    odd = BackupPlan(key="Backups", name="shop", rules=(tier(delete_after=None),), extras={"Rule.0.Lifecycle": "odd"})
    assert say(faults, backed_up(Backups=odd, Vault=vault(lock=locked(7, 8)))) == []
