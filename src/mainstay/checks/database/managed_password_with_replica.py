"""DB034: a read replica of an instance whose password RDS manages."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import database, plan_of, replica
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance


def _bad() -> Plan:
    """A managed password, and a replica"""
    return plan_of(database(manages_password=True), replica())


def _good() -> Plan:
    """A managed password without a replica"""
    return plan_of(database(manages_password=True))


@rule(
    id="DB034",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="a managed password rules out replicas",
    conflicts=("managed-password-replica",),
    applies_to=(DbInstance,),
    field="manages_password",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """SQL Server alone is exempt. The stack fails after the primary has been created."""
    source = scene.region.resolve(db.source, DbInstance)
    if source is not None and source.manages_password is True and scene.engine_of(source) is not None:
        yield Fault(
            db,
            f"{db.key} replicates {source.key}, whose password RDS manages.",
            "generate the password in a secret of your own and attach it, or do without the replica",
        )
