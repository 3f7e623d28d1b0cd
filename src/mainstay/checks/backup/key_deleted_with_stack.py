"""BK032: an encryption key that goes with the stack, and takes every backup with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.backup.copies import vault_at
from mainstay.checks.backup.reach import rules_of
from mainstay.checks.examples import database, key_for, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, is_shown, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import BackupPlan, BackupVault, CopyAction, DbInstance, Fate, Key
from mainstay.plan.values import Ref


def _bad() -> Plan:
    """The database's key has no DeletionPolicy"""
    return plan_of(database(key_id=Ref("Key")), key_for(on_delete=None))


def _good() -> Plan:
    """The database's key is retained"""
    return plan_of(database(key_id=Ref("Key")), key_for(on_delete=Fate.RETAIN))


@rule(
    id="BK032",
    severity=Severity.ERROR,
    harm=Harm.DATA_LOSS,
    summary="the key of the backups is deleted with the stack",
    source="CloudFormation User Guide, aws-attribute-deletionpolicy; KMS Developer Guide, deleting-keys (2026-11-20)",
    applies_to=(Key,),
    field="on_delete",
    bad=_bad,
    good=_good,
)
def faults(key: Key, scene: Scene) -> Iterator[Fault]:
    """Deleting the stack schedules the key's deletion. When the window has passed, every snapshot and automated backup
    encrypted with it is unreadable for ever, the final snapshot included, and so is every copy in its vault (an
    original keeps the key of its database, whatever its vault has). Outside production a Delete that is written counts
    as a choice. Terraform shows no lifecycle of a resource, so nothing is said of what it shows.
    """
    if is_shown(key):
        return
    holders: list[DbInstance | BackupVault] = [*scene.region.of(DbInstance), *_holding_copies(scene)]
    encrypted = [one.key for one in holders if scene.region.resolve(one.key_id, Key) is key]
    is_chosen = key.on_delete is Fate.DELETE and not scene.is_production
    if not encrypted or is_chosen or key.on_delete not in (None, Fate.DELETE):
        return
    window = literal(key.pending_window, Duration)
    days = (window or Duration.days(30)) // Duration.days(1)
    yield Fault(
        key,
        f"{key.key} encrypts {', '.join(encrypted)}; {days} days after the stack is deleted no backup of"
        f" {'it' if len(encrypted) == 1 else 'them'} can be read.",
        "set the key's DeletionPolicy to Retain",
        mend=(replace(key, on_delete=Fate.RETAIN),),
    )


def _holding_copies(scene: Scene) -> Iterator[BackupVault]:
    """The vaults of this region into which a plan of any region copies."""
    scenes = [replace(scene, region=region) for region in scene.plan.regions]
    copies = [(copy.vault, one) for one in scenes for plan in one.region.of(BackupPlan) for copy in _copies(plan)]
    into = [vault_at(link, one) for link, one in copies]
    return (vault for vault in scene.region.of(BackupVault) if any(vault is one for one in into))


def _copies(plan: BackupPlan) -> Iterator[CopyAction]:
    return (copy for each in rules_of(plan) for copy in each.copies)
