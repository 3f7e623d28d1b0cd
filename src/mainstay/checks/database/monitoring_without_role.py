"""DB016: Enhanced Monitoring without the role it needs, a role without it, or an interval that there is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import database, plan_of
from mainstay.checks.giving import trusting
from mainstay.checks.grants import allows
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, Role
from mainstay.plan.values import Ref

_SERVICE = "monitoring.rds.amazonaws.com"
_ROLE = "arn:aws:iam::123456789012:role/monitoring"


def _bad() -> Plan:
    """An interval of 60 s and no role"""
    return plan_of(database(monitoring_interval=Duration(60)))


def _good() -> Plan:
    """An interval of 60 s and a role"""
    return plan_of(database(monitoring_interval=Duration(60), monitoring_role=_ROLE))


@rule(
    id="DB016",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="monitoring cannot begin",
    source="botocore RDS model, MonitoringInterval; cdk-preflight rules, reproduced against AWS (2026-11-20)",
    applies_to=(DbInstance,),
    field="monitoring_interval",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """RDS refuses an interval other than 0 without a role that `monitoring.rds.amazonaws.com` may assume, a role with
    an interval of 0, and any interval but the few that there are.
    """
    if hides(db, "monitoring"):
        return
    interval = Duration(0) if db.monitoring_interval is None else literal(db.monitoring_interval, Duration)
    if interval is None:
        return
    known = load("retention").data["monitoring_seconds"]
    if interval not in known:
        offered = ", ".join(str(each) for each in known)
        nearest = min((each for each in known if each), key=lambda each: (abs(each - interval), each))
        mend = (replace(db, monitoring_interval=Duration(nearest)),)
        detail = f"{db.key} is to be watched every {int(interval)} s."
        yield Fault(db, detail, f"write one of {offered} seconds", mend=mend)
    elif interval and db.monitoring_role is None:
        hint = "name a role with AmazonRDSEnhancedMonitoringRole, or set the interval to 0"
        yield Fault(db, f"{db.key} is to be watched every {int(interval)} s, and names no role for it.", hint)
    elif not interval and isinstance(db.monitoring_role, Ref | str) and db.monitoring_role:
        yield Fault(
            db,
            f"{db.key} names a role for monitoring, at an interval of 0.",
            "write 60 s, or drop the role",
            field="monitoring_role",
        )
    role = scene.region.resolve(db.monitoring_role, Role)
    if role is not None and role.trust.statements and not allows(role.trust, _SERVICE, ("sts:AssumeRole",)):
        hint = f"let {_SERVICE} assume {role.key}"
        detail = f"{role.key} is to watch {db.key}, but does not trust {_SERVICE}."
        yield Fault(role, detail, hint, field="trust", mend=(trusting(role, _SERVICE),))
