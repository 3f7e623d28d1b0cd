"""DB012: IOPS or throughput written for a gp3 volume too small to have any but its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mainstay import facts
from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, is_shown, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Bytes
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance


def _bad() -> Plan:
    """12,000 IOPS on 399 GiB of gp3"""
    return plan_of(database(storage_type="gp3", storage=Bytes.gib(399), max_storage=Bytes.gib(1000), iops=12_000))


def _good() -> Plan:
    """12,000 IOPS on 400 GiB of gp3"""
    return plan_of(database(storage_type="gp3", storage=Bytes.gib(400), max_storage=Bytes.gib(1000), iops=12_000))


@rule(
    id="DB012",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="a small gp3 volume's performance is fixed",
    conflicts=("gp3-small-performance",),
    applies_to=(DbInstance,),
    field="storage",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """It answers `You can't specify IOPS or storage throughput … less than 400.` Unlike on EC2, more cannot be bought
    for a small volume.
    """
    size, limits = literal(db.storage, Bytes), facts.storage("gp3")
    if literal(db.storage_type, str) != "gp3" or size is None or limits is None or scene.engine_of(db) is None:
        return
    threshold = limits.settable_from_gib or 0
    for field, unit, value, own in (
        ("iops", "IOPS", db.iops, limits.base_iops),
        ("throughput_mib_s", "MiB/s", db.throughput_mib_s, limits.base_mib_s),
    ):
        count = literal(value, int)
        # Terraform shows what the volume has by itself, too.
        if not count or size >= Bytes.gib(threshold) or (is_shown(db) and count == own):
            continue
        yield Fault(
            db,
            f"{db.key} has {size} of gp3, which come with {own:,} {unit}; {count:,} are written.",
            f"leave it out, or make the volume {threshold} GiB or larger",
            field=field,
            mend=(replace(db, iops=None) if field == "iops" else replace(db, throughput_mib_s=None),),
        )
