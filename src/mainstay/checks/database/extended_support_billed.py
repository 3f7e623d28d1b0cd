"""DB010: a major whose standard support has ended, and which AWS bills by the vCPU without asking."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay import facts
from mainstay.checks.examples import database, plan_of, settings
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance
from mainstay.plan.values import Ref

_HOURS_A_MONTH = 730


def _bad() -> Plan:
    """PostgreSQL 13, out of standard support since 2026-02-28, on 2 vCPU and as many of the standby"""
    return plan_of(
        database(engine_version="13.23", parameter_group=Ref("Settings")),
        settings("postgres13", **{"rds.force_ssl": "1"}),
    )


def _good() -> Plan:
    """PostgreSQL 15, in standard support until 2028-02-29"""
    return plan_of(database(engine_version="15.19"))


@rule(
    id="DB010",
    severity=Severity.WARNING,
    harm=Harm.COST,
    summary="Extended Support is billed",
    source="RDS release calendars; infracost golden files us-east-1 of 2026-08-21 (2026-11-20)",
    applies_to=(DbInstance,),
    field="engine_version",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """Extended Support is on by default and bills every vCPU by the hour, standbys and replicas included; on a small
    instance it costs ten times the instance itself.
    """
    engine, version = scene.engine_of(db), scene.version_of(db)
    dates = facts.lifecycle(engine, version) if engine and version else None
    # A replica is made as its source is: CreateDBInstanceReadReplica takes no EngineLifecycleSupport (botocore 1.44.5).
    written = (each.lifecycle_support for each in scene.lineage(db) if each.lifecycle_support is not None)
    if dates is None or next(written, None) not in (None, "open-source-rds-extended-support"):
        return
    if scene.today < dates.charged_from:
        return
    yield Fault(
        db,
        f"{engine} {version} left standard support on {dates.standard_ends}; Extended Support is billed since"
        f" {dates.charged_from}{_price(db, scene, is_third_year=scene.today >= dates.year_3_from)}.",
        f"move to {engine} {facts.majors(str(engine))[-1]}; without Extended Support RDS upgrades it by itself, and"
        " refuses to create or restore this version",
    )


def _price(db: DbInstance, scene: Scene, *, is_third_year: bool) -> str:
    shape = facts.class_shape(scene.inherited(db, "instance_class", str) or "")
    if shape is None:
        return ""
    prices = facts.load("prices").data
    an_hour = prices.get("extended_support_vcpu_hour", {}).get("y3" if is_third_year else "y1-2")
    if an_hour is None:
        return ""
    vcpus = shape[0] * (2 if db.is_multi_az is True else 1)
    a_month, region = vcpus * an_hour * _HOURS_A_MONTH, prices["region"]
    return f", about ${a_month:,.0f} a month for {vcpus} vCPU at ${an_hour:.2f} ({region})"
