"""DB018: a zone for an instance that is to stand in two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, is_shown
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance
from mainstay.plan.values import Zone


def _bad() -> Plan:
    """Multi-AZ, in us-east-1a"""
    return plan_of(database(is_multi_az=True, zone="us-east-1a"))


def _good() -> Plan:
    """Multi-AZ, and RDS chooses the zones"""
    return plan_of(database(is_multi_az=True, zone=None))


@rule(
    id="DB018",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="a Multi-AZ instance has no zone of its own",
    conflicts=("multi-az-zone",),
    applies_to=(DbInstance,),
    field="zone",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """The stack fails while the instance is made."""
    # Terraform shows the zone in which the primary happens to be.
    if db.is_multi_az is True and isinstance(db.zone, str | Zone) and not is_shown(db):
        where = db.zone if isinstance(db.zone, str) else f"zone {db.zone.index + 1} of the region"
        yield Fault(
            db,
            f"{db.key} is Multi-AZ and is to stand in {where}.",
            "leave the zone out; the subnet group says which zones there are",
            mend=(replace(db, zone=None),),
        )
