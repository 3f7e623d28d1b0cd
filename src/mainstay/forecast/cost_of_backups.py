"""What backups cost: what is beyond the free storage of the region, copies elsewhere, replicated backups, exports."""

from __future__ import annotations

import math
from collections.abc import Iterator

from mainstay.core.schedules import Cron, Rate
from mainstay.core.units import Duration
from mainstay.forecast.backups import plans_for, retention_in_effect
from mainstay.forecast.cost_of_restore_tests import cost_of_restore_tests
from mainstay.forecast.places import place_of
from mainstay.forecast.prices import DAYS_A_MONTH, CostItem, Range, fixed, gib, known, price, times, usage
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import BackupRule, Bucket, CopyAction, DbInstance, Function

_DAY = Duration.days(1)
_EXPORT_DAYS = (
    "MAINSTAY_EXPORT_DAYS"  # how the export function is told how often it exports (plan.passes.export_trigger)
)
_FOR_EVER_DAYS = 3650  # a recovery point without an end is reckoned for ten years


def cost_of_backups(region: RegionPlan) -> Iterator[CostItem]:
    """Per database: backups here, replicated ones, copies; then buckets, whose price depends on what is put in."""
    for database in region.of(DbInstance):
        if database.source is None:
            yield from _of(database, region)
    yield from (_exports(function, region) for function in region.of(Function) if _EXPORT_DAYS in function.environment)
    yield from (_bucket(bucket) for bucket in region.of(Bucket))
    yield from cost_of_restore_tests(region)


def _of(database: DbInstance, region: RegionPlan) -> Iterator[CostItem]:
    size, a_gb = gib(database.storage), known("backup_gb_month")
    if size is None:
        yield CostItem(part="backup storage", what="size or price not known", resources=(database.key,), amount=None)
        return
    days = retention_in_effect(database, region) // _DAY
    rules = [rule for plan in plans_for(database, region) for rule in plan.rules]
    tiers = [_kept(rule, rule.delete_after) for rule in rules if rule.is_continuous is not True]
    here = [max(0.0, one - size) for one in _gigabytes(size, [(days, 1.0), *tiers])]
    yield _item("backup storage", f"beyond {size:.0f} GiB that are free, at {a_gb:.3f} USD", database, here, a_gb)
    if database.backup_replica_region is not None:
        written = database.backup_replica_retention
        kept = (written // _DAY if isinstance(written, Duration) else days, 1.0)
        yield _elsewhere("replicated backups", f"to {database.backup_replica_region}", database, size, [kept])
    for index in range(max((len(rule.copies) for rule in rules), default=0)):
        copied = [_kept(rule, rule.copies[index].delete_after) for rule in rules if len(rule.copies) > index]
        is_here = all(_is_here(rule.copies[index], region) for rule in rules if len(rule.copies) > index)
        yield _elsewhere("vault copies", f"of {len(copied)} tiers", database, size, copied, is_here=is_here)


def _is_here(copy: CopyAction, region: RegionPlan) -> bool:
    """Whether a copy stays in its region, so that nothing is charged for its way."""
    return place_of(copy.vault, region, Plan(regions=(region,))).region == region.region


def _kept(rule: BackupRule, keep: object) -> tuple[float, float]:
    """How many are kept, and how many days lie between two."""
    gap = rule.schedule.longest_gap if isinstance(rule.schedule, (Cron, Rate)) else _DAY
    days = keep / _DAY if isinstance(keep, Duration) else _FOR_EVER_DAYS
    between = (gap or _DAY) / _DAY
    return max(1.0, days // between), between


def _gigabytes(size: float, kept: list[tuple[float, float]]) -> list[float]:
    """Everything once, and for each that is kept what has changed since the one before it."""
    ranges = zip(usage("used_share"), usage("daily_change"), strict=True)
    return [
        size * share * (1 + sum(count * min(1.0, change * days) for count, days in kept)) for share, change in ranges
    ]


def _elsewhere(
    part: str, where: str, database: DbInstance, size: float, kept: list[tuple[float, float]], *, is_here: bool = False
) -> CostItem:
    a_gb, transfer = known("backup_gb_month"), 0.0 if is_here else known("transfer_inter_region_gb")
    changed = [
        size * share * sum(min(1.0, change * days) * DAYS_A_MONTH / days for _, days in kept)
        for share, change in zip(usage("used_share"), usage("daily_change"), strict=True)
    ]
    stored = _gigabytes(size, kept)
    low, expected, high = (one * a_gb + moved * transfer for one, moved in zip(stored, changed, strict=True))
    return CostItem(
        part=part,
        what=f"{where}: {stored[0]:.0f} to {stored[2]:.0f} GB kept, {changed[0]:.0f} to {changed[2]:.0f} GB moved",
        resources=(database.key,),
        amount=(low, expected, high),
        prices=("backup_gb_month",) if is_here else ("backup_gb_month", "transfer_inter_region_gb"),
    )


def _item(part: str, what: str, database: DbInstance, gigabytes: list[float], a_gb: float) -> CostItem:
    low, expected, high = (one * a_gb for one in gigabytes)
    amount: Range = (low, expected, high) if any(gigabytes) else fixed(0.0)
    return CostItem(part=part, what=what, resources=(database.key,), amount=amount, prices=("backup_gb_month",))


def _exports(function: Function, region: RegionPlan) -> CostItem:
    """An export is charged by the GB of the snapshot, whatever is left of it afterwards."""
    sizes = [gib(one.storage) for one in region.of(DbInstance) if one.source is None]
    days = str(function.environment[_EXPORT_DAYS])
    if None in sizes or not days.isdecimal():
        what = "by a size or a period that is not known"
        return CostItem(part="snapshot exports", what=what, resources=(function.key,), amount=None)
    a_month, size = DAYS_A_MONTH / int(days), sum(one for one in sizes if one)
    return CostItem(
        part="snapshot exports",
        what=f"one in {days} days, of 20 to 100 % of {size:.0f} GiB",
        resources=(function.key,),
        amount=times(usage("export_share"), size * a_month * known("snapshot_export_gb")),
        prices=("snapshot_export_gb",),
    )


def _bucket(bucket: Bucket) -> CostItem:
    """What is put in is assumed; the low end lies in the cheapest class that its age ever moves it to."""
    classes = [str(one.storage_class) for rule in bucket.lifecycle if rule.is_enabled for one in rule.transitions]
    paid = {name: found for name in ("STANDARD", *classes) if (found := price("s3_gb_month", name)) is not None}
    low, expected, high = usage("bucket_gb")
    usual = paid.get("STANDARD", math.nan)
    return CostItem(
        part="bucket",
        what=f"{low:g} to {high:g} GB, without requests",
        resources=(bucket.key,),
        amount=(low * min([usual, *paid.values()]), expected * usual, high * usual),
        prices=tuple(f"s3_gb_month/{name}" for name in {"STANDARD": None, **paid}),
    )
