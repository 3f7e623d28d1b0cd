"""DB006: a production database that one call deletes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance


def _bad() -> Plan:
    """Nothing is written, so the default, off, holds"""
    return plan_of(database(has_deletion_protection=None))


def _good() -> Plan:
    """Deletion protection is on"""
    return plan_of(database(has_deletion_protection=True))


@rule(
    id="DB006",
    severity=Severity.WARNING,
    harm=Harm.DATA_LOSS,
    summary="deletion protection is off",
    source="botocore RDS model, DeletionProtection; Security Hub RDS.8 (2026-11-20)",
    applies_to=(DbInstance,),
    field="has_deletion_protection",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """Deletion protection is the only thing between one call, one console click or one deleted stack and the end of
    the instance; it is off by default.
    """
    if not (scene.is_production and scene.stands_alone(db)) or db.has_deletion_protection not in (None, False):
        return
    yield Fault(
        db,
        f"{db.key} can be deleted by one DeleteDBInstance call, or with its stack.",
        "set DeletionProtection to true; taking it down then needs two deliberate steps",
        mend=(replace(db, has_deletion_protection=True),),
    )
