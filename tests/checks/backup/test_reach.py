"""Whom a selection takes: by ARN, by tag, by conditions; what is uncertain is not taken."""

from __future__ import annotations

from datetime import date

import pytest

from mainstay.checks.backup.examples import backed_up, selection, tier, vault
from mainstay.checks.backup.reach import (
    databases_alone,
    hides_retention,
    is_cluster,
    is_written_out,
    lock_of,
    plans_reaching,
    reached,
    rules_of,
    takes,
    title,
)
from mainstay.checks.examples import database
from mainstay.checks.scene import Scene
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    BackupSelection,
    CopyAction,
    DbInstance,
    Opaque,
    TagCondition,
    TagMatch,
    VaultLock,
)
from mainstay.plan.values import Attr, Param, Pseudo, Ref, Unknown, arn, join

ARN = "arn:aws:rds:us-east-1:123456789012:db:shop"
TAGGED = database(identifier="shop", tags={"Backup": "daily", "Team": Param("Team")})
DAILY = TagMatch(tag="Backup", value="daily")


def scene_of(plan: Plan) -> Scene:
    return Scene(plan, plan.primary, date(2026, 11, 20))


def by(**changes: object) -> BackupSelection:
    return selection(**({"resources": ()} | changes))


@pytest.mark.parametrize(
    ("chosen", "is_taken"),
    [
        (by(), True),  # neither resources nor conditions: everything
        (by(resources=("*",)), True),
        (by(resources=(ARN,)), True),
        (by(resources=(f"{ARN}2",)), False),
        (by(resources=("arn:aws:rds:*:*:db:*",)), True),
        (by(resources=("arn:aws:dynamodb:*:*:table/*",)), False),
        (by(resources=(join("arn:aws:rds:*:", Pseudo("account"), ":db:*"),)), True),
        (by(resources=(join("arn:aws:ec2:*:", Pseudo("account"), ":volume/*"),)), False),
        (by(resources=(join("arn:aws:rds:*:", Param("Account"), ":db:*"),)), False),
        (by(excluded_resources=(join("arn:aws:ec2:*:", Pseudo("account"), ":volume/*"),)), True),
        (by(resources=(Ref("Database"),)), True),
        (by(resources=(Ref("Other"),)), False),
        (by(resources=(Unknown("a list", is_list=True),)), False),
        (by(resources=(arn("rds", join("db:", Attr("Database", "id"))),)), True),
        (by(excluded_resources=(ARN,)), False),
        (by(excluded_resources=(f"{ARN}2",)), True),
        (by(excluded_resources=(Ref("Other"),)), True),
        (by(excluded_resources=(Param("Resources"),)), False),
        (by(any_tag=(DAILY,)), True),
        (by(any_tag=(TagMatch(tag="Backup", value="weekly"), DAILY)), True),
        (by(any_tag=(TagMatch(tag="backup", value="daily"),)), False),
        (by(any_tag=(TagMatch(tag="Team", value="shop"),)), False),
        (by(any_tag=(TagMatch(tag=Param("Tag"), value="daily"),)), False),
        (by(any_tag=(Unknown("a list", is_list=True),)), False),
        (by(resources=(Ref("Database"),), any_tag=(TagMatch(tag="Backup", value="weekly"),)), False),
        (by(equal=(TagCondition(tag="aws:ResourceTag/Backup", value="daily"),)), True),
        (by(equal=(TagCondition(tag="aws:ResourceTag/Backup", value="dai*"),)), False),
        (by(equal=(TagCondition(tag="aws:ResourceTag/None", value="daily"),)), False),
        (by(equal=(TagCondition(tag=Param("Tag"), value="daily"),)), False),
        (by(equal=(Unknown("a list", is_list=True),)), False),
        (by(like=(TagCondition(tag="aws:ResourceTag/Backup", value="dai*"),)), True),
        (by(not_equal=(TagCondition(tag="aws:ResourceTag/Backup", value="daily"),)), False),
        (by(not_equal=(TagCondition(tag="aws:ResourceTag/Backup", value="weekly"),)), True),
        (by(not_equal=(TagCondition(tag="aws:ResourceTag/Team", value="weekly"),)), False),
        (by(not_like=(TagCondition(tag="aws:ResourceTag/None", value="d*"),)), True),
        (by(extras={"BackupSelection.Conditions": "odd"}), False),
    ],
)
def test_who_is_taken_for_sure(chosen: BackupSelection, is_taken: bool) -> None:
    assert takes(chosen, TAGGED) is is_taken


