"""BK034: a restore test that leaves the subnets to the default VPC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.backup.examples import (
    backed_up,
    restore_test,
)
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    DbInstance,
    RestoreTestingSelection,
)
from mainstay.plan.values import Attr, Ref


def _bad() -> Plan:
    """No dbSubnetGroupName"""
    return backed_up(TestedDatabase=restore_test(overrides={}))


def _good() -> Plan:
    """A dbSubnetGroupName"""
    return backed_up(TestedDatabase=restore_test(overrides={"dbSubnetGroupName": "isolated"}))


@rule(
    id="BK034",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="a restore test that finds no subnets",
    source="AWS Backup Developer Guide, restore-testing-inferred-metadata (2026-11-20)",
    applies_to=(RestoreTestingSelection,),
    bad=_bad,
    good=_good,
    field="overrides",
)
def faults(test: RestoreTestingSelection, scene: Scene) -> Iterator[Fault]:
    """A restore test does not look where the database stood: without dbSubnetGroupName it restores into the default
    VPC. Where there is none every test fails with `No default subnet detected in VPC`; where there is one the copy
    stands in public subnets.
    """
    names = {name.lower() for name in test.overrides}
    if test.resource_type != "RDS" or "dbsubnetgroupname" in names or hides(test, "override"):
        return
    databases = [db for db in scene.region.of(DbInstance) if scene.stands_alone(db)]
    placed = next((db for db in databases if db.subnet_group not in (None, "default")), None)
    if placed is not None:
        yield Fault(
            test,
            f"{test.key} restores without dbSubnetGroupName; {placed.key} itself stands in a subnet group of its own.",
            "add dbSubnetGroupName, and vpcSecurityGroupIds as a JSON list, to RestoreMetadataOverrides",
            mend=_placed(test, placed),
        )


def _placed(test: RestoreTestingSelection, db: DbInstance) -> tuple[RestoreTestingSelection, ...]:
    """The test in the database's own subnets, where it is known which they are."""
    link = db.subnet_group
    name = Attr(link.key, "id") if isinstance(link, Ref) else link
    if not isinstance(name, Attr | str):
        return ()
    return (replace(test, overrides={**test.overrides, "dbSubnetGroupName": name}),)
