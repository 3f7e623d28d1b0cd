"""BK028: a role that trusts another service."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
    role,
)
from mainstay.checks.giving import trusting
from mainstay.checks.grants import allows
from mainstay.checks.links import linked
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.policies import Policy
from mainstay.plan.resources import (
    BackupSelection,
    Resource,
    RestoreTestingSelection,
    Role,
)


def _bad() -> Plan:
    """A role that trusts rds.amazonaws.com"""
    return backed_up(BackupRole=role(service="rds.amazonaws.com"), TestedDatabase=None)


def _good() -> Plan:
    """A role that trusts backup.amazonaws.com"""
    return backed_up(BackupRole=role(service="backup.amazonaws.com"), TestedDatabase=None)


@rule(
    id="BK028",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="a role that AWS Backup may not assume",
    source="AWS Backup Developer Guide, iam-service-roles (2026-11-20)",
    applies_to=(
        BackupSelection,
        RestoreTestingSelection,
    ),
    field="role",
    bad=_bad,
    good=_good,
)
def faults(selection: Resource, scene: Scene) -> Iterator[Fault]:
    """AWS Backup works with the rights of the role that the selection names. When the role does not let
    backup.amazonaws.com assume it, the selection is refused, and the stack rolls back.
    """
    named: object = getattr(selection, "role", None)
    found = linked(named, scene)
    trust = literal(found.trust, Policy) if isinstance(found, Role) else None
    if found is None or trust is None or not trust.statements or hides(found, "assume"):
        return
    if not allows(trust, "backup.amazonaws.com", ("sts:AssumeRole",)):
        yield Fault(
            selection,
            f"{selection.key} names {found.key}, which does not trust backup.amazonaws.com.",
            f"let {found.key} be assumed by the service backup.amazonaws.com",
            mend=(trusting(found, "backup.amazonaws.com"),) if isinstance(found, Role) else (),
        )