def test_tags_that_could_not_be_read_may_be_any() -> None:
    hidden = database(tags={}, extras={"Tags": "odd"})
    assert not takes(by(not_equal=(TagCondition(tag="aws:ResourceTag/None", value="x"),)), hidden)


def test_an_instance_without_a_name_is_no_arn_s() -> None:
    assert not takes(by(resources=(ARN,)), database())


def test_plans_and_their_databases() -> None:
    replica = DbInstance(key="Replica", source=Ref("Database"))
    plan = backed_up(Selection=selection(resources=("*",)), Replica=replica)
    scene = scene_of(plan)
    backups = next(plan.of(BackupPlan))
    assert [db.key for db in reached(backups, scene)] == ["Database"]
    assert list(plans_reaching(plan.primary["Database"], scene)) == [backups]  # type: ignore[arg-type]  # an instance
    assert not databases_alone(backups, scene)


def test_a_plan_for_databases_only() -> None:
    plan = backed_up()
    assert databases_alone(next(plan.of(BackupPlan)), scene_of(plan)) == ["Database"]
    tagged = backed_up(More=selection(key="More", resources=(), any_tag=(DAILY,)))
    assert not databases_alone(next(tagged.of(BackupPlan)), scene_of(tagged))


@pytest.mark.parametrize(
    ("address", "days"), [("aws_backup_plan.shop", None), ("", Duration(0)), ("Stack/Plan", Duration(0))]
)
def test_terraform_shows_zeros_where_nothing_is_written(address: str, days: Duration | None) -> None:
    nothing = Duration(0)
    copy = CopyAction(vault="copies", delete_after=nothing, cold_after=nothing)
    rule = tier(delete_after=nothing, cold_after=nothing, copies=(copy,))
    (found,) = rules_of(BackupPlan(key="Backups", name="shop", rules=(rule,), address=address))
    assert (found.delete_after, found.cold_after) == (days, days)
    assert (found.copies[0].delete_after, found.copies[0].cold_after) == (days, days)
    lock = VaultLock(min_retention=Duration.days(7), max_retention=nothing, changeable_for=nothing)
    seen = lock_of(vault(lock=lock, address=address.replace("plan", "vault")))
    assert seen is not None
    assert (seen.max_retention, seen.changeable_for) == (days, days)


def test_rules_that_are_not_written_out() -> None:
    assert rules_of(BackupPlan(key="Backups", name="shop", rules=Unknown("later"))) == []  # type: ignore[arg-type]  # not written


@pytest.mark.parametrize(
    ("extras", "is_whole", "hides"),
    [({}, True, False), ({"Rule.0.Lifecycle": 1}, False, True), ({"DeleteAfterDays": 1}, True, True)],
)
def test_what_a_plan_keeps_to_itself(extras: dict[str, int], is_whole: bool, hides: bool) -> None:
    plan = BackupPlan(key="Backups", name="shop", rules=(tier(),), extras=extras)
    assert (is_written_out(plan), hides_retention(plan)) == (is_whole, hides)


def test_what_a_rule_and_a_cluster_are_called() -> None:
    assert (title(tier()), title(tier(name=Param("Name")))) == ("daily", "a rule")
    kinds = ("AWS::RDS::DBCluster", "aws_rds_cluster", "AWS::RDS::DBInstance")
    assert [is_cluster(Opaque(key="Cluster", type=kind)) for kind in kinds] == [True, True, False]
    assert not is_cluster(None)
