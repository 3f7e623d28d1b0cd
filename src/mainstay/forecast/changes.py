"""Changes that may cost less, each as the plan would be with it; `cheaper` judges which of them keep everything."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from mainstay.core.records import dataclass
from mainstay.core.schedules import Cron, Rate
from mainstay.core.units import Bytes, Duration
from mainstay.facts import class_shape, families, family, major_of, majors, newest_minor, outage
from mainstay.forecast.support import dates_of, is_charged
from mainstay.forecast.volumes import class_iops, class_mib_s, gp3_own
from mainstay.plan.graph import referred
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    DbInstance,
    ElasticIp,
    NatGateway,
    Opaque,
    OptionGroup,
    ParameterGroup,
    Resource,
    Route,
)
from mainstay.plan.values import Attr, Ref

# Graviton's families of the sizes of Intel's (RDS User Guide, Concepts.DBInstanceClass, 2026-11-20).
_A_YEAR: Final = timedelta(days=365)
_GRAVITON: Final = {
    "t3": ("t4g",),
    "m5": ("m7g", "m6g"),
    "m6i": ("m7g", "m6g"),
    "m7i": ("m7g",),
    "r5": ("r7g", "r6g"),
    "r6i": ("r7g", "r6g"),
    "r7i": ("r7g",),
}
# The most that a volume gives a second (RDS User Guide, CHAP_Storage, 2026-11-20).
_IO_MIB_S: Final = {"io1": 1_000, "io2": 4_000}


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one resource: whose, of which kind, in words, and the region with it."""

    subject: Resource
    kind: str
    what: str
    region: RegionPlan


def changes_of(plan: Plan, today: date) -> Iterator[tuple[Change, Plan]]:
    """Every change that is tried, with the whole plan as it would be."""
    for region in plan.regions:
        for kind in _KINDS:
            for change in kind(region, today):
                regions = tuple(change.region if one is region else one for one in plan.regions)
                yield change, replace(plan, regions=regions)


def _with(region: RegionPlan, old: Resource, new: Resource | None) -> RegionPlan:
    resources = tuple(new if one is old else one for one in region.resources)
    return replace(region, resources=tuple(one for one in resources if one is not None))


def _classes(region: RegionPlan, today: date) -> Iterator[Change]:
    for database in region.of(DbInstance):
        prefix, _, shape = str(database.instance_class).removeprefix("db.").partition(".")
        for name in (f"db.{other}.{shape}" for other in _GRAVITON.get(prefix, ())):
            if class_shape(name) is not None and class_shape(name) == class_shape(str(database.instance_class)):
                what = f"{database.instance_class} → {name}, of the same vCPUs and memory"
                yield Change(database, "class", what, _with(region, database, replace(database, instance_class=name)))


def _storage(region: RegionPlan, today: date) -> Iterator[Change]:
    """gp3 with the IOPS and the throughput that the volume has now; io2's lower latency and its durability are no
    outcome of the forecast, and said not to be judged.
    """
    for database in region.of(DbInstance):
        kind, size, iops = str(database.storage_type), database.storage, database.iops
        if kind not in _IO_MIB_S or not isinstance(size, Bytes) or not isinstance(iops, int):
            continue
        own_iops, own_mib_s = gp3_own(size)
        needed, is_settable = _used_mib_s(database, kind, iops), gp3_own(size) == gp3_own(None)
        if iops > own_iops or (needed > own_mib_s and not is_settable):
            continue
        rate = needed if needed > own_mib_s else None
        besides = "" if kind == "io1" else "; io2's latency and durability are not judged"
        and_rate = f" and {rate} MiB/s" if rate else ""
        what = f"{kind} with {iops:,} IOPS → gp3, which has {own_iops:,} by itself{and_rate}{besides}"
        other = replace(database, storage_type="gp3", iops=None, throughput_mib_s=rate)
        yield Change(database, "storage", what, _with(region, database, other))


def _used_mib_s(database: DbInstance, kind: str, iops: int) -> int:
    """What an io1 or io2 volume gives a second: 256 KiB an operation, up to its own and the class's most."""
    of_class = _most_mib_s(database)
    of_volume = min(math.ceil(iops / 4), _IO_MIB_S[kind])
    return of_volume if of_class is None else min(of_volume, of_class)


def _speed(region: RegionPlan, today: date) -> Iterator[Change]:
    """Speed of gp3 that the class can never use (EC2 User Guide, ebs-optimized: a class has a most of its own)."""
    for database in region.of(DbInstance):
        if database.storage_type not in (None, "gp3"):
            continue
        own_iops, own_mib_s = gp3_own(None)
        name, rate, iops = str(database.instance_class), database.throughput_mib_s, database.iops
        most_mib_s, most_iops = _most_mib_s(database), class_iops(name)
        if most_mib_s is not None and isinstance(rate, int) and rate > max(own_mib_s, most_mib_s):
            enough = max(own_mib_s, most_mib_s)
            what = f"{rate:,} MiB/s → {enough:,}: {name} reads {most_mib_s:,} at most"
            other = replace(database, throughput_mib_s=enough)
            yield Change(database, "throughput", what, _with(region, database, other))
        if most_iops is not None and isinstance(iops, int) and iops > max(own_iops, most_iops):
            enough = max(own_iops, most_iops)
            what = f"{iops:,} IOPS → {enough:,}: {name} makes {most_iops:,} at most"
            yield Change(database, "IOPS", what, _with(region, database, replace(database, iops=enough)))


def _most_mib_s(database: DbInstance) -> int | None:
    found = class_mib_s(str(database.instance_class))
    return math.ceil(found[1]) if found else None


