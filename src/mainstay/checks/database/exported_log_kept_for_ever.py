"""DB023: exported logs that nobody ever deletes."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, leaves, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.facts import load
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, LogGroup, Opaque


def _plan(retention: Duration | None) -> Plan:
    group = LogGroup(key="Log", name="/aws/rds/instance/shop/postgresql", retention=retention)
    return plan_of(database(identifier="shop", log_exports=("postgresql",)), group)


def _bad() -> Plan:
    """A log group for the exported log, without a retention"""
    return _plan(None)


def _good() -> Plan:
    """The same, which keeps 30 days"""
    return _plan(Duration.days(30))


@rule(
    id="DB023",
    severity=Severity.INFO,
    harm=Harm.COST,
    summary="exported logs are kept for ever",
    source="RDS User Guide, USER_LogAccess.Procedural.UploadtoCloudWatch (2026-11-20)",
    applies_to=(DbInstance,),
    field="log_exports",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """RDS makes the log group itself where there is none, and never deletes anything from it: the bill grows by the
    month, and so does what a log gives away. A group that the stack makes first, under RDS's name, decides.
    """
    # The CDK sets the retention by a resource of its own, after the group is there.
    if any(one.type.startswith("Custom::LogRetention") for one in scene.region.of(Opaque)):
        return
    engine = scene.engine_of(db)
    known = load("log_exports").data[engine] if engine else ()
    named = [name for each in db.log_exports if (name := literal(each, str)) is not None]
    logs = [name for name in named if name in known and _is_for_ever(db, name, scene)]
    if logs:
        name = literal(db.identifier, str) or "<identifier>"
        yield Fault(
            db,
            f"Nothing says how long {', '.join(logs)} of {db.key} {'is' if len(logs) == 1 else 'are'} kept.",
            f"make a log group /aws/rds/instance/{name}/{logs[0]} with a retention, before the instance",
        )


def _is_for_ever(db: DbInstance, log: str, scene: Scene) -> bool:
    groups = [each for each in scene.region.of(LogGroup) if _may_be(each, db, log)]
    # Terraform writes 0 for ever.
    return all(each.retention in (None, 0) and not hides(each, "retention") for each in groups)


def _may_be(group: LogGroup, db: DbInstance, log: str) -> bool:
    """Whether a group's name is RDS's name for this log, as far as that can be seen."""
    parts = list(leaves(group.name))
    if not isinstance(parts[-1], str):
        return parts != [None]
    identifier = literal(db.identifier, str)
    if len(parts) == 1 and identifier:
        return parts[0] == f"/aws/rds/instance/{identifier.lower()}/{log}"
    return parts[-1].endswith(f"/{log}")
