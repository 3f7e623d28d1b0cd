"""What is paid once: the first full copies into another region, and leaving a version that costs Extended Support."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from mainstay.forecast.backups import plans_for, retention_in_effect
from mainstay.forecast.cost_of_servers import copies, hourly
from mainstay.forecast.places import place_of
from mainstay.forecast.prices import HOURS_A_MONTH, CostItem, gib, known, price, times, usage
from mainstay.forecast.support import dates_of, is_charged
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import DbInstance

_SOON: Final = timedelta(days=365)


def cost_once(plan: Plan, today: date) -> Iterator[CostItem]:
    """Per database, what its backups and its version ask for once."""
    for region in plan.regions:
        for database in region.of(DbInstance):
            if database.source is None:
                yield from _first_copies(database, region, plan)
                yield from _upgrade(database, region, today)


def _first_copies(database: DbInstance, region: RegionPlan, plan: Plan) -> Iterator[CostItem]:
    """The first copy into another region moves everything; those after it what has changed."""
    if database.backup_replica_region is not None and retention_in_effect(database, region):
        yield _moved("first replicated backup", f"to {database.backup_replica_region}", database)
    vaults = [
        (str(copy.vault), place_of(copy.vault, region, plan))
        for backup_plan in plans_for(database, region)
        for rule in backup_plan.rules
        for copy in rule.copies
    ]
    for place in dict(vaults).values():
        if place.region != region.region:
            yield _moved("first vault copy", f"to {place.region or 'another region'}", database)


def _moved(part: str, where: str, database: DbInstance) -> CostItem:
    size = gib(database.storage)
    if size is None:
        return CostItem(part=part, what=f"{where}, of an unknown size", resources=(database.key,), amount=None)
    low, _, high = times(usage("used_share"), size)
    return CostItem(
        part=part,
        what=f"{where}: all of {low:.0f} to {high:.0f} GB",
        resources=(database.key,),
        amount=times(usage("used_share"), size * known("transfer_inter_region_gb")),
        prices=("transfer_inter_region_gb",),
    )


def _upgrade(database: DbInstance, region: RegionPlan, today: date) -> Iterator[CostItem]:
    """A blue/green deployment doubles instance and storage for some hours; shown where support ends within a year."""
    dates = dates_of(database, region)
    if dates is None or not is_charged(database, region, dates, today + _SOON):
        return
    found, size = hourly(database, region), gib(database.storage)
    kind = str(database.storage_type or "gp3")
    a_gb, part = price("storage_gb_month", kind), "upgrade by blue/green"
    if found is None or size is None or a_gb is None:
        what = "a second instance whose class, storage or size has no price"
        yield CostItem(part=part, what=what, resources=(database.key,), amount=None)
        return
    hours = usage("blue_green_hours")
    yield CostItem(
        part=part,
        what=f"a second {database.instance_class} with its storage for {hours[0]:.0f} to {hours[2]:.0f} h",
        resources=(database.key,),
        amount=times(hours, (found.usd + a_gb * size / HOURS_A_MONTH) * copies(database)),
        prices=(found.path, f"storage_gb_month/{kind}"),
    )
