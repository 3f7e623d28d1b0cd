"""What servers cost: instances, their standbys and replicas, storage, insights, the proxy and hosts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mainstay.core.units import Duration
from mainstay.facts import class_shape
from mainstay.forecast.prices import (
    HOURS_A_MONTH,
    CostItem,
    Hourly,
    Range,
    fixed,
    gib,
    instance_hour,
    known,
    price,
    times,
    usage,
)
from mainstay.forecast.volumes import gp3_own
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import DbInstance, DbProxy, DbProxyTargetGroup, Instance

_FREE_INSIGHTS: Final = Duration.days(7)


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
    for host in region.of(Instance):
        yield from _host(host)


def source_of(database: DbInstance, region: RegionPlan) -> DbInstance:
    """The instance that says what a replica does not say of itself; the instance itself where it is no replica."""
    return region.resolve(database.source, DbInstance) or database


def hourly(database: DbInstance, region: RegionPlan) -> Hourly | None:
    """An hour of the instance in one zone; None where the tables have no price for it."""
    engine = database.engine or source_of(database, region).engine
    return instance_hour(str(engine), str(database.instance_class))


def copies(database: DbInstance) -> int:
    """How many instances and volumes are paid for."""
    return 2 if database.is_multi_az is True else 1


def vcpus(database: DbInstance) -> int | None:
    """The vCPUs of all copies; None for a class that is not known."""
    shape = class_shape(str(database.instance_class))
    return shape[0] * copies(database) if shape else None


def _instance(database: DbInstance, region: RegionPlan, part: str) -> CostItem:
    found, name = hourly(database, region), _shown(database.instance_class)
    if found is None:
        return CostItem(part=part, what=f"{name}, no price in the tables", resources=(database.key,), amount=None)
    reckoned = f", reckoned from {found.path.rpartition('/')[2]}" if found.is_reckoned else ""
    return CostItem(
        part=part,
        what=f"{name}, {HOURS_A_MONTH} h at {found.usd:.3f} USD{reckoned}",
        resources=(database.key,),
        amount=fixed(found.usd * HOURS_A_MONTH),
        prices=(found.path,),
    )


def _shown(written: object) -> str:
    return written if isinstance(written, str) else "a class that is not known here"


def _storage(database: DbInstance, region: RegionPlan) -> CostItem:
    source = source_of(database, region)
    size, kind = gib(database.storage or source.storage), str(database.storage_type or "gp3")
    a_gb, most = price("storage_gb_month", kind), gib(database.max_storage)
    if size is None or a_gb is None:
        return CostItem(part="storage", what=f"{kind}, size or price not known", resources=(database.key,), amount=None)
    high = max(size, most or size)
    growing = f" (growing to {high:.0f})" if high > size else ""
    twice = ", twice for the standby" if copies(database) == 2 else ""
    return CostItem(
        part="storage",
        what=f"{size:.0f} GiB {kind}{growing} at {a_gb:.3f} USD{twice}",
        resources=(database.key,),
        amount=times((size, size, high), a_gb * copies(database)),
        prices=(f"storage_gb_month/{kind}",),
    )


def _provisioned(database: DbInstance, region: RegionPlan) -> Iterator[CostItem]:
    """IOPS and throughput, those of gp3 beyond what it includes."""
    kind, source = str(database.storage_type or "gp3"), source_of(database, region)
    own_iops, own_mib_s = gp3_own(None)
    wanted = (
        ("IOPS", database.iops or source.iops, own_iops, "gp3_iops_month"),
        ("MiB/s", database.throughput_mib_s or source.throughput_mib_s, own_mib_s, "gp3_throughput_month"),
    )
    for unit, amount, included, of_gp3 in wanted:
        if not isinstance(amount, int):
            continue
        is_gp3 = kind == "gp3"
        name = of_gp3 if is_gp3 else f"{kind}_iops_month"
        each = price(name)
        beyond = max(0, amount - included) if is_gp3 else amount
        if beyond:
            yield CostItem(
                part="storage speed",
                what=f"{beyond} {unit} of {kind}{' beyond the included' if is_gp3 else ''}",
                resources=(database.key,),
                amount=None if each is None else fixed(each * beyond * copies(database)),
                prices=() if each is None else (name,),
            )


def _insights(database: DbInstance) -> Iterator[CostItem]:
    """Database Insights in its advanced mode, or Performance Insights kept longer than the free week."""
    keep, count = database.performance_insights_retention, vcpus(database)
    if database.insights_mode == "advanced":
        name, hours, of = "insights_advanced_vcpu_hour", HOURS_A_MONTH, "Database Insights, advanced"
    elif isinstance(keep, Duration) and keep > _FREE_INSIGHTS:
        family = str(database.instance_class).rpartition(".")[0]
        name, hours, of = f"insights_retention_vcpu_month/{family}", 1, f"Performance Insights kept {keep}"
    else:
        return
    each = price(*name.split("/"))
    if each is None or count is None:
        what = f"{of}, no price in the tables"
        yield CostItem(part="insights", what=what, resources=(database.key,), amount=None)
        return
    what = f"{of}, {count} vCPU at {each:g} USD"
    amount = fixed(each * hours * count)
    yield CostItem(part="insights", what=what, resources=(database.key,), amount=amount, prices=(name,))


def _proxy(proxy: DbProxy, region: RegionPlan) -> CostItem:
    """By the vCPUs of the instances behind it, and by two at least."""
    behind = [
        region.resolve(link, DbInstance)
        for group in region.of(DbProxyTargetGroup)
        if region.resolve(group.proxy, DbProxy) is proxy
        for link in group.instances
    ]
    shapes = [class_shape(str(database.instance_class)) if database else None for database in behind]
    if None in shapes or not shapes:
        return CostItem(part="proxy", what="by vCPUs that are not known", resources=(proxy.key,), amount=None)
    an_hour, count = known("proxy_vcpu_hour"), max(known("proxy_min_vcpu"), sum(shape[0] for shape in shapes if shape))
    return CostItem(
        part="proxy",
        what=f"{count:.0f} vCPU, {HOURS_A_MONTH} h at {an_hour:.3f} USD",
        resources=(proxy.key,),
        amount=fixed(count * an_hour * HOURS_A_MONTH),
        prices=("proxy_vcpu_hour",),
    )


def _host(host: Instance) -> Iterator[CostItem]:
    """The hours of a host, and its volumes; one that writes no volume has the image's own."""
    an_hour, name = price("ec2_hour", str(host.instance_type)), _shown(host.instance_type)
    priced = "no price in the tables" if an_hour is None else f"{HOURS_A_MONTH} h at {an_hour:.4f} USD"
    yield CostItem(
        part="host",
        what=f"{name}, {priced}",
        resources=(host.key,),
        amount=None if an_hour is None else fixed(an_hour * HOURS_A_MONTH),
        prices=() if an_hour is None else (f"ec2_hour/{host.instance_type}",),
    )
    volumes = [(str(one.volume_type or "gp3"), gib(one.size)) for one in host.block_devices] or [("gp3", None)]
    for kind, size in volumes:
        a_gb, held = price("ebs_gb_month", kind), _volume(size)
        yield CostItem(
            part="host volume",
            what=f"{held[1]:.0f} GiB {kind}{'' if size else ', the size is assumed'}",
            resources=(host.key,),
            amount=None if a_gb is None else times(held, a_gb),
            prices=() if a_gb is None else (f"ebs_gb_month/{kind}",),
        )


def _volume(size: float | None) -> Range:
    return usage("root_volume_gib") if size is None else fixed(size)
