"""Which ways back survive which failure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mainstay.checks.examples import database, key_for, plan_of
from mainstay.core.schedules import Cron
from mainstay.core.units import Duration
from mainstay.forecast import Failure, Outcome, judge, promise
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    BackupSelection,
    BackupVault,
    CopyAction,
    Fate,
    Role,
    VaultLock,
)
from mainstay.plan.values import ACCOUNT, Ref, join

ELSEWHERE = join("arn:aws:backup:us-west-2:", ACCOUNT, ":backup-vault:copies")
ANOTHER = "arn:aws:backup:us-west-2:222222222222:backup-vault:copies"
RULE = BackupRule(
    name="daily",
    vault=Ref("Vault"),
    schedule=Cron.parse("cron(0 2 * * ? *)"),
    start_window=Duration(3600),
    completion_window=Duration(4 * 3600),
)
KEY = key_for(pending_window=Duration.days(30))
VAULT = BackupVault(key="Vault", name="backups")


def plan(
    *, vault: BackupVault = VAULT, copy_to: object = None, intent: Intent | None = None, **changes: object
) -> Plan:
    copies = (CopyAction(vault=copy_to),) if copy_to else ()  # type: ignore[arg-type]  # any link
    return plan_of(
        database(key_id=Ref("Key"), **changes),
        KEY,
        vault,
        BackupPlan(key="Plan", name="p", rules=(replace(RULE, copies=copies),)),
        BackupSelection(key="Selection", plan=Ref("Plan"), name="s", role="r", resources=(Ref("Database"),)),
        intent=intent,
    )


def outcome(of: Plan, failure: Failure) -> Outcome:
    (found,) = promise(of).of(failure)
    return found


def test_a_backup_in_a_vault_brings_back_what_automated_backups_cannot() -> None:
    found = outcome(plan(backup_retention=Duration(0)), Failure.ROW_DELETED)
    assert (found.way, found.rpo) == ("daily snapshots", Duration(29 * 3600))


@pytest.mark.parametrize(
    ("changes", "way", "rpo"),
    [
        ({}, "", None),
        ({"copy_to": ELSEWHERE}, "copies of daily snapshots in us-west-2", 29 * 3600),
        ({"backup_replica_region": "us-west-2"}, "replicated backups in us-west-2", 1800),
        ({"copy_to": ELSEWHERE, "backup_replica_region": "us-west-2"}, "replicated backups in us-west-2", 1800),
    ],
)
@pytest.mark.parametrize("failure", [Failure.REGION_LOST, Failure.KEY_LOST])
def test_a_lost_region_or_key_leaves_what_stands_elsewhere_under_another_key(
    changes: dict[str, object], way: str, rpo: int | None, failure: Failure
) -> None:
    found = outcome(plan(**changes), failure)  # type: ignore[arg-type]  # fields of many types
    assert (found.way, found.rpo, found.survives) == (way, rpo, rpo is not None)


def test_the_tree_says_what_became_of_each_way() -> None:
    ways = {way.name: way for way in outcome(plan(copy_to=ELSEWHERE), Failure.REGION_LOST).ways}
    assert [name for name, way in ways.items() if way.survives] == ["copies of daily snapshots in us-west-2"]
    assert ways["automated backups"].reasons == ("They stand in the same region.",)
    assert ways["daily snapshots"].reasons == ("They stand in the same region.",)
    key = {way.name: way for way in outcome(plan(), Failure.KEY_LOST).ways}
    assert "called back for 30d" in key["instance"].reasons[0]
    assert key["daily snapshots"].reasons == ("They are encrypted with the same key.",)


COMPLIANCE = VaultLock(min_retention=Duration.days(1), changeable_for=Duration.days(3))


@pytest.mark.parametrize(
    ("changes", "way"),
    [
        ({}, ""),
        ({"copy_to": ELSEWHERE, "backup_replica_region": "us-west-2"}, ""),
        ({"copy_to": ANOTHER}, ""),  # nobody said which account is ours
        ({"copy_to": ANOTHER, "intent": Intent(account="222222222222")}, ""),
        ({"copy_to": ANOTHER, "intent": Intent(account="111111111111")}, "copies of daily snapshots in us-west-2"),
        ({"vault": replace(VAULT, lock=replace(COMPLIANCE, changeable_for=None))}, ""),
        ({"vault": replace(VAULT, lock=COMPLIANCE)}, "daily snapshots"),
    ],
)
def test_a_compromised_account_leaves_what_it_cannot_reach(changes: dict[str, object], way: str) -> None:
    assert outcome(plan(**changes), Failure.ACCOUNT_COMPROMISED).way == way  # type: ignore[arg-type]  # of many types


@pytest.mark.parametrize(
    ("changes", "way"),
    [
        ({"is_encrypted": True}, "AWS's key"),
        ({"is_encrypted": False}, "plain storage"),
        ({"is_encrypted": None}, "plain storage"),
        ({"is_encrypted": True, "key_id": "arn:aws:kms:us-east-1:1:key/k"}, ""),
    ],
)
def test_only_a_key_of_one_s_own_can_be_lost(changes: dict[str, object], way: str) -> None:
    assert outcome(plan_of(database(**changes)), Failure.KEY_LOST).way == way


def test_snapshots_in_a_vault_outlive_a_deleted_stack() -> None:
    gone = plan(has_deletion_protection=False, on_delete=Fate.DELETE, deletes_automated_backups=True)
    assert outcome(gone, Failure.STACK_DELETED).way == "daily snapshots"


@pytest.mark.parametrize(
    ("intent", "count"),
    [
        (Intent(rpo=Duration(1800)), 0),
        (Intent(rpo=Duration(1799)), 1),
        (Intent(rto=Duration(2494)), 0),
        (Intent(rto=Duration(2493)), 1),
        (Intent(), 0),
    ],
)
def test_what_the_other_region_gives_is_held_against_the_objectives(intent: Intent, count: int) -> None:
    elsewhere = plan_of(database(backup_replica_region="us-west-2", is_multi_az=True), intent=intent)
    found = [one for one in judge(promise(elsewhere), intent) if one.id == "FC003"]
    assert len(found) == count
    assert all("replicated backups in us-west-2, loses up to 30m" in one.detail for one in found)


def test_without_backups_elsewhere_a_lost_region_is_no_finding() -> None:
    intent = Intent(rpo=Duration(300))
    assert [one.id for one in judge(promise(plan_of(database())), intent)] == []


def test_exports_are_kept_and_bring_nothing_back() -> None:
    trust = Policy((Statement(principals=(Principal("Service", "export.rds.amazonaws.com"),)),))
    exporting = plan_of(database(backup_retention=Duration(0)), Role(key="ExportRole", trust=trust))
    found = outcome(exporting, Failure.ROW_DELETED)
    assert [(way.name, way.survives) for way in found.ways] == [("exports", False)]
    assert "RDS restores nothing from them" in found.reasons[-1]
    assert outcome(plan_of(database(backup_retention=Duration(0))), Failure.ROW_DELETED).ways == ()
