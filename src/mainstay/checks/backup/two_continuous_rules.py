"""BK012: a database that two rules back up continuously."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
    schedule,
    tier,
    vault,
)
from mainstay.checks.backup.reach import plans_reaching, rules_of, title
from mainstay.checks.examples import database
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    DbInstance,
)
from mainstay.plan.values import (
    Ref,
)


def _bad() -> Plan:
    """Two continuous rules with two vaults"""
    other = vault(key="Other", name="shop-other")
    rules = (
        tier(is_continuous=True),
        tier(name="also", vault=Ref("Other"), schedule=schedule("0 8 * * ? *"), is_continuous=True),
    )
    return backed_up(*rules, Database=database(backup_window=None, backup_retention=Duration.days(35)), Other=other)


def _good() -> Plan:
    """One continuous rule, and one that is not"""
    rules = (tier(is_continuous=True), tier(name="also", schedule=schedule("0 8 * * ? *")))
    return backed_up(*rules, Database=database(backup_window=None, backup_retention=Duration.days(35)))


@rule(
    id="BK012",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="more than one continuous rule for a database",
    conflicts=("two-continuous-rules",),
    applies_to=(DbInstance,),
    bad=_bad,
    good=_good,
    field="backup_retention",
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """Of two rules with one vault the longer retention holds and the other is ignored; with two vaults the first to run
    wins and the other makes plain snapshots, with the status `PITR already configured in backup plan`, which looks like
    success.
    """
    owners = [
        (plan, each) for plan in plans_reaching(db, scene) for each in rules_of(plan) if each.is_continuous is True
    ]
    if len(owners) < 2:
        return
    names = [f"{title(each)} of {plan.key}" for plan, each in owners]
    is_one_vault = len({str(each.vault) for _, each in owners}) == 1
    yield Fault(
        db,
        f"{db.key} is backed up continuously by {len(owners)} rules: {', '.join(names)}. "
        + (
            "The one that keeps longest holds."
            if is_one_vault
            else "Whichever runs first is; the others make snapshots."
        ),
        "leave EnableContinuousBackup on one rule, and let the others make snapshots",
        Severity.WARNING if is_one_vault else None,
    )
