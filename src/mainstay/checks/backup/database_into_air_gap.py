"""BK024: an instance sent into a logically air-gapped vault."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.examples import (
    ELSEWHERE,
    backed_up,
    tier,
)
from mainstay.checks.backup.reach import reached, rules_of, title
from mainstay.checks.links import linked
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    CopyAction,
    Opaque,
)
from mainstay.plan.values import (
    Ref,
)

_AIR_GAPPED = ("AWS::Backup::LogicallyAirGappedBackupVault", "aws_backup_logically_air_gapped_vault")


def _bad() -> Plan:
    """Copies of an instance into a logically air-gapped vault"""
    airtight = Opaque(
        key="Airtight",
        type="AWS::Backup::LogicallyAirGappedBackupVault",
        properties={"BackupVaultName": "airtight", "MinRetentionDays": 7, "MaxRetentionDays": 365},
    )
    return backed_up(tier(copies=(CopyAction(vault=Ref("Airtight")),)), Airtight=airtight)


def _good() -> Plan:
    """Copies of an instance into another vault"""
    airtight = Opaque(
        key="Airtight",
        type="AWS::Backup::LogicallyAirGappedBackupVault",
        properties={"BackupVaultName": "airtight", "MinRetentionDays": 7, "MaxRetentionDays": 365},
    )
    return backed_up(tier(copies=(CopyAction(vault=ELSEWHERE),)), Airtight=airtight)


@rule(
    id="BK024",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="an air-gapped vault takes no RDS instance",
    conflicts=("instance-air-gapped",),
    applies_to=(BackupPlan,),
    field="rules",
    bad=_bad,
    good=_good,
)
def faults(plan: BackupPlan, scene: Scene) -> Iterator[Fault]:
    """It holds Aurora clusters, volumes and file systems. Each job of an instance fails, and the copy that was to
    survive everything does not exist.
    """
    databases = ", ".join(db.key for db in reached(plan, scene))
    for each in rules_of(plan) if databases else []:
        for link in (each.vault, *(copy.vault for copy in each.copies)):
            found = linked(link, scene)
            if isinstance(found, Opaque) and found.type in _AIR_GAPPED:
                yield Fault(
                    plan,
                    f"{title(each)} in {plan.key} sends {databases} into {found.key}, which is logically air-gapped.",
                    "copy instances into a locked vault of another account, not into an air-gapped one",
                )
