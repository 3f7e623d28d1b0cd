"""DB045: a production database that stands in one zone."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance


def _bad() -> Plan:
    """Nothing is written, so there is no standby"""
    return plan_of(database(is_multi_az=None))


def _good() -> Plan:
    """A standby in another zone"""
    return plan_of(database(is_multi_az=True))


@rule(
    id="DB045",
    severity=Severity.WARNING,
    harm=Harm.OUTAGE,
    summary="a production database has no standby",
    source="RDS User Guide, Concepts.MultiAZSingleStandby; Security Hub RDS.5 (2026-11-20)",
    applies_to=(DbInstance,),
    field="is_multi_az",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """When its server, its disk or its zone goes, the database is gone until it has been restored, which takes half an
    hour for an empty one and hours for a large one; a standby takes over in one or two minutes. It is also away for as
    long as every patch takes. How much a burst of load needs is judged nowhere: classes t3 and t4g pass.
    """
    if not (scene.is_production and scene.stands_alone(db)) or db.is_multi_az not in (None, False):
        return
    if not hides(db, "multi"):
        yield Fault(
            db,
            f"{db.key} stands in one zone ({'MultiAZ is false' if db.is_multi_az is False else 'the default'}).",
            "set MultiAZ to true, which doubles the price of the instance, or say that it is not production",
        )
