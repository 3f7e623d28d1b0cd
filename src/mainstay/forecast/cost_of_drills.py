"""What a drill costs: a restored instance for as long as it is verified, its storage, and what is read of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.core.records import dataclass
from mainstay.core.units import Duration
from mainstay.forecast.cost_of_restore_tests import LEAST_HOURS
from mainstay.forecast.cost_of_servers import hourly
from mainstay.forecast.prices import (
    DAYS_A_MONTH,
    HOURS_A_MONTH,
    Range,
    amounts,
    gib,
    known,
    price,
    sure,
    times,
    usage,
)
from mainstay.forecast.restoring import restore_time
from mainstay.forecast.volumes import gp3_own
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import DbInstance

_DAY: Final = Duration.days(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillCost:
    """One drill of a database in USD, and a month of them where the spec says how often. None: no price is known."""

    database: str
    what: str
    each: Range | None
    every: Duration | None
    prices: tuple[str, ...] = ()

    @property
    def a_month(self) -> Range | None:
        """What a month of drills costs; None without a schedule, or without a price."""
        if self.each is None or not self.every:
            return None
        return times(self.each, DAYS_A_MONTH * _DAY / self.every)

    def as_json(self) -> dict[str, object]:
        """One drill and a month of them, as it stands in `--json` documents."""
        return {
            "database": self.database,
            "what": self.what,
            "each": amounts(self.each),
            "every_s": self.every,
            "a_month": amounts(self.a_month),
            "prices": list(self.prices),
        }


def cost_of_drills(plan: Plan) -> tuple[DrillCost, ...]:
    """One line for each database that a drill restores: those that stand on their own."""
    return tuple(_drills(plan))


def _drills(plan: Plan) -> Iterator[DrillCost]:
    for region in plan.regions:
        for database in region.of(DbInstance):
            if database.source is None:
                yield _drill(database, region, plan.intent.drill.every)


def _drill(database: DbInstance, region: RegionPlan, every: Duration | None) -> DrillCost:
    name, found, size = database.address or database.key, hourly(database, region), gib(database.storage)
    kind = str(database.storage_type or "gp3")
    a_gb = price("storage_gb_month", kind)
    if found is None or size is None or a_gb is None:
        what = "a restore of a class, a kind of storage or a size without a price"
        return DrillCost(database=name, what=what, each=None, every=every)
    hours, standing = _hours(database, size)
    stored = times(standing, (a_gb * size + _speed(database, kind)) / HOURS_A_MONTH)
    # Whoever verifies from another zone pays for what comes over, in both directions of the books.
    read = (0.0, 0.0, 2 * size * known("transfer_cross_zone_gb"))
    each = tuple(found.usd * one + kept + moved for one, kept, moved in zip(hours, stored, read, strict=True))
    low, expected, high = each
    return DrillCost(
        database=name,
        what=f"{database.instance_class} in one zone for {hours[0]:.1f} to {hours[2]:.1f} h, and {size:.0f} GiB of"
        f" {kind}, all of it read once",
        each=sure((low, expected, high)),
        every=every,
        prices=(found.path, f"storage_gb_month/{kind}", "transfer_cross_zone_gb"),
    )


def _hours(database: DbInstance, size: float) -> tuple[Range, Range]:
    """Hours of the instance, and of its storage.

    An instance is charged from when it is available, for ten minutes at least (RDS User Guide,
    USER_OnDemandDBInstances, 2026-11-21): while it is read and deleted. At worst all of it is, creation included.
    """
    restore = restore_time(database, replays=True)
    shares, rates = usage("used_share"), usage("verify_mib_s")
    reading = [size * 1024 * share / rate / 3600 for share, rate in zip(shares, rates, strict=True)]
    low = max(LEAST_HOURS, reading[0])
    expected = max(LEAST_HOURS, reading[1]) + LEAST_HOURS
    high = max(LEAST_HOURS, reading[2]) + restore.most / 3600
    creating = restore.least / 3600
    return (low, expected, high), (low + creating, expected + creating, high)


def _speed(database: DbInstance, kind: str) -> float:
    """IOPS that a copy has as well, a month; those that gp3 includes are none."""
    each, iops = price(f"{kind}_iops_month"), database.iops
    if each is None or not isinstance(iops, int):
        return 0.0
    return each * (max(0, iops - gp3_own(None)[0]) if kind == "gp3" else iops)
