"""BK019: copies that leave, copies that stay, and what only looks away."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    ANOTHER_ACCOUNT,
    ELSEWHERE,
    backed_up,
    selection,
    tier,
    vault,
)
from mainstay.checks.backup.no_copy_elsewhere import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding
from mainstay.plan.intent import Intent
from mainstay.plan.resources import (
    BackupPlan,
    CopyAction,
)
from mainstay.plan.values import (
    Param,
    Ref,
    arn,
)

Say = Callable[..., list[Finding]]

FEARFUL = Intent(profile="ransomware", account="123456789012")


@pytest.mark.parametrize(
    ("link", "count"),
    [
        (ELSEWHERE, 0),
        (ANOTHER_ACCOUNT, 0),
        (Ref("Vault"), 1),
        (arn("backup", "backup-vault:copies"), 1),
        ("arn:aws:backup:us-east-1:123456789012:backup-vault:copies", 1),
        (arn("backup", "backup-vault:copies", region="eu-west-1"), 0),
        (Param("Vault"), 0),
    ],
)
def test_copies(link: object, count: int, say: Say) -> None:
    copied = tier(copies=(CopyAction(vault=link),))  # type: ignore[arg-type]  # any link
    findings = say(faults, backed_up(copied, intent=FEARFUL, Vault=vault(key_id="arn:x")))
    assert [each.detail.startswith("Database has 1 copies,") for each in findings] == [True] * count


@pytest.mark.parametrize(("profile", "count"), [("ransomware", 1), ("prod", 0), ("dev", 0)])
def test_profiles(profile: str, count: int, say: Say) -> None:
    findings = say(faults, backed_up(intent=Intent(profile=profile)))
    assert [each.detail.startswith("Database has no copies,") for each in findings] == [True] * count
    assert len(say(faults, plan_of(database(), intent=Intent(profile=profile)))) == count


def test_what_leaves_otherwise(say: Say) -> None:
    replicated = database(backup_replica_region="us-west-2")
    assert say(faults, backed_up(intent=FEARFUL, Database=replicated)) == []
    assert say(faults, plan_of(replica(), intent=FEARFUL)) == []
    odd = BackupPlan(key="Backups", name="shop", rules=(tier(),), extras={"Rule.0.CopyActions": "odd"})
    assert say(faults, backed_up(intent=FEARFUL, Backups=odd)) == []


def test_a_plan_for_another_database(say: Say) -> None:
    copied = BackupPlan(key="Second", name="second", rules=(tier(copies=(CopyAction(vault=ELSEWHERE),)),))
    for name, subjects in (("Second1", ["Database"]), ("Database", ["Second1"])):
        chosen = selection(key="Also", plan=Ref("Second"), resources=(Ref(name),))
        findings = say(faults, backed_up(intent=FEARFUL, Second=copied, Also=chosen, Second1=database(key="Second1")))
        assert [each.subject for each in findings] == subjects
