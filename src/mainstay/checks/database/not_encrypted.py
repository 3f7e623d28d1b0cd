"""DB038: storage, snapshots and backups that whoever gets at them can read."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, is_certain
from mainstay.core.findings import Harm, Severity
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance


def _bad() -> Plan:
    """Nothing is written, so the default, off, holds"""
    return plan_of(database(is_encrypted=None))


def _good() -> Plan:
    """Storage encryption is on"""
    return plan_of(database(is_encrypted=True))


@rule(
    id="DB038",
    severity=Severity.WARNING,
    harm=Harm.SECURITY,
    summary="the storage is not encrypted",
    source="botocore RDS model, StorageEncrypted; cfn-lint 1.58.0, kmskey_storageencrypted; Security Hub RDS.3"
    " (2026-11-20)",
    applies_to=(DbInstance,),
    field="is_encrypted",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """Encryption is off by default, and can only be switched on by replacing the instance: decide before the first
    deployment. Snapshots, automated backups, replicas and copies are encrypted when the storage is, and only then.
    """
    if db.is_encrypted not in (None, False) or hides(db, "encrypted"):
        return
    # What is restored or replicated is as its origin is, where nothing is written.
    if not scene.stands_alone(db) or (db.snapshot is not None and db.is_encrypted is None):
        return
    if is_certain(db.key_id):
        yield Fault(
            db,
            f"{db.key} names a key, but its storage is not to be encrypted; RDS refuses that.",
            "set StorageEncrypted to true",
            Severity.ERROR,
            "key_id",
        )
    elif scene.is_production:
        why = "nothing is written, which means no" if db.is_encrypted is None else "StorageEncrypted is false"
        yield Fault(
            db,
            f"Storage and backups of {db.key} are not encrypted ({why}).",
            "set StorageEncrypted to true, and name a key of your own where copies leave the account",
        )
