"""What servers cost: instances, their standbys and replicas, storage, the proxy, hosts, and restores that test."""

from __future__ import annotations

from collections.abc import Iterator

from mainstay.core.units import Duration
from mainstay.facts import class_shape
from mainstay.forecast.prices import HOURS_A_MONTH, CostItem, Range, fixed, gib, plus, price, times, usage
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import DbInstance, DbProxy, DbProxyTargetGroup, Instance, RestoreTestingSelection

_LEAST_PROXY_VCPU = "proxy_min_vcpu"
_WEEKS_A_MONTH = 365.25 / 12 / 7


def cost_of_servers(region: RegionPlan) -> Iterator[CostItem]:
    """Everything that runs by the hour."""
    for database in region.of(DbInstance):
        yield _instance(database, region, "replica" if database.source else "instance")
        if database.is_multi_az is True:
            yield _instance(database, region, "standby")
        yield _storage(database, region)
        yield from _provisioned(database, region)
        yield from _insights(database)
    yield from (_proxy(proxy, region) for proxy in region.of(DbProxy))
    yield from (_host(host) for host in region.of(Instance))
    yield from (_restore_test(test, region) for test in region.of(RestoreTestingSelection))


def _source(database: DbInstance, region: RegionPlan) -> DbInstance:
    return region.resolve(database.source, DbInstance) or database


def _hourly(database: DbInstance, region: RegionPlan) -> float | None:
    engine = database.engine or _source(database, region).engine
    return price("instance_hour", str(engine), str(database.instance_class))


def _instance(database: DbInstance, region: RegionPlan, part: str) -> CostItem:
    hourly = _hourly(database, region)
    shown = "no price in the tables" if hourly is None else f"{HOURS_A_MONTH} h at {hourly:.3f} USD"
    return CostItem(
        part=part,
        what=f"{_shown(database.instance_class)}, {shown}",
        resources=(database.key,),
        amount=None if hourly is None else fixed(hourly * HOURS_A_MONTH),
    )


def _shown(written: object) -> str:
    return written if isinstance(written, str) else "a class that is not known here"


def _copies(database: DbInstance) -> int:
    return 2 if database.is_multi_az is True else 1


def _storage(database: DbInstance, region: RegionPlan) -> CostItem:
    source = _source(database, region)
    size, kind = gib(database.storage or source.storage), str(database.storage_type or "gp3")
    a_gb, most = price("storage_gb_month", kind), gib(database.max_storage)
    if size is None or a_gb is None:
        return CostItem(part="storage", what=f"{kind}, size or price not known", resources=(database.key,), amount=None)
    high = max(size, most or size)
    twice = ", twice for the standby" if _copies(database) == 2 else ""
    return CostItem(
        part="storage",
        what=f"{size:.0f} GiB {kind} (growing to {high:.0f}) at {a_gb:.3f} USD{twice}",
        resources=(database.key,),
        amount=times((size, size, high), a_gb * _copies(database)),
    )


def _provisioned(database: DbInstance, region: RegionPlan) -> Iterator[CostItem]:
    """IOPS and throughput beyond what gp3 includes from 400 GiB on (RDS User Guide, CHAP_Storage, 2026-11-20)."""
    kind, source = str(database.storage_type or "gp3"), _source(database, region)
    wanted = (
        ("IOPS", database.iops or source.iops, 12_000, "gp3_iops_month"),
        ("MiB/s", database.throughput_mib_s or source.throughput_mib_s, 500, "gp3_throughput_month"),
    )
    for unit, amount, included, name in wanted:
        if not isinstance(amount, int):
            continue
        is_gp3 = kind == "gp3"
        each = price(name if is_gp3 else f"{kind}_iops_month")
        beyond = max(0, amount - included) if is_gp3 else amount
        if beyond:
            yield CostItem(
                part="storage speed",
                what=f"{beyond} {unit} of {kind}{' beyond the included' if is_gp3 else ''}",
                resources=(database.key,),
                amount=None if each is None else fixed(each * beyond * _copies(database)),
            )


def _insights(database: DbInstance) -> Iterator[CostItem]:
    keep = database.performance_insights_retention
    if isinstance(keep, Duration) and keep > Duration.days(7):
        what = f"Performance Insights kept {keep}, no price in the tables"
        yield CostItem(part="insights", what=what, resources=(database.key,), amount=None)


def _proxy(proxy: DbProxy, region: RegionPlan) -> CostItem:
    """By the vCPUs of the instances behind it, and by two at least."""
    behind = [
        database
        for group in region.of(DbProxyTargetGroup)
        if region.resolve(group.proxy, DbProxy) is proxy
        for database in (region.resolve(link, DbInstance) for link in group.instances)
        if database is not None
    ]
    shapes = [class_shape(str(database.instance_class)) for database in behind]
    hourly, least = price("proxy_vcpu_hour"), price(_LEAST_PROXY_VCPU)
    if hourly is None or least is None or None in shapes or not shapes:
        return CostItem(part="proxy", what="by vCPUs that are not known", resources=(proxy.key,), amount=None)
    vcpus = max(least, sum(shape[0] for shape in shapes if shape))
    return CostItem(
        part="proxy",
        what=f"{vcpus:.0f} vCPU, {HOURS_A_MONTH} h at {hourly:.3f} USD",
        resources=(proxy.key,),
        amount=fixed(vcpus * hourly * HOURS_A_MONTH),
    )


def _host(host: Instance) -> CostItem:
    what = f"{_shown(host.instance_type)} and its volume, no price in the tables"
    return CostItem(part="host", what=what, resources=(host.key,), amount=None)


def _restore_test(test: RestoreTestingSelection, region: RegionPlan) -> CostItem:
    """A copy of each database once a week: while it is restored and while it is kept."""
    databases = [database for database in region.of(DbInstance) if database.source is None]
    hourly = [_hourly(database, region) for database in databases]
    if None in hourly or not hourly:
        return CostItem(part="restore tests", what="by a class without a price", resources=(test.key,), amount=None)
    kept = test.validation_window / 3600 if isinstance(test.validation_window, Duration) else 0
    hours: Range = plus([usage("restore_hours"), fixed(kept)])
    return CostItem(
        part="restore tests",
        what=f"a copy of {hours[1]:.0f} h a week, without AWS Backup's own fee",
        resources=(test.key,),
        amount=times(hours, _WEEKS_A_MONTH * sum(one for one in hourly if one)),
    )
