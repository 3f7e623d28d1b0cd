"""What servers cost: whose IOPS a replica has, what is included, what stands behind a proxy, what a host is assumed."""

from __future__ import annotations

import pytest

from mainstay.checks.examples import lone_database, plan_of, replica
from mainstay.core.units import Bytes, Duration
from mainstay.forecast.cost_of_servers import cost_of_servers
from mainstay.forecast.prices import CostItem, known
from mainstay.plan.resources import BlockDevice, DbProxy, DbProxyTargetGroup, Instance, Resource
from mainstay.plan.values import Ref


def items(part: str, *resources: Resource) -> list[CostItem]:
    return [one for one in cost_of_servers(plan_of(*resources).primary) if one.part == part]


@pytest.mark.parametrize(
    ("iops", "mib_s", "said"),
    [
        (11_999, 499, []),
        (12_000, 500, []),
        (12_001, 501, ["1 IOPS of gp3 beyond the included", "1 MiB/s of gp3 beyond the included"]),
    ],
)
def test_gp3_is_paid_beyond_what_it_includes(iops: int, mib_s: int, said: list[str]) -> None:
    database = lone_database(storage_type="gp3", storage=Bytes.gib(400), iops=iops, throughput_mib_s=mib_s)
    found = items("storage speed", database)
    assert [one.what for one in found] == said
    assert [one.prices for one in found] == [("gp3_iops_month",), ("gp3_throughput_month",)][: len(said)]


def test_every_iops_of_io1_is_paid_and_a_kind_without_a_price_says_so() -> None:
    (found,) = items("storage speed", lone_database(storage_type="io1", iops=1_000))
    assert found.what == "1000 IOPS of io1"
    assert found.prices == ("io1_iops_month",)
    (odd,) = items("storage speed", lone_database(storage_type="io9", iops=1_000))
    assert (odd.amount, odd.prices) == (None, ())


def test_a_replica_has_the_speed_of_its_source_unless_it_says_its_own() -> None:
    source = lone_database(storage_type="io1", storage=Bytes.gib(100), iops=1_000, throughput_mib_s=600)
    own = replica(storage_type="io1", iops=2_000, throughput_mib_s=700)
    inherited = [one.what for one in items("storage speed", source, replica(storage_type="io1"))]
    assert [what.partition(" of ")[0] for what in inherited] == ["1000 IOPS", "600 MiB/s"] * 2
    written = [one.what for one in items("storage speed", source, own)]
    assert [what.partition(" of ")[0] for what in written] == ["1000 IOPS", "600 MiB/s", "2000 IOPS", "700 MiB/s"]


@pytest.mark.parametrize(("is_multi_az", "is_twice"), [(True, True), (False, False)])
def test_a_bill_says_that_a_standby_has_storage_too(is_multi_az: bool, is_twice: bool) -> None:
    (found,) = items("storage", lone_database(is_multi_az=is_multi_az))
    assert found.what.endswith(", twice for the standby") is is_twice


@pytest.mark.parametrize(("keep", "count"), [(Duration.days(7), 0), (Duration(7 * 86_400 + 1), 1)])
def test_insights_beyond_a_week_are_paid(keep: Duration, count: int) -> None:
    assert len(items("insights", lone_database(performance_insights_retention=keep))) == count


def behind(key: str, *links: object) -> tuple[Resource, ...]:
    proxy = DbProxy(key=key, name=key, engine_family="POSTGRESQL", role="r", subnets=())
    target = DbProxyTargetGroup(key=f"{key}Pool", proxy=Ref(key), name="default", instances=links)  # type: ignore[arg-type]  # any link
    return proxy, target


def test_a_proxy_is_paid_for_what_stands_behind_it_and_not_behind_another() -> None:
    small, large = lone_database(), lone_database(key="Large", instance_class="db.m7g.xlarge")
    found = items("proxy", small, large, *behind("One", Ref("Database")), *behind("Two", Ref("Large")))
    hour = known("proxy_vcpu_hour") * 730
    assert [one.amount and one.amount[1] for one in found] == pytest.approx([2 * hour, 4 * hour])
    (both,) = items("proxy", small, large, *behind("One", Ref("Database"), Ref("Large")))
    assert both.what.startswith("6 vCPU, ")


def test_a_proxy_before_something_that_cannot_be_seen_has_no_price() -> None:
    (found,) = items("proxy", lone_database(), *behind("One", Ref("Database"), "elsewhere"))
    assert found.amount is None


def test_the_size_of_a_host_s_volume_is_assumed_where_none_is_written() -> None:
    host = Instance(key="Host", image="ami-1", instance_type="t4g.nano")
    assert [one.what for one in items("host volume", host)] == ["8 GiB gp3, the size is assumed"]
    sized = Instance(
        key="Host",
        image="ami-1",
        instance_type="t4g.nano",
        block_devices=(BlockDevice(device="/dev/xvda", size=Bytes.gib(20)),),
    )
    assert [one.what for one in items("host volume", sized)] == ["20 GiB gp3"]


def test_storage_grows_only_where_it_may() -> None:
    def told(most: Bytes | None) -> str:
        (found,) = items("storage", lone_database(storage_type="gp3", storage=Bytes.gib(100), max_storage=most))
        return found.what

    assert told(None).startswith("100 GiB gp3 at")
    assert told(Bytes.gib(100)).startswith("100 GiB gp3 at")
    assert told(Bytes.gib(101)).startswith("100 GiB gp3 (growing to 101) at")
