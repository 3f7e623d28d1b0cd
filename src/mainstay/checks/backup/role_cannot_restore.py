"""BK030: a role that backs up and cannot bring back."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
    role,
)
from mainstay.checks.giving import with_policy
from mainstay.checks.links import linked
from mainstay.checks.powers import FOR_BACKUP, FOR_RESTORES, aws_policies, may
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupSelection,
    Resource,
    RestoreTestingSelection,
    Role,
)

_ACTION = "rds:RestoreDBInstanceFromDBSnapshot"


def _bad() -> Plan:
    """A restore test with the policy for backups only"""
    return backed_up(BackupRole=role(FOR_BACKUP), Selection=None)


def _good() -> Plan:
    """A restore test with the policy for restores"""
    return backed_up(BackupRole=role(FOR_RESTORES), Selection=None)


@rule(
    id="BK030",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="the role may not restore",
    source="AWS Backup Developer Guide, security-iam-awsmanpol and restore-testing (2026-11-20)",
    applies_to=(
        BackupSelection,
        RestoreTestingSelection,
    ),
    field="role",
    bad=_bad,
    good=_good,
)
def faults(selection: Resource, scene: Scene) -> Iterator[Fault]:
    """Backup and restore are two policies. Restore tests with a role that has the first one alone fail every time; and
    on the day of the disaster somebody has to be allowed to change IAM before anything comes back.
    """
    found = linked(getattr(selection, "role", None), scene)
    if not isinstance(found, Role) or _restores(found, scene):
        return
    if isinstance(selection, RestoreTestingSelection):
        if selection.resource_type == "RDS":
            yield Fault(
                selection,
                f"{selection.key} restores as {found.key}, which may not {_ACTION}.",
                f"give {found.key} the policy arn:aws:iam::aws:policy/{FOR_RESTORES}",
                mend=(with_policy(found, FOR_RESTORES),),
            )
    elif FOR_BACKUP in aws_policies(found) and not any(_restores(one, scene) for one in scene.region.of(Role)):
        yield Fault(
            selection,
            f"{selection.key} backs up as {found.key}, and no role here may restore.",
            f"add {FOR_RESTORES} to {found.key}, or know the role that restores will use",
            Severity.INFO,
        )


def _restores(role: Role, scene: Scene) -> bool:
    return FOR_RESTORES in aws_policies(role) or may(role, _ACTION, scene)
