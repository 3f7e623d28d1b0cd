"""DB040: snapshots that nobody can tell apart, because the instance's tags are not copied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance


def _bad() -> Plan:
    """An instance with a tag, and nothing written about copying it"""
    return plan_of(database(tags={"team": "shop"}))


def _good() -> Plan:
    """CopyTagsToSnapshot is true"""
    return plan_of(database(tags={"team": "shop"}, copies_tags_to_snapshots=True))


@rule(
    id="DB040",
    severity=Severity.INFO,
    harm=Harm.UNPROTECTED,
    summary="snapshots have no tags",
    source="botocore RDS model, CopyTagsToSnapshot; Security Hub RDS.17 (2026-11-20)",
    applies_to=(DbInstance,),
    field="copies_tags_to_snapshots",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """Tags are not copied to snapshots by default: policies and clean-ups that go by tags pass them by, and their cost
    is nobody's. After the instance is gone, its last snapshot does not even say whose it was.
    """
    if not db.tags or db.copies_tags_to_snapshots not in (None, False) or not scene.stands_alone(db):
        return
    if not hides(db, "copytags"):
        yield Fault(
            db,
            f"{db.key} has {len(db.tags)} tag{'' if len(db.tags) == 1 else 's'}, and its snapshots have none.",
            "set CopyTagsToSnapshot to true",
            mend=(replace(db, copies_tags_to_snapshots=True),),
        )
