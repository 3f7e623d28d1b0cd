"""DB031: a database with a public address."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance


def _bad() -> Plan:
    """Neither PubliclyAccessible nor a subnet group is written"""
    return plan_of(database(is_public=None, subnet_group=None))


def _good() -> Plan:
    """PubliclyAccessible is not written, but there is a subnet group"""
    return plan_of(database(is_public=None, subnet_group="isolated"))


@rule(
    id="DB031",
    severity=Severity.ERROR,
    harm=Harm.SECURITY,
    summary="the database has a public address",
    source="botocore RDS model, PubliclyAccessible; Security Hub RDS.2 (2026-11-20)",
    applies_to=(DbInstance,),
    field="is_public",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """The endpoint resolves to a public address, and one loose security group away stands the internet. Without a
    subnet group the instance lands in the default VPC, where a public address is the default.
    """
    if db.is_public is True:
        yield Fault(
            db, f"{db.key} is publicly accessible.", "set PubliclyAccessible to false; people come by a bastion"
        )
    elif db.is_public is None and db.subnet_group is None and db.snapshot is None and scene.stands_alone(db):
        yield Fault(
            db,
            f"{db.key} names no subnet group, so it stands in the default VPC with a public address.",
            "give it a subnet group of private subnets, and set PubliclyAccessible to false",
        )
