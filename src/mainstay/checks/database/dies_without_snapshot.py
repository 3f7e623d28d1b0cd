"""DB004: an instance that CloudFormation deletes or replaces without a last snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, Fate


def _bad() -> Plan:
    """A snapshot on deletion, and nothing written for replacement"""
    return plan_of(database(on_delete=Fate.SNAPSHOT, on_replace=None))


def _good() -> Plan:
    """A snapshot on replacement; on deletion nothing is written, which for an instance means a snapshot too"""
    return plan_of(database(on_delete=None, on_replace=Fate.SNAPSHOT))


@rule(
    id="DB004",
    severity=Severity.ERROR,
    harm=Harm.DATA_LOSS,
    summary="a database goes without a last snapshot",
    source="CloudFormation User Guide, aws-attribute-deletionpolicy and aws-attribute-updatereplacepolicy (2026-11-20)",
    applies_to=(DbInstance,),
    field="on_delete",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """DeletionPolicy does not cover replacement: when a changed property (name, key, encryption, subnet group, user)
    makes CloudFormation replace the instance, the old one is deleted with its data unless UpdateReplacePolicy says
    otherwise; its default is Delete. Outside production a Delete that is written counts as a choice.
    """
    if not scene.stands_alone(db):
        return
    if scene.is_production and db.on_delete is Fate.DELETE:
        yield Fault(
            db,
            f"When {db.key} leaves the template or the stack is deleted, its data is deleted at once.",
            "set DeletionPolicy to Snapshot (or Retain)",
            mend=(replace(db, on_delete=Fate.SNAPSHOT),),
        )
    if hides(db, "updatereplacepolicy"):  # an expression, or a word that CloudFormation refuses
        return
    if db.on_replace is None or (scene.is_production and db.on_replace is Fate.DELETE):
        why = "nothing is written, which means Delete" if db.on_replace is None else "Delete is written"
        yield Fault(
            db,
            f"When an update replaces {db.key}, the old instance is deleted without a snapshot ({why}).",
            "set UpdateReplacePolicy to Snapshot (or Retain)",
            None if scene.is_production else Severity.WARNING,
            field="on_replace",
            mend=(replace(db, on_replace=Fate.SNAPSHOT),),
        )
