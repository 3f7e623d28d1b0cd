"""DB041: an update by blue/green deployment of an instance that RDS makes none for."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance
from mainstay.plan.values import Json

# Where Terraform says so; CloudFormation has no word for it.
_WORD = "blue_green_update"


def _plan(*, manages_password: bool) -> Plan:
    extras: dict[str, Json] = {f"aws_db_instance.{_WORD}": [{"enabled": True}]}
    return plan_of(database(manages_password=manages_password, extras=extras))


def _bad() -> Plan:
    """Blue/green updates, and a password that RDS manages"""
    return _plan(manages_password=True)


def _good() -> Plan:
    """Blue/green updates, and a password of one's own"""
    return _plan(manages_password=False)


@rule(
    id="DB041",
    severity=Severity.WARNING,
    harm=Harm.REJECTED,
    summary="there is no blue/green for it",
    conflicts=("managed-password-blue-green", "cross-region-replica-blue-green"),
    applies_to=(DbInstance,),
    field="manages_password",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """The update that was to be without downtime fails when it is needed."""
    if not _is_asked_for(db):
        return
    source = db.source if isinstance(db.source, str) else ""
    there = (source.split(":") + [""] * 4)[3] if source.startswith("arn:") else ""
    if db.manages_password is True:
        hint = "generate the password in a secret of your own, or update without blue/green"
        yield Fault(db, f"{db.key} is to be updated by blue/green, and RDS manages its password.", hint)
    elif there and scene.region.region not in ("", there):
        hint = "update it without blue/green, before its source"
        yield Fault(db, f"{db.key} is to be updated by blue/green, and replicates an instance in {there}.", hint)


def _is_asked_for(db: DbInstance) -> bool:
    written = [value for path, value in db.extras.items() if _WORD in path]
    blocks = [block for value in written for block in (value if isinstance(value, list) else [value])]
    return any(block is True or (isinstance(block, dict) and block.get("enabled") is True) for block in blocks)
