"""DB036: automated backups that RDS will not replicate into another region."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay import facts
from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance
from mainstay.plan.values import Join

_UNSEEN = "?"


def _plan(target: str) -> Plan:
    key = f"arn:aws:kms:{target}:123456789012:key/1f2e"
    return plan_of(database(backup_replica_region=target, backup_replica_key=key))


def _bad() -> Plan:
    """From us-east-1 to me-south-1, which is no pair"""
    return _plan("me-south-1")


def _good() -> Plan:
    """From us-east-1 to us-west-2, with a key there"""
    return _plan("us-west-2")


@rule(
    id="DB036",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="backups are not replicated there",
    source="RDS User Guide, USER_ReplicateBackups (2026-11-20)",
    applies_to=(DbInstance,),
    field="backup_replica_region",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """RDS replicates automated backups between certain regions only, for 1 to 35 days, and what is encrypted with a key
    of the destination. Copies by AWS Backup know no such pairs.
    """
    target, here = literal(db.backup_replica_region, str), scene.region.region
    if target is None:
        return
    known = facts.replication_targets(here)
    if known and target not in known:
        detail = f"RDS does not replicate automated backups from {here} to {target}."
        yield Fault(db, detail, f"choose one of {', '.join(known)}, or copy by AWS Backup")
    place = _region_of(db.backup_replica_key)
    if db.is_encrypted is True and db.backup_replica_key is None:
        detail = f"{db.key} is encrypted, and no key is named for its backups in {target}."
        yield Fault(
            db,
            detail,
            f"name a key of {target} by its ARN (AutomaticBackupReplicationKmsKeyId)",
            field="backup_replica_key",
        )
    elif place not in (None, target):
        detail = f"The backups of {db.key} go to {target}, but their key is one of {place}."
        yield Fault(db, detail, f"name a key of {target}", field="backup_replica_key")
    yield from _retention(db, target)


def _region_of(key: object) -> str | None:
    """The region in a key's ARN, as far as it is written out; None for anything else."""
    parts = key.parts if isinstance(key, Join) else (key,)
    fields = "".join(part if isinstance(part, str) else _UNSEEN for part in parts).split(":")
    return fields[3] if fields[0] == "arn" and len(fields) > 3 and _UNSEEN not in fields[3] else None


def _retention(db: DbInstance, target: str) -> Iterator[Fault]:
    kept = literal(db.backup_replica_retention, Duration)
    days = None if kept is None else kept // Duration.days(1)
    most = facts.load("retention").data["automated_backup_days"]["most"]
    if days is not None and not 1 <= days <= most:
        detail = f"The backups of {db.key} are to be kept for {days} days in {target}."
        nearest = Duration.days(min(max(days, 1), most))
        mend = (replace(db, backup_replica_retention=nearest),)
        yield Fault(db, detail, f"write 1 to {most} days", field="backup_replica_retention", mend=mend)
    if literal(db.backup_retention, Duration) == 0:
        detail = f"{db.key} is to have its automated backups in {target}, but they are off (0 days)."
        yield Fault(db, detail, "set the backup retention to 1 day or more", field="backup_retention")
