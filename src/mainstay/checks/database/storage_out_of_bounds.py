"""DB013: sizes, IOPS and throughput that do not fit the storage type, or each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from mainstay import facts
from mainstay.checks.examples import database, plan_of
from mainstay.checks.rule import Fault, rule
from mainstay.checks.scene import Scene, hides, literal
from mainstay.core.findings import Harm, Severity
from mainstay.core.units import Bytes
from mainstay.facts import StorageLimits
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance


def _bad() -> Plan:
    """io1: 5,001 IOPS on 100 GiB, which take 50 for each"""
    return plan_of(database(storage_type="io1", storage=Bytes.gib(100), iops=5_001))


def _good() -> Plan:
    """io1: 5,000 IOPS on 100 GiB, which may grow to 200 GiB"""
    return plan_of(database(storage_type="io1", storage=Bytes.gib(100), iops=5_000))


@rule(
    id="DB013",
    severity=Severity.ERROR,
    harm=Harm.REJECTED,
    summary="storage and performance do not fit",
    source="RDS User Guide, CHAP_Storage and USER_PIOPS.StorageTypes (2026-11-20)",
    applies_to=(DbInstance,),
    field="storage",
    bad=_bad,
    good=_good,
)
def faults(db: DbInstance, scene: Scene) -> Iterator[Fault]:
    """RDS refuses the instance, or the change. The proportions have to hold for the size to which the storage may grow,
    too: IOPS that are enough for the first volume may be too few for the last.
    """
    kind, size = literal(db.storage_type, str), literal(db.storage, Bytes)
    limits = facts.storage(kind) if kind and scene.engine_of(db) else None
    if kind is None or limits is None or size is None:
        return
    most = literal(db.max_storage, Bytes)
    sizes = [size] if most is None else [size, most]
    for each, field in zip(sizes, ("storage", "max_storage"), strict=False):
        yield from _size(db, kind, each, limits, field)
    is_new = db.source is None and db.snapshot is None
    if kind in ("io1", "io2") and db.iops is None and is_new and not hides(db, "iops"):
        yield Fault(db, f"{db.key} has {kind} storage and no IOPS.", f"write {_span(size, limits)} IOPS")
    # What gp3 takes depends on the size at which it begins, and on that only.
    for each in sizes if kind != "gp3" else sizes[:1]:
        yield from _performance(db, kind, each, limits)


def _size(db: DbInstance, kind: str, size: Bytes, limits: StorageLimits, field: str) -> Iterator[Fault]:
    # RDS still makes gp2 volumes of 5 GiB, whatever the guide says, so nothing is said of small ones.
    least = 0 if kind == "gp2" else limits.least_gib
    if not Bytes.gib(least) <= size <= Bytes.gib(limits.most_gib):
        bounds = f"{limits.least_gib} to {limits.most_gib:,} GiB"
        nearest = Bytes.gib(limits.least_gib if size < Bytes.gib(limits.least_gib) else limits.most_gib)
        yield Fault(
            db,
            f"{size} are written for {db.key}; {kind} has {bounds}.",
            f"choose a size of {bounds}",
            field=field,
            mend=(replace(db, storage=nearest) if field == "storage" else replace(db, max_storage=nearest),),
        )


def _performance(db: DbInstance, kind: str, size: Bytes, limits: StorageLimits) -> Iterator[Fault]:
    iops, throughput = literal(db.iops, int), literal(db.throughput_mib_s, int)
    if size < Bytes.gib(limits.settable_from_gib or 0):
        return  # DB012 speaks of it
    if iops and limits.most_iops and iops not in _iops(size, limits):
        bounds = _span(size, limits)
        detail = f"{iops:,} IOPS are written for {size} of {kind}, which take {bounds}."
        span = _iops(size, limits)
        mend = (replace(db, iops=min(max(iops, span.start), span.stop - 1)),) if span else ()
        yield Fault(db, detail, f"write {bounds} IOPS", field="iops", mend=mend)
    if not throughput or limits.most_mib_s is None or limits.least_mib_s is None:
        return
    share = Fraction(str(limits.most_mib_s_per_iops or 0))
    top = min(limits.most_mib_s, floor(share * iops)) if iops else limits.most_mib_s
    if not limits.least_mib_s <= throughput <= top:
        bounds = f"{limits.least_mib_s} to {top:,} MiB/s"
        beside = f" beside {iops:,} IOPS" if iops else ""
        yield Fault(
            db,
            f"{throughput:,} MiB/s are written for {kind}{beside}, which takes {bounds}.",
            f"write {bounds}",
            field="throughput_mib_s",
            mend=(replace(db, throughput_mib_s=min(max(throughput, limits.least_mib_s), top)),),
        )


def _iops(size: Bytes, limits: StorageLimits) -> range:
    gib = size.in_gib
    least = max(limits.least_iops or 0, ceil(gib * Fraction(str(limits.least_iops_per_gib or 0))))
    most = min(limits.most_iops or 0, floor(gib * Fraction(str(limits.most_iops_per_gib or 0))))
    return range(least, most + 1)


def _span(size: Bytes, limits: StorageLimits) -> str:
    span = _iops(size, limits)
    return f"{span.start:,} to {span.stop - 1:,}"
