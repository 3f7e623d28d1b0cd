"""The backups that a plan makes, and what they share a fate with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mainstay.checks.examples import database, plan_of
from mainstay.core.schedules import Cron
from mainstay.core.units import Duration
from mainstay.forecast.backups import Backup, backups_of, retention_in_effect, retention_of
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    BackupSelection,
    BackupVault,
    CopyAction,
    DbInstance,
    Resource,
    TagMatch,
    VaultLock,
)
from mainstay.plan.values import ACCOUNT, REGION, Attr, Param, Ref, Unknown, join

HOURS = 3600
DAILY = BackupRule(
    name="daily",
    vault=Ref("Vault"),
    schedule=Cron.parse("cron(0 2 * * ? *)"),
    start_window=Duration(1 * HOURS),
    completion_window=Duration(4 * HOURS),
    delete_after=Duration.days(30),
)
VAULT = BackupVault(key="Vault", name="shop-backups")
SELECTION = BackupSelection(key="Selection", plan=Ref("Plan"), name="shop", role="r", resources=(Ref("Database"),))


def made(rule: BackupRule = DAILY, *, selection: BackupSelection = SELECTION, vault: BackupVault = VAULT) -> Plan:
    return plan_of(database(), vault, BackupPlan(key="Plan", name="shop", rules=(rule,)), selection)


def found(plan: Plan) -> dict[str, Backup]:
    (db,) = plan.primary.of(DbInstance)
    return {each.name: each for each in backups_of(db, plan.primary, plan)}


def test_automated_backups() -> None:
    assert list(found(plan_of(database()))) == ["automated backups"]
    assert found(plan_of(database(backup_retention=Duration(0)))) == {}
    (own,) = found(plan_of(database())).values()
    assert (own.rpo, own.keep, own.region, own.has_own_key) == (300, Duration.days(7), "us-east-1", False)


def test_a_tier_is_as_old_as_its_latest_job_allows() -> None:
    tier = found(made())["daily snapshots"]
    assert tier.rpo == Duration((24 + 1 + 4) * HOURS)
    assert (tier.keep, tier.region, tier.account, tier.is_locked) == (Duration.days(30), "us-east-1", "", False)


def test_what_a_rule_leaves_out_is_aws_s_own() -> None:
    tier = found(made(BackupRule(name="bare", vault=Ref("Vault"))))["bare snapshots"]
    assert tier.rpo == Duration.days(1) + 8 * HOURS + Duration.days(7)
    assert tier.keep is None
    assert "kept for ever" in tier.reasons[1].text


def test_a_rule_that_never_comes_round_is_none() -> None:
    once = replace(DAILY, schedule=Cron.parse("cron(0 2 1 1 ? 2030)"))
    assert list(found(made(once))) == ["automated backups"]


def test_a_continuous_rule_is_the_automated_backups_and_its_copy_is_a_plain_snapshot() -> None:
    arn = join("arn:aws:backup:eu-west-1:", ACCOUNT, ":backup-vault:copies")
    rule = replace(DAILY, is_continuous=True, copies=(CopyAction(vault=arn, delete_after=Duration.days(7)),))
    backups = found(made(rule))
    assert list(backups) == ["automated backups", "copies of daily snapshots in eu-west-1"]
    copy = backups["copies of daily snapshots in eu-west-1"]
    assert (copy.rpo, copy.keep, copy.has_own_key) == (29 * HOURS, Duration.days(7), True)
    assert "plain snapshot" in copy.reasons[1].text


@pytest.mark.parametrize(
    ("changes", "is_selected"),
    [
        ({}, True),
        ({"resources": (Attr("Database", "arn"),)}, True),
        ({"resources": ("*",)}, True),
        ({"resources": ()}, True),  # without any filter it takes everything
        ({"resources": (Ref("Other"),)}, False),
        ({"excluded_resources": (Ref("Database"),)}, False),
        ({"resources": (), "any_tag": (TagMatch(tag="backup", value="yes"),)}, True),
        ({"resources": (), "any_tag": (TagMatch(tag="backup", value="no"),)}, False),
        ({"plan": "another-plan"}, False),
    ],
)
def test_a_plan_backs_up_what_it_selects(changes: dict[str, object], is_selected: bool) -> None:
    selection = replace(SELECTION, **changes)  # type: ignore[arg-type]  # fields of many types
    resources: tuple[Resource, ...] = (
        database(tags={"backup": "yes"}),
        VAULT,
        BackupPlan(key="Plan", name="shop", rules=(DAILY,)),
        selection,
    )
    assert ("daily snapshots" in found(plan_of(*resources))) is is_selected


def test_replicated_backups_trail() -> None:
    db = database(backup_replica_region="us-west-2", backup_replica_retention=Duration.days(14))
    replicated = found(plan_of(db))["replicated backups in us-west-2"]
    assert (replicated.rpo, replicated.keep, replicated.has_own_key) == (1800, Duration.days(14), True)
    assert "trails by 5m to 30m" in replicated.reasons[0].text
    assert "dr-standard-edition-amazon-rds" in replicated.reasons[0].source
    as_source = found(plan_of(database(backup_replica_region="us-west-2")))["replicated backups in us-west-2"]
    assert as_source.keep == Duration.days(7)
    unknown = found(plan_of(database(backup_replica_region=Param("Elsewhere"))))["replicated backups"]
    assert unknown.region is None
    off = database(backup_replica_region="us-west-2", backup_retention=Duration(0))
    assert found(plan_of(off)) == {}


@pytest.mark.parametrize(
    ("own", "rule_keeps", "keep"), [(7, 30, 30), (7, 3, 3), (0, 14, 14), (None, 5, 5), (7, None, 7)]
)
def test_a_continuous_rule_owns_the_retention(own: int | None, rule_keeps: int | None, keep: int) -> None:
    rule = replace(DAILY, is_continuous=True, delete_after=None if rule_keeps is None else Duration.days(rule_keeps))
    plan = made(rule)
    db = replace(next(plan.primary.of(DbInstance)), backup_retention=None if own is None else Duration.days(own))
    assert retention_in_effect(db, plan.primary) == Duration.days(keep)
    assert retention_in_effect(db, plan_of(db).primary) == retention_of(db)


def test_what_is_deleted_before_the_next_is_none() -> None:
    weekly = replace(DAILY, schedule=Cron.parse("cron(0 2 ? * SUN *)"), delete_after=Duration.days(7))
    assert found(made(weekly))["daily snapshots"].flaw == ""
    (late,) = found(made(weekly))["daily snapshots"].reasons[0].because
    assert "more than 0s late leaves none" in late.text
    short = found(made(replace(weekly, delete_after=Duration.days(6))))["daily snapshots"]
    assert "deleted after 6d, and the next comes up to 7d later" in short.flaw
    calm = found(made(replace(weekly, delete_after=Duration(7 * 86_400 + 5 * HOURS))))["daily snapshots"]
    assert (calm.flaw, calm.reasons[0].because) == ("", ())


@pytest.mark.parametrize(
    ("lock", "says"),
    [
        (VaultLock(min_retention=Duration.days(30)), ""),
        (VaultLock(min_retention=Duration.days(31)), "asks for 31d, and they are kept 30d"),
        (VaultLock(min_retention=Duration.days(1), max_retention=Duration.days(30)), ""),
        (
            VaultLock(min_retention=Duration.days(1), max_retention=Duration.days(29)),
            "allows 29d, and they are kept 30d",
        ),
    ],
)
def test_a_retention_that_the_lock_refuses_makes_every_job_fail(lock: VaultLock, says: str) -> None:
    flaw = found(made(vault=replace(VAULT, lock=lock)))["daily snapshots"].flaw
    assert says in flaw
    assert bool(flaw) is bool(says)


def test_what_never_goes_is_beyond_a_lock_s_longest() -> None:
    lock = VaultLock(min_retention=Duration.days(1), max_retention=Duration.days(29))
    ever = found(made(replace(DAILY, delete_after=None), vault=replace(VAULT, lock=lock)))["daily snapshots"]
    assert "kept for ever" in ever.flaw
    assert found(made(replace(DAILY, delete_after=None)))["daily snapshots"].flaw == ""


@pytest.mark.parametrize(
    ("own", "other", "has_own"), [("Key", "Key", False), ("Key", "Other", True), ("Key", None, True)]
)
def test_a_copy_in_the_same_region_may_be_under_the_same_key(own: str, other: str | None, has_own: bool) -> None:
    second = BackupVault(key="Second", name="second", key_id=Ref(other) if other else None)
    rule = replace(DAILY, copies=(CopyAction(vault=Ref("Second")),))
    plan = plan_of(database(key_id=Ref(own)), VAULT, second, BackupPlan(key="Plan", name="p", rules=(rule,)), SELECTION)
    (db,) = plan.primary.of(DbInstance)
    copy = next(one for one in backups_of(db, plan.primary, plan) if one.name.startswith("copies"))
    assert copy.has_own_key is has_own


COMPLIANCE = VaultLock(min_retention=Duration.days(1), changeable_for=Duration.days(3))


def copied(vault: object, *elsewhere: Resource, account: str | None = None) -> Backup:
    rule = replace(DAILY, copies=(CopyAction(vault=vault),))  # type: ignore[arg-type]  # any link
    home = made(rule).primary
    regions = (home, RegionPlan(region="eu-west-1", resources=elsewhere)) if elsewhere else (home,)
    plan = Plan(regions=regions, intent=Intent(account=account))
    return next(each for name, each in found(plan).items() if name.startswith("copies"))


@pytest.mark.parametrize(
    ("vault", "account", "place"),
    [
        (Ref("Vault"), None, ("us-east-1", "")),
        (join("arn:aws:backup:", REGION, ":", ACCOUNT, ":backup-vault:v"), None, ("us-east-1", "")),
        ("arn:aws:backup:eu-west-1:222222222222:backup-vault:v", None, ("eu-west-1", None)),
        ("arn:aws:backup:eu-west-1:222222222222:backup-vault:v", "222222222222", ("eu-west-1", "")),
        ("arn:aws:backup:eu-west-1:222222222222:backup-vault:v", "111111111111", ("eu-west-1", "222222222222")),
        (join("arn:aws:backup:", Param("R"), ":", ACCOUNT, ":backup-vault:v"), None, (None, "")),
        (join("arn:aws:backup:eu-west-1:", Param("A"), ":backup-vault:v"), "111111111111", ("eu-west-1", None)),
        (Param("CopyVault"), None, (None, None)),
        (Unknown("a mapping"), None, (None, None)),
    ],
)
def test_where_a_copy_stands(vault: object, account: str | None, place: tuple[str | None, str | None]) -> None:
    copy = copied(vault, account=account)
    assert (copy.region, copy.account) == place


def test_a_copy_into_a_vault_of_the_plan_knows_its_lock() -> None:
    locked = BackupVault(key="Vault", name="copies", lock=COMPLIANCE)
    arn = join("arn:aws:backup:eu-west-1:", ACCOUNT, ":backup-vault:copies")
    assert copied(arn, locked).is_locked is True
    assert copied(arn, replace(locked, lock=replace(COMPLIANCE, changeable_for=None))).is_locked is False
    assert copied(arn, replace(locked, name="others")).is_locked is False
    filled = copied(Param("CopyVault"), locked)
    assert (filled.region, filled.account, filled.is_locked) == ("eu-west-1", "", True)
    assert copied(Param("CopyVault"), database(key="Far")).region is None
