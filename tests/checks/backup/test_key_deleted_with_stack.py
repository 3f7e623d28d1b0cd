"""BK032: fates of a key, by what it encrypts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.backup.examples import tier, vault
from mainstay.checks.backup.key_deleted_with_stack import faults
from mainstay.checks.examples import database, key_for, plan_of, replica
from mainstay.core.findings import Finding
from mainstay.core.units import Duration
from mainstay.plan.intent import Intent
from mainstay.plan.resources import BackupPlan, CopyAction, Fate
from mainstay.plan.values import Ref, arn

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("profile", "fate", "count"),
    [
        ("prod", None, 1),
        ("prod", Fate.DELETE, 1),
        ("prod", Fate.RETAIN, 0),
        ("prod", Fate.RETAIN_EXCEPT_ON_CREATE, 0),
        ("dev", None, 1),
        ("dev", Fate.DELETE, 0),
    ],
)
def test_fates(profile: str, fate: Fate | None, count: int, say: Say) -> None:
    plan = plan_of(database(key_id=Ref("Key")), key_for(on_delete=fate), intent=Intent(profile=profile))
    assert len(say(faults, plan)) == count


def test_who_loses_what_and_when(say: Say) -> None:
    key = key_for(on_delete=None, pending_window=Duration.days(7))
    (finding,) = say(faults, plan_of(database(key_id=Ref("Key")), replica(key_id=Ref("Key")), key))
    assert "encrypts Database, Replica; 7 days after" in finding.detail
    assert "of them can be read" in finding.detail


def test_a_vault_s_key_is_that_of_the_copies_in_it(say: Say) -> None:
    copied = tier(vault="originals", copies=(CopyAction(vault=Ref("Vault")),))
    plan = BackupPlan(key="Backups", name="shop", rules=(copied,))
    lost = key_for(on_delete=None)
    (finding,) = say(faults, plan_of(plan, vault(key_id=Ref("Key")), lost))
    assert "encrypts Vault; 30 days after" in finding.detail
    assert say(faults, plan_of(plan, vault(key_id=Ref("Key")), key_for())) == []
    originals = replace(plan, rules=(replace(copied, vault=Ref("Vault"), copies=()),))
    assert say(faults, plan_of(originals, vault(key_id=Ref("Key")), lost)) == []


def test_copies_out_of_another_region(say: Say) -> None:
    copied = tier(copies=(CopyAction(vault=arn("backup", "backup-vault:shop-backups", region="us-west-2")),))
    here = plan_of(BackupPlan(key="Backups", name="shop", rules=(copied,)))
    there = plan_of(vault(key_id=Ref("Key")), key_for(on_delete=None), region="us-west-2")
    assert len(say(faults, replace(here, regions=(*here.regions, *there.regions)))) == 1


def test_a_key_that_no_database_uses(say: Say) -> None:
    assert say(faults, plan_of(database(key_id="alias/aws/rds"), key_for(on_delete=None))) == []


def test_terraform_shows_no_lifecycle(say: Say) -> None:
    shown = key_for(on_delete=None, address="aws_kms_key.shop")
    assert say(faults, plan_of(database(key_id=Ref("Key")), shown)) == []
