"""DB005: automated backups that vanish together with the instance."""

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
    """Nothing is written, so the default holds"""
    return plan_of(database(deletes_automated_backups=None))


def _good() -> Plan:
    """DeleteAutomatedBackups is false"""
    return plan_of(database(deletes_automated_backups=False))


@rule(
    id="DB005",
    severity=Severity.WARNING,
    harm=Harm.DATA_LOSS,
    summary="automated backups are deleted with the instance",
    source="botocore RDS model, DeleteDBInstance.DeleteAutomatedBackups (2026-11-20)",
    applies_to=(DbInstance,),
    field="deletes_automated_backups",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """When the instance is deleted, by mistake or by an update that replaces it, RDS removes its automated backups
    immediately. The last snapshot holds the state at deletion only: no point in time before the mistake is left.
    """
    if not (scene.is_production and scene.stands_alone(db)) or db.deletes_automated_backups not in (None, True):
        return
    why = (
        "DeleteAutomatedBackups is true" if db.deletes_automated_backups else "DeleteAutomatedBackups defaults to true"
    )
    yield Fault(
        db,
        f"{why}: every restore point of {db.key} goes when it is deleted.",
        "set DeleteAutomatedBackups to false; retained backups expire by their retention",
        mend=(replace(db, deletes_automated_backups=False),),
    )