def _standbys(region: RegionPlan, today: date) -> Iterator[Change]:
    for database in region.of(DbInstance):
        if database.is_multi_az is True:
            other = _with(region, database, replace(database, is_multi_az=False))
            yield Change(database, "standby", "without the standby in another zone", other)


def _tiers(region: RegionPlan, today: date) -> Iterator[Change]:
    """A tier beside another of the same plan and vaults that is made as often and kept as long."""
    for plan in region.of(BackupPlan):
        for index, rule in enumerate(plan.rules):
            # Of two that keep the same the later one goes.
            others = (*plan.rules[:index], *(one for one in plan.rules[index + 1 :] if not _covers(rule, one)))
            by = next((one for one in others if _covers(one, rule)), None)
            if by is not None:
                rest = replace(plan, rules=tuple(one for one in plan.rules if one is not rule))
                what = f"without the tier {rule.name}, all of which {by.name} keeps as well"
                yield Change(plan, f"tier {rule.name}", what, _with(region, plan, rest))


def _covers(one: BackupRule, other: BackupRule) -> bool:
    """Whether every point of the other is kept by one as well: same vaults, as often, for as long."""
    one_gap, other_gap = _gap(one), _gap(other)
    if one.is_continuous or other.is_continuous or one.vault != other.vault or one_gap is None or other_gap is None:
        return False
    copies = {str(copy.vault): copy.delete_after for copy in one.copies}
    return (
        one_gap <= other_gap
        and _as_long(one.delete_after, other.delete_after)
        and all(str(c.vault) in copies and _as_long(copies[str(c.vault)], c.delete_after) for c in other.copies)
    )


def _gap(rule: BackupRule) -> Duration | None:
    return rule.schedule.longest_gap if isinstance(rule.schedule, (Cron, Rate)) else None


def _as_long(one: object, other: object) -> bool:
    """Whether one is kept as long; None is for ever, and what only the target knows is no answer."""
    if one is None:
        return True
    return isinstance(one, Duration) and isinstance(other, Duration) and one >= other


def _idle(region: RegionPlan, today: date) -> Iterator[Change]:
    """NAT gateways that no route leads to, and addresses that nothing uses; none where something cannot be seen."""
    if not _is_seen_whole(region):
        return
    named = referred(region)
    kinds: tuple[tuple[type[NatGateway] | type[ElasticIp], str], ...] = (
        (NatGateway, "without the NAT gateway, to which no route leads"),
        (ElasticIp, "without the address, which nothing uses"),
    )
    for kind, what in kinds:
        for one in region.of(kind):
            if one.key not in named:
                yield Change(one, "idle", what, _with(region, one, None))


def _is_seen_whole(region: RegionPlan) -> bool:
    """Whether no resource is of a type that nobody knows, and every route and gateway says what it uses."""
    links = (*(one.nat_gateway for one in region.of(Route)), *(one.allocation for one in region.of(NatGateway)))
    is_told = all(link is None or isinstance(link, (str, Ref, Attr)) for link in links)
    return is_told and not any(isinstance(one, Opaque) or one.extras for one in region.resources)


def _versions(region: RegionPlan, today: date) -> Iterator[Change]:
    """The next major that costs no Extended Support, with the groups of settings that go with it."""
    for database in region.of(DbInstance):
        dates, engine, version = dates_of(database, region), database.engine, database.engine_version
        if dates is None or database.source is not None or not is_charged(database, region, dates, today):
            continue
        wanted = _free_of_charge(str(engine), database, region, today)
        if wanted is not None:
            spell = outage("major_upgrade")
            what = (
                f"{engine} {version} → {wanted}, out of Extended Support; the upgrade takes it away for {spell}, and"
                " what the new version refuses has to be tried first"
            )
            yield Change(database, "version", what, _upgraded(region, database, str(engine), wanted))


def _free_of_charge(engine: str, database: DbInstance, region: RegionPlan, today: date) -> str | None:
    """The newest minor of the oldest major that costs no Extended Support for another year; older ones were charged
    before, and an upgrade that is due again soon saves little.
    """
    for major in majors(engine):
        newest = newest_minor(engine, major)
        dates = dates_of(replace(database, engine_version=newest), region)
        if dates is not None and not is_charged(database, region, dates, today + _A_YEAR):
            return newest
    return None


def _upgraded(region: RegionPlan, database: DbInstance, engine: str, version: str) -> RegionPlan:
    """The instance with its replicas, and the groups that they use in the new family."""
    moved = [database, *(one for one in region.of(DbInstance) if region.resolve(one.source, DbInstance) is database)]
    groups: list[Resource | None] = [
        *(region.resolve(one.parameter_group, ParameterGroup) for one in moved),
        *(region.resolve(one.option_group, OptionGroup) for one in moved),
    ]

    def renewed(one: Resource) -> Resource:
        if isinstance(one, DbInstance) and one in moved:
            return replace(one, engine_version=version) if one.engine_version == database.engine_version else one
        if isinstance(one, ParameterGroup) and one in groups and family(engine, version) in families(engine):
            return replace(one, family=family(engine, version))
        if isinstance(one, OptionGroup) and one in groups:
            return replace(one, major_version=major_of(engine, version))
        return one

    return replace(region, resources=tuple(map(renewed, region.resources)))


_KINDS: Final[tuple[Callable[[RegionPlan, date], Iterator[Change]], ...]] = (
    _classes,
    _storage,
    _speed,
    _standbys,
    _tiers,
    _idle,
    _versions,
)
