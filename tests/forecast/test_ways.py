"""Which ways back survive which failure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mainstay.checks.examples import database, key_for, plan_of
from mainstay.core.schedules import Cron
from mainstay.core.units import Duration
from mainstay.forecast import Failure, Outcome, Reach, judge, promise
from mainstay.forecast.restoring import restore_time
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.policies import Policy, Principal, Statement
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    BackupSelection,
    BackupVault,
    CopyAction,
    Fate,
    Role,
    SubnetGroup,
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
    assert [str(one) for one in ways["automated backups"].reasons] == ["They stand in the same region."]
    assert [str(one) for one in ways["daily snapshots"].reasons] == ["They stand in the same region."]
    key = {way.name: way for way in outcome(plan(), Failure.KEY_LOST).ways}
    assert "called back for 30d" in key["instance"].reasons[0].text
    assert [str(one) for one in key["daily snapshots"].reasons] == ["They are encrypted with the same key."]


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


GONE: dict[str, object] = {
    "has_deletion_protection": False,
    "on_delete": Fate.DELETE,
    "deletes_automated_backups": True,
}


def test_snapshots_in_a_vault_outlive_a_deleted_stack() -> None:
    assert outcome(plan(**GONE), Failure.STACK_DELETED).way == "daily snapshots"  # type: ignore[arg-type]  # of many types


@pytest.mark.parametrize(
    ("fate", "reach"),
    [(Fate.DELETE, Reach(Duration.days(30), Duration.days(1))), (Fate.RETAIN, Reach(None, Duration.days(1)))],
)
def test_a_key_that_goes_with_the_stack_ends_what_it_encrypts(fate: Fate, reach: Reach) -> None:
    made = plan(**GONE)  # type: ignore[arg-type]  # of many types
    home = made.primary
    resources = tuple(replace(one, on_delete=fate) if one is KEY else one for one in home.resources)
    found = outcome(replace(made, regions=(replace(home, resources=resources),)), Failure.STACK_DELETED)
    assert found.reaches == (reach,)
    assert any("after 30d nothing opens it" in reason for reason in found.reasons) is (fate is Fate.DELETE)


@pytest.mark.parametrize(("fate", "way"), [(Fate.SNAPSHOT, "last snapshot"), (Fate.RETAIN, "retained instance")])
def test_what_the_stack_leaves_is_opened_as_long_as_its_key(fate: Fate, way: str) -> None:
    changes: dict[str, object] = {"has_deletion_protection": False, "on_delete": fate}
    unnamed = replace(KEY, pending_window=None, on_delete=Fate.DELETE)
    made = plan_of(database(key_id=Ref("Key"), **changes), unnamed)
    found = outcome(made, Failure.STACK_DELETED)
    assert found.way == way
    assert any("The key goes with the stack: after 30d" in reason for reason in found.reasons)
    kept = outcome(plan_of(database(**changes)), Failure.STACK_DELETED)
    assert not any("The key goes" in reason for reason in kept.reasons)


def test_a_backup_with_a_flaw_brings_nothing_back() -> None:
    locked = replace(VAULT, lock=VaultLock(min_retention=Duration.days(400)))
    short = replace(RULE, delete_after=Duration.days(30))
    made = plan_of(
        database(backup_retention=Duration(0)),
        locked,
        BackupPlan(key="Plan", name="p", rules=(short,)),
        BackupSelection(key="Selection", plan=Ref("Plan"), name="s", role="r", resources=(Ref("Database"),)),
    )
    found = outcome(made, Failure.ROW_DELETED)
    assert (found.survives, found.reaches) == (False, ())
    assert "Every job fails" in found.reasons[1]


def test_how_far_back_one_can_go_by_each_way() -> None:
    found = outcome(plan(backup_retention=Duration.days(7)), Failure.ROW_DELETED)
    assert [str(reach) for reach in found.reaches] == ["any second for 7d", "one in 1d for ever"]
    document = found.as_json()
    assert document["reaches"] == [{"keep_s": 604_800, "gap_s": 0}, {"keep_s": None, "gap_s": 86_400}]


def test_a_way_that_keeps_both_objectives_comes_before_one_that_loses_less() -> None:
    # Replicated and automated backups lose less, and snapshots need no logs to be replayed.
    tight = Intent(rpo=Duration.days(2), rto=Duration(2494))
    assert outcome(plan(intent=tight), Failure.ROW_DELETED).way == "daily snapshots"
    exact = replace(tight, rpo=Duration(29 * 3600))
    assert outcome(plan(intent=exact), Failure.ROW_DELETED).way == "daily snapshots"
    assert outcome(plan(intent=replace(tight, rto=Duration(3210))), Failure.ROW_DELETED).way == "automated backups"
    assert (
        outcome(plan(intent=replace(tight, rpo=Duration(29 * 3600 - 1))), Failure.ROW_DELETED).way
        == "automated backups"
    )


def test_reasons_are_a_tree_with_sources() -> None:
    automated = next(way for way in outcome(plan(), Failure.ROW_DELETED).ways if way.name == "automated backups")
    document = automated.as_json()
    assert document["reach"] == {"keep_s": 604_800, "gap_s": 0}
    (lag, _, restore) = automated.reasons
    assert lag.as_json()["because"] == [
        {
            "reason": "None are made while the instance is not available, or its storage is full.",
            "because": [],
            "source": "",
        }
    ]
    assert "USER_PIT" in lag.source
    texts = [one.text for one in restore.walk()]
    assert [text.partition(":")[0] for text in texts[1:4]] == [
        "Until a near-empty copy is available",
        "Replaying logs since the daily snapshot",
        "Reading all of 100 GiB once",
    ]


@pytest.mark.parametrize(
    ("intent", "count"),
    [
        (Intent(rpo=Duration(1800)), 0),
        (Intent(rpo=Duration(1799)), 1),
        (Intent(rto=Duration(3210)), 0),
        (Intent(rto=Duration(3209)), 1),
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


@pytest.mark.parametrize(("there", "is_ready"), [("us-west-2", True), ("eu-west-1", False)])
def test_a_restore_elsewhere_needs_subnets_there(there: str, is_ready: bool) -> None:
    home = plan_of(database(backup_replica_region="us-west-2"), region="us-east-1").primary
    subnets = SubnetGroup(key="Subnets", description="isolated", subnets=())
    far = RegionPlan(region=there, resources=(subnets,))
    (found,) = promise(Plan(regions=(home, far))).of(Failure.REGION_LOST)
    guidance = next(way for way in found.ways if way.survives).reasons[-1]
    assert "up to a few hours in another region" in guidance.text
    assert "dr-standard-edition-amazon-rds" in guidance.source
    assert (guidance.because == ()) is is_ready
    (unready,) = promise(Plan(regions=(home, RegionPlan(region=there)))).of(Failure.REGION_LOST)
    assert next(way for way in unready.ways if way.survives).reasons[-1].because
    (at_home,) = promise(Plan(regions=(home, far))).of(Failure.KEY_LOST)
    assert not any("few hours" in reason for reason in at_home.reasons)


def test_exports_are_kept_and_bring_nothing_back() -> None:
    trust = Policy((Statement(principals=(Principal("Service", "export.rds.amazonaws.com"),)),))
    exporting = plan_of(database(backup_retention=Duration(0)), Role(key="ExportRole", trust=trust))
    found = outcome(exporting, Failure.ROW_DELETED)
    assert [(way.name, way.survives) for way in found.ways] == [("exports", False)]
    assert "RDS restores nothing from them" in found.reasons[-1]
    assert outcome(plan_of(database(backup_retention=Duration(0))), Failure.ROW_DELETED).ways == ()


def test_a_last_snapshot_needs_no_logs() -> None:
    db = database(has_deletion_protection=False, on_delete=Fate.SNAPSHOT)
    (found,) = promise(plan_of(db)).of(Failure.STACK_DELETED)
    (last,) = [way for way in found.ways if way.name == "last snapshot"]
    assert last.rto_most == restore_time(db, replays=False).most < restore_time(db, replays=True).most
