"""What is paid one time: first copies elsewhere, and an upgrade away from Extended Support."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mainstay.checks.examples import lone_database as database
from mainstay.checks.examples import plan_of, replica
from mainstay.core.units import Bytes, Duration
from mainstay.forecast import CostItem, cost
from mainstay.plan.plan import Plan
from mainstay.plan.resources import BackupPlan, BackupRule, BackupSelection, BackupVault, CopyAction, Resource
from mainstay.plan.values import Param, Ref

FAR = "arn:aws:backup:us-west-2:111111111111:backup-vault:v"
NEAR = "arn:aws:backup:us-east-1:111111111111:backup-vault:v"
TODAY = date(2026, 11, 21)


def once(*resources: Resource, today: date = TODAY) -> dict[str, CostItem]:
    found = cost(plan_of(*resources), today=today).once
    assert all(item.section == "once" for item in found)
    return {item.part: item for item in found}


def backed_up(*vaults: str, **changes: object) -> tuple[Resource, ...]:
    rules = tuple(
        BackupRule(name=f"r{index}", vault=Ref("Vault"), copies=(CopyAction(vault=vault),))
        for index, vault in enumerate(vaults)
    )
    return (
        database(storage=Bytes.gib(100), **changes),
        BackupVault(key="Vault", name="v"),
        BackupPlan(key="Plan", name="p", rules=rules),
        BackupSelection(key="Selection", plan=Ref("Plan"), name="s", role="r", resources=(Ref("Database"),)),
    )


def test_the_first_copy_elsewhere_moves_everything() -> None:
    found = once(database(storage=Bytes.gib(100), backup_replica_region="us-west-2"))
    # 30 to 100 GB at 0.02 USD.
    assert found["first replicated backup"].amount == pytest.approx((0.6, 1.2, 2.0))
    assert "to us-west-2" in found["first replicated backup"].what
    assert once(database(backup_replica_region="us-west-2", backup_retention=Duration(0))) == {}


def test_two_tiers_into_one_vault_move_it_once_and_one_in_the_region_never() -> None:
    assert [item.part for item in cost(plan_of(*backed_up(FAR, FAR))).once] == ["first vault copy"]
    assert once(*backed_up(NEAR)) == {}
    assert once(*backed_up(FAR))["first vault copy"].amount == pytest.approx((0.6, 1.2, 2.0))


def test_a_copy_in_the_region_pays_for_storage_and_for_no_way() -> None:
    def a_month(vault: str) -> float:
        (item,) = [one for one in cost(plan_of(*backed_up(vault))).items if one.part == "vault copies"]
        assert item.amount is not None
        return item.amount[1]

    assert a_month(FAR) - a_month(NEAR) == pytest.approx(1.2 * 365.25 / 12 * 0.02)


def with_copies(*copies: tuple[str | Param, ...]) -> tuple[Resource, ...]:
    """The resources of one plan, whose rules have these vaults for their copies."""
    plan = plan_of(*backed_up(*(FAR for _ in copies)))
    (selected,) = plan.primary.of(BackupPlan)
    rules = tuple(
        replace(rule, copies=tuple(CopyAction(vault=vault) for vault in vaults))
        for rule, vaults in zip(selected.rules, copies, strict=True)
    )
    return tuple(replace(selected, rules=rules) if one is selected else one for one in plan.primary.resources)


def test_copies_of_rules_of_different_lengths_are_told_apart() -> None:
    bill = cost(plan_of(*with_copies((FAR, NEAR), (FAR,))))
    items = [one for one in bill.items if one.part == "vault copies"]
    assert [one.what.partition(":")[0] for one in items] == ["of 2 tiers", "of 1 tiers"]
    assert ["transfer_inter_region_gb" in one.prices for one in items] == [True, False]


def test_a_vault_that_nobody_knows_may_be_anywhere() -> None:
    assert once(*backed_up(FAR))["first vault copy"].what.startswith("to us-west-2:")
    assert once(*with_copies((Param("Vault"),)))["first vault copy"].what.startswith("to another region:")


def test_a_size_that_is_not_known_is_not_nothing() -> None:
    found = once(database(storage=Param("Size"), backup_replica_region="us-west-2"))
    assert found["first replicated backup"].amount is None


def old(**changes: object) -> Plan:
    settings = {"engine": "mysql", "engine_version": "8.0.46", "instance_class": "db.t4g.micro", **changes}
    return plan_of(database(**{"storage": Bytes.gib(100), "max_storage": None, **settings}))


@pytest.mark.parametrize(
    ("today", "is_shown"), [(date(2025, 7, 31), False), (date(2025, 8, 1), True), (date(2027, 1, 1), True)]
)
def test_an_upgrade_is_priced_a_year_before_support_costs(today: date, is_shown: bool) -> None:
    found = [item for item in cost(old(), today=today).once if item.part == "upgrade by blue/green"]
    assert bool(found) is is_shown


def test_an_upgrade_is_a_second_instance_for_hours() -> None:
    (item,) = cost(old(), today=TODAY).once
    an_hour = 0.016 + 100 * 0.115 / 730
    assert item.amount == pytest.approx(tuple(hours * an_hour for hours in (2, 12, 72)))
    assert item.what == "a second db.t4g.micro with its storage for 2 to 72 h"
    with_replica = plan_of(*old().primary.resources, replica(instance_class="db.t4g.micro"))
    assert len(cost(with_replica, today=TODAY).once) == 1
    (doubled,) = cost(old(is_multi_az=True), today=TODAY).once
    assert doubled.amount == pytest.approx(tuple(2 * hours * an_hour for hours in (2, 12, 72)))
    (unknown,) = cost(old(instance_class="db.x9.large"), today=TODAY).once
    assert unknown.amount is None
    assert cost(old(engine_version="8.4.7"), today=TODAY).once == ()
