"""BK029: a role without the rights for a snapshot."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    backed_up,
    role,
)
from mainstay.checks.backup.reach import takes
from mainstay.checks.giving import with_policy
from mainstay.checks.links import linked
from mainstay.checks.powers import FOR_BACKUP, FOR_RESTORES, aws_policies, may
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupSelection,
    DbInstance,
    Role,
)

# As they are misspelled, and as they are.
_MISNAMED: dict[str | None, str] = {
    FOR_BACKUP.removeprefix("service-role/"): FOR_BACKUP,
    FOR_RESTORES.removeprefix("service-role/"): FOR_RESTORES,
    FOR_RESTORES.removesuffix("s"): FOR_RESTORES,
}


def _bad() -> Plan:
    """The policy without service-role/ in its ARN"""
    return backed_up(BackupRole=role("AWSBackupServiceRolePolicyForBackup"), TestedDatabase=None)


def _good() -> Plan:
    """The policy as AWS names it"""
    return backed_up(
        BackupRole=role("service-role/AWSBackupServiceRolePolicyForBackup", FOR_RESTORES), TestedDatabase=None
    )


@rule(
    id="BK029",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="the role may not back up a database",
    source="AWS Backup Developer Guide, security-iam-awsmanpol (2026-11-20)",
    applies_to=(BackupSelection,),
    field="role",
    bad=_bad,
    good=_good,
)
def faults(selection: BackupSelection, scene: Scene) -> Iterator[Fault]:
    """With a policy that does not exist the stack rolls back. With a role that lacks rds:CreateDBSnapshot everything
    deploys and each night's job fails, which nobody sees who is not told.
    """
    found = linked(selection.role, scene)
    if not isinstance(found, Role):
        return
    names = aws_policies(found)
    for wrong in (name for name in names if name in _MISNAMED):
        yield Fault(
            selection,
            f"{found.key} names the policy {wrong}, which does not exist.",
            f"write arn:aws:iam::aws:policy/{_MISNAMED[wrong]}",
            mend=(with_policy(found, _MISNAMED[wrong], instead_of=str(wrong)),),
        )
    taken = [db.key for db in scene.region.of(DbInstance) if scene.stands_alone(db) and takes(selection, db)]
    if taken and FOR_BACKUP not in names and not may(found, "rds:CreateDBSnapshot", scene):
        yield Fault(
            selection,
            f"{selection.key} backs up {', '.join(taken)} as {found.key}, which may not rds:CreateDBSnapshot.",
            f"give {found.key} the policy arn:aws:iam::aws:policy/{FOR_BACKUP}",
            mend=(with_policy(found, FOR_BACKUP),),
        )
