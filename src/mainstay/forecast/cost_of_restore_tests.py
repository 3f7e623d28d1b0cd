"""What restores that AWS Backup tries by itself cost: a copy of each database, and a fee that nobody could tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.core.schedules import Cron, Rate
from mainstay.core.units import Duration
from mainstay.forecast.cost_of_servers import hourly
from mainstay.forecast.prices import DAYS_A_MONTH, HOURS_A_MONTH, CostItem, Range, gib, plus, price, times
from mainstay.forecast.restoring import restore_time
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import DbInstance, RestoreTestingPlan, RestoreTestingSelection

LEAST_HOURS: Final = 1 / 6  # an instance is paid for ten minutes at least (RDS User Guide, USER_OnDemandDBInstances)
_WEEK: Final = Duration.days(7)


def cost_of_restore_tests(region: RegionPlan) -> Iterator[CostItem]:
    """The copies of each test, and the fee of AWS Backup for it."""
    for test in region.of(RestoreTestingSelection):
        plan = region.resolve(test.plan, RestoreTestingPlan)
        gap = plan.schedule.longest_gap if plan and isinstance(plan.schedule, (Cron, Rate)) else _WEEK
        yield _copies(test, region, gap or _WEEK)
        what = "AWS Backup's charge for each test, no price in the tables"
        yield CostItem(part="restore test fee", what=what, resources=(test.key,), amount=None)


def _copies(test: RestoreTestingSelection, region: RegionPlan, gap: Duration) -> CostItem:
    """Each is paid for from when it is available until its window to validate is over and it is deleted."""
    databases = [database for database in region.of(DbInstance) if database.source is None]
    amounts = [_each(database, test, region) for database in databases]
    if None in amounts or not amounts:
        what = "by a class, a size or a storage that has no price"
        return CostItem(part="restore tests", what=what, resources=(test.key,), amount=None)
    a_month = DAYS_A_MONTH * Duration.days(1) / gap
    paths = {found.path for database in databases if (found := hourly(database, region)) is not None}
    return CostItem(
        part="restore tests",
        what=f"{a_month:.1f} times a month a copy in one zone, kept for its validation",
        resources=(test.key,),
        amount=times(plus(one for one in amounts if one), a_month),
        prices=tuple(sorted(paths)),
    )


def _each(database: DbInstance, test: RestoreTestingSelection, region: RegionPlan) -> Range | None:
    found, size = hourly(database, region), gib(database.storage)
    a_gb = price("storage_gb_month", str(database.storage_type or "gp3"))
    if found is None or size is None or a_gb is None:
        return None
    kept = test.validation_window / 3600 if isinstance(test.validation_window, Duration) else 0.0
    most = restore_time(database, replays=True).most
    stored = a_gb * size / HOURS_A_MONTH
    low = max(LEAST_HOURS, kept)
    # Until it is available nothing is charged, and its deletion takes minutes; at worst all of it is.
    return times((low, low + LEAST_HOURS, low + most / 3600), found.usd + stored)
