"""BK019: backups within reach of whoever takes over the database."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.backup.copies import stays
from mainstay.checks.backup.examples import (
    ELSEWHERE,
    backed_up,
    tier,
)
from mainstay.checks.backup.reach import databases_alone, is_written_out, rules_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene
from mainstay.core.findings import Harm, Severity
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    CopyAction,
    DbInstance,
)


def _bad() -> Plan:
    """Profile ransomware, and all backups in one vault"""
    return backed_up(intent=Intent(profile="ransomware"))


def _good() -> Plan:
    """Profile ransomware, and copies in another region"""
    return backed_up(tier(copies=(CopyAction(vault=ELSEWHERE),)), intent=Intent(profile="ransomware"))


@rule(
    id="BK019",
    severity=Severity.ERROR,
    harm=Harm.UNPROTECTED,
    summary="no backup leaves the region or the account",
    source="AWS Backup Developer Guide, cross-region-backup and create-cross-account-backup (2026-11-20)",
    applies_to=(DbInstance,),
    field="backup_replica_region",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """Whoever gets hold of an administrator of this account, or of everything in this region, deletes the database and
    its recovery points with the same rights. The profile `ransomware` promises that one copy is out of reach.
    """
    if not scene.fears_intruders or not scene.stands_alone(db) or db.backup_replica_region is not None:
        return
    plans = [plan for plan in scene.region.of(BackupPlan) if not _leaves_out(plan, db, scene)]
    links = [copy.vault for plan in plans for each in rules_of(plan) for copy in each.copies]
    if all(stays(link, scene) for link in links) and all(map(is_written_out, plans)):
        yield Fault(
            db,
            f"{db.key} has {len(links) or 'no'} copies, none of them in another region or account.",
            "add a copy action into a locked vault of another account (protection.backup_plan.copies)",
        )


def _leaves_out(plan: BackupPlan, db: DbInstance, scene: Scene) -> bool:
    """Whether every selection of a plan names instances of this region, and this one is not among them."""
    named = databases_alone(plan, scene)
    return bool(named) and db.key not in named
