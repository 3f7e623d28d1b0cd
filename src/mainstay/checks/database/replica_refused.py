"""DB035: a read replica that cannot be made of its source, or that is told what only its source decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import plan_of, replica
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, is_certain, is_shown, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Duration
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance

_ELSEWHERE = "arn:aws:rds:eu-west-1:123456789012:db:shop"
_KEY = "arn:aws:kms:us-east-1:123456789012:key/1f2e"
_INHERITED = {"username": "MasterUsername", "password": "MasterUserPassword", "database_name": "DBName"}


def _bad() -> Plan:
    """An encrypted replica of an instance in another region, without a key of its own region"""
    return plan_of(replica(source=_ELSEWHERE, is_encrypted=True))


def _good() -> Plan:
    """The same, with a key of its own region"""
    return plan_of(replica(source=_ELSEWHERE, is_encrypted=True, key_id=_KEY))


@rule(
    id="DB035",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="the replica cannot be made",
    source="CloudFormation Template Reference, AWS::RDS::DBInstance (2026-11-20)",
    conflicts=("replica-without-backups",),
    applies_to=(DbInstance,),
    field="source",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """A source in another region has to be named by ARN, and what is encrypted there needs a key here. Name, user and
    password are the source's.
    """
    if db.source is None:
        return
    source = scene.region.resolve(db.source, DbInstance)
    kept = literal(source.backup_retention, Duration) if source else None
    if source is not None and kept == 0:
        detail = f"{db.key} replicates {source.key}, whose automated backups are off."
        mend = (replace(source, backup_retention=Duration.days(7)),)
        yield Fault(db, detail, f"set the backup retention of {source.key} to 1 day or more", mend=mend)
    if isinstance(db.source, str):
        yield from _across_regions(db, db.source, scene)
    written = [name for field, name in _INHERITED.items() if is_certain(getattr(db, field))]
    # Terraform shows what a replica has inherited.
    if written and not is_shown(db):
        yield Fault(
            db,
            f"{db.key} is a replica and has {', '.join(written)} written, which are its source's.",
            "leave them out: they are ignored at first, and fail the update that changes them",
            Severity.WARNING,
            mend=(replace(db, username=None, password=None, database_name=None),),
        )


def _across_regions(db: DbInstance, source: str, scene: Scene) -> Iterator[Fault]:
    here = scene.region.region
    if not source.startswith("arn:"):
        for region in scene.plan.regions:
            if region is not scene.region and any(one.identifier == source for one in region.of(DbInstance)):
                detail = f"{db.key} in {here} names its source {source} in {region.region} by its identifier."
                yield Fault(db, detail, "name it by its ARN")
        return
    there = (source.split(":") + [""] * 4)[3]
    if not here or there == here:
        return
    key = literal(db.key_id, str)
    if db.is_encrypted is True and db.key_id is None and not hides(db, "kmskey"):
        detail = f"{db.key} is an encrypted replica in {here} of an instance in {there}, and names no key."
        yield Fault(db, detail, f"name a key of {here}", field="is_encrypted")
    elif key and key.startswith("arn:") and f":{here}:" not in key:
        yield Fault(db, f"{db.key} in {here} names the key {key} of another region.", f"name a key of {here}")
