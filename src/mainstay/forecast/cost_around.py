"""What stands around the database: network, keys, secrets, logs, alarms, functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mainstay.core.units import Bytes, Duration
from mainstay.forecast.prices import HOURS_A_MONTH, CostItem, Range, fixed, known, plus, times, usage
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import (
    Alarm,
    CompositeAlarm,
    Dashboard,
    DbInstance,
    ElasticIp,
    Function,
    HostedZone,
    Key,
    LogGroup,
    NatGateway,
    Resource,
    Secret,
    VpcEndpoint,
)

_MIB = 2**20
_QUERIES = "dns_million_queries"
_LEAST_MEMORY = Bytes(128 * _MIB)  # what Lambda gives a function that asks for nothing


def cost_around(region: RegionPlan) -> Iterator[CostItem]:
    """Each kind as one item, in the order of a bill."""
    yield from _network(region)
    yield from _keys_and_secrets(region)
    yield from _watching(region)
    yield from _functions(region)


def _item(part: str, what: str, resources: Sequence[Resource], amount: Range | None, *prices: str) -> CostItem:
    keys = tuple(one.key for one in resources)
    return CostItem(part=part, what=what, resources=keys, amount=amount, prices=prices)


def _network(region: RegionPlan) -> Iterator[CostItem]:
    gateways = list(region.of(NatGateway))
    if gateways:
        hours = fixed(known("nat_hour") * HOURS_A_MONTH * len(gateways))
        amount = plus([hours, times(usage("nat_gb"), known("nat_gb"))])
        yield _item(
            "NAT gateways", f"{len(gateways)}, and 1 to 100 GB through them", gateways, amount, "nat_hour", "nat_gb"
        )
    addresses = list(region.of(ElasticIp))
    if addresses:
        hourly = known("public_ipv4_hour") * HOURS_A_MONTH * len(addresses)
        yield _item("public addresses", f"{len(addresses)}", addresses, fixed(hourly), "public_ipv4_hour")
    doors = [one for one in region.of(VpcEndpoint) if one.kind == "Interface"]
    if doors:
        count = sum(len(one.subnets) for one in doors)
        hours = fixed(known("interface_endpoint_hour_az") * HOURS_A_MONTH * count)
        amount = plus([hours, times(usage("endpoint_gb"), known("interface_endpoint_gb") * len(doors))])
        yield _item(
            "endpoints",
            f"{len(doors)} in {count} subnets",
            doors,
            amount,
            "interface_endpoint_hour_az",
            "interface_endpoint_gb",
        )
    zones = list(region.of(HostedZone))
    if zones:
        # A record costs nothing, a query of it does.
        amount = plus([fixed(known("hosted_zone_month") * len(zones)), times(usage("dns_million"), known(_QUERIES))])
        what = f"{len(zones)}, asked up to 5 million times a month"
        yield _item("zones of names", what, zones, amount, "hosted_zone_month", _QUERIES)


def _keys_and_secrets(region: RegionPlan) -> Iterator[CostItem]:
    keys = list(region.of(Key))
    if keys:
        rotated = 2 * known("kms_rotation_month") * sum(one.rotates is True for one in keys)
        base = known("kms_key_month") * len(keys)
        calls = times(usage("kms_10k"), known("kms_10k_requests") * len(keys))
        amount = plus([(base, base, base + rotated), calls])
        what = f"{len(keys)} and their use, more after each of the first two rotations"
        yield _item("keys", what, keys, amount, "kms_key_month", "kms_rotation_month", "kms_10k_requests")
    secrets: list[Resource] = [
        *region.of(Secret),
        *(one for one in region.of(DbInstance) if one.manages_password is True),
    ]
    if secrets:
        calls = times(usage("kms_10k"), known("secret_10k_calls") * len(secrets))
        amount = plus([fixed(known("secret_month") * len(secrets)), calls])
        yield _item("secrets", f"{len(secrets)} and their use", secrets, amount, "secret_month", "secret_10k_calls")


def _watching(region: RegionPlan) -> Iterator[CostItem]:
    groups = list(region.of(LogGroup))
    if groups:
        ingested = times(usage("log_gb"), len(groups))
        kept = times(usage("log_gb"), sum(_months(one.retention) for one in groups))
        amount = plus([times(ingested, known("logs_ingest_gb")), times(kept, known("logs_gb_month"))])
        yield _item(
            "logs", f"{len(groups)} groups of 0.05 to 5 GB a month", groups, amount, "logs_ingest_gb", "logs_gb_month"
        )
    monitored = [one for one in region.of(DbInstance) if one.monitoring_interval]
    if monitored:
        yield _monitoring(monitored)
    alarms, composites = list(region.of(Alarm)), list(region.of(CompositeAlarm))
    if alarms or composites:
        amount = fixed(known("alarm_month") * len(alarms) + known("composite_alarm_month") * len(composites))
        what = f"{len(alarms)}, and {len(composites)} over them"
        yield _item("alarms", what, [*alarms, *composites], amount, "alarm_month", "composite_alarm_month")
    boards = list(region.of(Dashboard))
    if boards:
        # The first three of an account are free; whether these are among them, nobody knows here.
        amount = (0.0, 0.0, known("dashboard_month") * len(boards))
        yield _item("dashboards", f"{len(boards)}", boards, amount, "dashboard_month")


def _monitoring(databases: Sequence[DbInstance]) -> CostItem:
    intervals = [one.monitoring_interval for one in databases]
    written = [one for one in intervals if isinstance(one, Duration)]
    if len(written) < len(intervals):
        return _item("enhanced monitoring", "by an interval that is not known", databases, None)
    amount = times(usage("monitoring_gb_at_60_s"), sum(60 / one for one in written) * known("logs_ingest_gb"))
    return _item("enhanced monitoring", "its lines in CloudWatch Logs", databases, amount, "logs_ingest_gb")


def _months(retention: object) -> float:
    """How many months of logs there are at once; what is kept for ever is reckoned for a year."""
    return retention / Duration.days(30) if isinstance(retention, Duration) else 12.0


def _functions(region: RegionPlan) -> Iterator[CostItem]:
    functions = list(region.of(Function))
    if not functions:
        return
    gigabytes = sum((one.memory if isinstance(one.memory, Bytes) else _LEAST_MEMORY) / 2**30 for one in functions)
    calls, seconds = usage("calls"), usage("call_seconds")
    low, expected, high = (
        count * (known("lambda_million") / 1e6 * len(functions) + each * gigabytes * known("lambda_gb_second"))
        for count, each in zip(calls, seconds, strict=True)
    )
    what = f"{len(functions)}, called {calls[0]:.0f} to {calls[2]:.0f} times a month"
    yield _item("functions", what, functions, (low, expected, high), "lambda_million", "lambda_gb_second")
