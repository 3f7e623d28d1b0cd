"""What backups cost: how many there are, how much changes between two, and what leaves the region."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mainstay.checks.examples import lone_database, plan_of
from mainstay.core.schedules import Cron
from mainstay.core.units import Bytes, Duration
from mainstay.forecast.cost_of_backups import cost_of_backups
from mainstay.forecast.prices import DAYS_A_MONTH, CostItem, known
from mainstay.plan.resources import BackupPlan, BackupRule, BackupSelection, BackupVault, CopyAction, Resource
from mainstay.plan.values import Param, Ref

WEEKLY = BackupRule(name="weekly", vault=Ref("Vault"), schedule=Cron.parse("cron(0 2 ? * SUN *)"))
THERE = "arn:aws:backup:us-west-2:1:backup-vault:v"


def copied(*days: int | None, rule: BackupRule = WEEKLY) -> BackupRule:
    kept = (None if one is None else Duration.days(one) for one in days)
    return replace(rule, copies=tuple(CopyAction(vault=THERE, delete_after=one) for one in kept))


def vault_copies(*rules: BackupRule) -> list[CostItem]:
    resources: tuple[Resource, ...] = (
        lone_database(storage=Bytes.gib(100)),
        BackupVault(key="Vault", name="v"),
        BackupPlan(key="Plan", name="p", rules=rules),
        BackupSelection(key="Selection", plan=Ref("Plan"), name="s", role="r", resources=(Ref("Database"),)),
    )
    return [one for one in cost_of_backups(plan_of(*resources).primary) if one.part == "vault copies"]


def paid(count: int, days: int) -> list[float]:
    """Everything once, `count` times what changed in `days`, and as much moved as a month has of these."""
    stored, moved = known("backup_gb_month"), known("transfer_inter_region_gb")
    found = []
    for used, change in ((30, 0.005), (60, 0.02), (100, 0.1)):
        each = min(1.0, change * days)
        found.append(used * (1 + count * each) * stored + used * each * DAYS_A_MONTH / days * moved)
    return found


@pytest.mark.parametrize(
    ("rule", "count", "days"),
    [
        (copied(14), 2, 7),
        (copied(13), 1, 7),
        (copied(7), 1, 7),
        (copied(3), 1, 7),  # there is always one
        (copied(None), 3650 // 7, 7),  # for ever is ten years
        (copied(1, rule=replace(WEEKLY, schedule=Param("When"))), 1, 1),
        (copied(62, rule=replace(WEEKLY, schedule=Cron.parse("cron(0 2 1 * ? *)"))), 2, 31),  # all has changed, once
    ],
)
def test_how_many_there_are_and_what_changed_between_two(rule: BackupRule, count: int, days: int) -> None:
    (found,) = vault_copies(rule)
    assert found.amount == pytest.approx(paid(count, days), rel=1e-9)


def test_rules_with_more_copies_and_with_fewer() -> None:
    first, second = vault_copies(copied(7, 14), copied(7))
    assert first.what.startswith("of 2 tiers: ")
    assert second.what == "of 1 tiers: 32 to 240 GB kept, 5 to 304 GB moved"
    assert second.amount == pytest.approx(paid(2, 7), rel=1e-9)
    assert vault_copies(WEEKLY) == []


def test_what_is_never_backed_up_is_free() -> None:
    database = lone_database(storage=Bytes.gib(100), backup_retention=Duration(0))
    (found,) = cost_of_backups(plan_of(database).primary)
    assert found.amount == (0.0, 0.0, 0.0)
