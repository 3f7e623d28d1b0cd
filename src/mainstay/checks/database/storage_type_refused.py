"""DB015: throughput for a type that has none to set, or a type of storage that RDS no longer makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Bytes
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance

_LARGE = {"storage": Bytes.gib(400), "max_storage": Bytes.gib(1000)}


def _bad() -> Plan:
    """500 MiB/s written for gp2"""
    return plan_of(database(storage_type="gp2", throughput_mib_s=500, **_LARGE))


def _good() -> Plan:
    """500 MiB/s written for gp3"""
    return plan_of(database(storage_type="gp3", throughput_mib_s=500, iops=12_000, **_LARGE))


@rule(
    id="DB015",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="the storage type does not do that",
    source="RDS User Guide, CHAP_Storage; botocore RDS model, StorageThroughput (2026-11-20)",
    applies_to=(DbInstance,),
    field="storage_type",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """Only gp3 lets throughput be set; every other type refuses the property. Magnetic storage (`standard`) cannot be
    created any more, and since 1 July 2026 no snapshot can be restored onto it either.
    """
    kind, throughput = literal(db.storage_type, str), literal(db.throughput_mib_s, int)
    if scene.engine_of(db) is None or kind is None:
        return
    if kind == "standard":
        yield Fault(
            db,
            f"{db.key} has magnetic storage, which RDS no longer makes or restores.",
            "write gp3 as its storage type",
            mend=(replace(db, storage_type="gp3", throughput_mib_s=None),),
        )
    elif throughput and kind != "gp3":
        yield Fault(
            db,
            f"{throughput:,} MiB/s are written for {db.key}, whose storage is {kind}.",
            "move to gp3, or leave the throughput out",
            field="throughput_mib_s",
        )
