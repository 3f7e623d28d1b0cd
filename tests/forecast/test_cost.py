"""A month's bill: figures that can be worked out by hand, and what is not known."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from mainstay import spec
from mainstay.checks.examples import alarm, key_for, plan_of, replica
from mainstay.checks.examples import lone_database as database
from mainstay.core.schedules import Cron
from mainstay.core.units import Bytes, Duration
from mainstay.forecast import CostItem, Section, cost
from mainstay.forecast.prices import instance_hour, known, plus, price, quote, table
from mainstay.forecast.restoring import restore_time
from mainstay.plan.passes import build
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    BackupSelection,
    BackupVault,
    BlockDevice,
    Bucket,
    CompositeAlarm,
    CopyAction,
    Dashboard,
    DbInstance,
    DbProxy,
    DbProxyTargetGroup,
    ElasticIp,
    Function,
    Instance,
    LifecycleRule,
    LogGroup,
    NatGateway,
    Resource,
    RestoreTestingPlan,
    RestoreTestingSelection,
    Secret,
    Transition,
    VpcEndpoint,
)
from mainstay.plan.values import Param, Ref

BLUEPRINTS = Path(__file__).parents[2] / "blueprints"
MICRO = database(engine="mysql", instance_class="db.t4g.micro", storage=Bytes.gib(20), max_storage=None)


def items(*resources: Resource) -> dict[str, list[CostItem]]:
    found: dict[str, list[CostItem]] = {}
    for item in cost(plan_of(*resources)).items:
        found.setdefault(item.part, []).append(item)
    return found


def amount(part: str, *resources: Resource) -> tuple[float, float, float] | None:
    (item,) = items(*resources)[part]
    return None if item.amount is None else tuple(round(one, 2) for one in item.amount)  # type: ignore[return-value]  # three stay three


def test_the_smallest_database_is_an_instance_and_its_storage() -> None:
    bill = cost(plan_of(MICRO))
    assert [item.part for item in bill.items] == ["instance", "storage", "backup storage"]
    assert amount("instance", MICRO) == (11.68, 11.68, 11.68)
    assert amount("storage", MICRO) == (2.30, 2.30, 2.30)
    assert round(bill.total[0], 2) == 13.98


def test_a_standby_doubles_instance_and_storage() -> None:
    db = database(instance_class="db.m6g.large", is_multi_az=True, max_storage=Bytes.gib(200))
    found = items(db)
    assert [round(one.amount[1], 2) for one in (*found["instance"], *found["standby"]) if one.amount] == [116.07] * 2
    assert amount("storage", db) == (23.00, 23.00, 46.00)


def test_a_replica_costs_what_its_source_s_engine_and_storage_say() -> None:
    source = database(instance_class="db.m6g.large", max_storage=None)
    found = items(source, replica(instance_class="db.m6g.large", max_storage=None))
    assert [one.part for one in (*found["replica"], *found["storage"])] == ["replica", "storage", "storage"]
    assert amount("replica", source, replica(instance_class="db.m6g.large")) == (116.07, 116.07, 116.07)
    assert {one.amount for one in found["storage"]} == {(11.5, 11.5, 11.5)}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"instance_class": "db.x9.large"}, "db.x9.large, no price in the tables"),
        ({"instance_class": Param("Class")}, "a class that is not known here, no price in the tables"),
        ({"engine": "oracle"}, "db.m7g.large, no price in the tables"),
    ],
)
def test_an_unknown_price_says_so_and_is_never_nothing(changes: dict[str, object], what: str) -> None:
    plan = plan_of(database(**changes))
    (item,) = [one for one in cost(plan).items if one.part == "instance"]
    assert (item.what, item.amount) == (what, None)
    document = item.as_json()
    assert (document["low_usd"], document["expected_usd"], document["high_usd"]) == (None, None, None)
    assert "instance" in str(cost(plan).as_json()["unknown"])
    assert cost(plan).total[1] < 20  # the storage alone


@pytest.mark.parametrize(
    ("changes", "speeds"),
    [
        ({"iops": 12_000, "throughput_mib_s": 500}, []),
        ({"iops": 12_001}, [0.02]),
        ({"iops": 13_000, "throughput_mib_s": 600, "is_multi_az": True}, [40.0, 16.0]),
        ({"storage_type": "io1", "iops": 1000}, [100.0]),
        ({"storage_type": "io2", "iops": 1000}, [100.0]),
        ({"storage_type": "gp9", "iops": 1000}, [None]),
    ],
)
def test_speed_beyond_what_is_included(changes: dict[str, object], speeds: list[float | None]) -> None:
    found = items(database(storage=Bytes.gib(400), **changes)).get("storage speed", [])
    assert [None if one.amount is None else round(one.amount[1], 2) for one in found] == speeds


def test_storage_of_an_unknown_size_or_kind_has_no_price() -> None:
    assert amount("storage", database(storage=Param("Size"))) is None
    assert amount("storage", database(storage_type="gp9")) is None
    assert amount("storage", database(storage_type="io2", max_storage=None)) == (12.5, 12.5, 12.5)
    assert amount("backup storage", database(storage=Param("Size"))) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"instance_class": "db.m5.large"}, 7.63),
        ({"instance_class": "db.m5.large", "is_multi_az": True}, 15.26),
        ({"instance_class": "db.m7g.large"}, None),
        ({"instance_class": "db.m7g.large", "insights_mode": "advanced"}, 18.25),
        ({"instance_class": "db.x9.large", "insights_mode": "advanced"}, None),
    ],
)
def test_long_insights_are_paid_by_vcpu_where_a_price_is_known(
    changes: dict[str, object], expected: float | None
) -> None:
    found = amount("insights", database(performance_insights_retention=Duration.days(31), **changes))
    assert found == (None if expected is None else (expected,) * 3)


def test_a_week_of_insights_is_free() -> None:
    assert "insights" not in items(database(performance_insights_retention=Duration.days(7)))


@pytest.mark.parametrize(
    ("engine", "name", "usd", "path"),
    [
        # m5.12xlarge is 4.104 and 4.272 in the price list of AWS itself (seen in a copy of it, 2026-11-21).
        ("mysql", "db.m5.12xlarge", 4.104, "instance_hour/mysql/db.m5.large"),
        ("postgres", "db.m5.12xlarge", 4.272, "instance_hour/postgres/db.m5.large"),
        ("mysql", "db.t3.xlarge", 0.272, "instance_hour/mysql/db.t3.large"),
        ("mysql", "db.t3.large", 0.136, "instance_hour/mysql/db.t3.large"),
    ],
)
def test_a_larger_class_is_reckoned_from_one_of_its_family(engine: str, name: str, usd: float, path: str) -> None:
    found = instance_hour(engine, name)
    assert found is not None
    assert (round(found.usd, 3), found.path) == (usd, path)
    assert found.is_reckoned is not path.endswith(name)


@pytest.mark.parametrize(
    ("engine", "name"), [("mysql", "db.x2g.large"), ("mysql", "db.m5.huge"), ("db2", "db.m5.large")]
)
def test_a_class_without_a_priced_family_has_no_price(engine: str, name: str) -> None:
    assert instance_hour(engine, name) is None


def test_a_reckoned_price_says_from_what() -> None:
    (one,) = items(database(engine="mysql", instance_class="db.m5.12xlarge"))["instance"]
    assert one.what == "db.m5.12xlarge, 730 h at 4.104 USD, reckoned from db.m5.large"
    assert one.prices == ("instance_hour/mysql/db.m5.large",)


def test_a_price_says_where_it_comes_from() -> None:
    own, path, whole = quote("storage_gb_month/io2"), quote("instance_hour/mysql/db.m7g.large"), quote("nat_hour")
    assert "io2-block-express" in own.source
    assert (path.confidence, whole.confidence) == ("low", "medium")
    assert quote("instance_hour/mysql/db.m5.large").confidence == "medium"
    assert own.as_json()["date"] == "2026-11-20"
    with pytest.raises(KeyError, match="no price at nat_hour/of"):
        quote("nat_hour/of")
    assert math.isnan(known("nothing"))


def _paths(name: str, found: object) -> list[str]:
    return (
        [path for key, one in found.items() for path in _paths(f"{name}/{key}", one)]
        if isinstance(found, dict)
        else [name]
    )


def test_every_price_is_a_number_with_an_origin_and_every_origin_is_one_of_a_price() -> None:
    data = dict(table().data)
    origins, region = data.pop("origins"), data.pop("region")
    paths = [path for name, found in data.items() for path in _paths(name, found)]
    assert region == "us-east-1"
    assert len(paths) > 80
    assert all(quote(path).usd > 0 and quote(path).source for path in paths)
    assert {quote(path).confidence for path in paths} == {"high", "medium", "low"}
    for origin in origins:
        assert any(path == origin or path.startswith(f"{origin}/") for path in paths), origin


def proxy(*instances: DbInstance) -> tuple[Resource, ...]:
    links: tuple[Ref[DbInstance], ...] = tuple(Ref(one.key) for one in instances)
    target = DbProxyTargetGroup(key="Target", proxy=Ref("Proxy"), name="default", instances=links)
    return DbProxy(key="Proxy", name="p", engine_family="MYSQL", role="r", subnets=()), target, *instances


@pytest.mark.parametrize(
    ("name", "expected"), [("db.t4g.micro", 21.90), ("db.m7g.xlarge", 43.80), ("db.x9.huge", None)]
)
def test_a_proxy_costs_by_vcpu_and_two_at_least(name: str, expected: float | None) -> None:
    found = amount("proxy", *proxy(replace(MICRO, instance_class=name)))
    assert found == (None if expected is None else (expected,) * 3)


def test_a_proxy_before_nothing_has_no_price() -> None:
    assert amount("proxy", *proxy()) is None


DAILY = BackupRule(
    name="daily", vault=Ref("Vault"), schedule=Cron.parse("cron(0 2 * * ? *)"), delete_after=Duration.days(30)
)


def backed_up(*rules: BackupRule, **changes: object) -> tuple[Resource, ...]:
    return (
        database(storage=Bytes.gib(100), **changes),
        BackupVault(key="Vault", name="v"),
        BackupPlan(key="Plan", name="p", rules=rules),
        BackupSelection(key="Selection", plan=Ref("Plan"), name="s", role="r", resources=(Ref("Database"),)),
    )


def test_backups_are_free_up_to_the_storage() -> None:
    # 60 GiB used, 2 % changed a day, 7 days: 68 GB; all 100 used and 10 %: 170.
    assert amount("backup storage", database(storage=Bytes.gib(100))) == (0, 0, round(70 * 0.095, 2))
    # and 30 snapshots with what a day changed: 60 + 8.4 + 36 = 104.4.
    assert amount("backup storage", *backed_up(DAILY)) == (0, round(4.4 * 0.095, 2), round(370 * 0.095, 2))
    # A continuous rule owns the retention of automated backups: 30 days of logs instead of 7.
    continuous = replace(DAILY, is_continuous=True)
    assert amount("backup storage", *backed_up(continuous)) == (0, 0, round(300 * 0.095, 2))


def test_copies_are_stored_and_moved() -> None:
    copied = replace(DAILY, copies=(CopyAction(vault="arn:x", delete_after=Duration.days(10)),))
    # 60 GiB used, ten times 1.2 more; a month moves 30.4 times 1.2.
    expected = 72 * 0.095 + 1.2 * 365.25 / 12 * 0.02
    found = amount("vault copies", *backed_up(copied))
    assert found is not None
    assert found[1] == round(expected, 2)
    for_ever = replace(DAILY, copies=(CopyAction(vault="arn:x"),))
    dearer = amount("vault copies", *backed_up(for_ever))
    assert dearer is not None
    assert dearer[1] > 400
    assert "vault copies" not in items(*backed_up(DAILY))


def test_replicated_backups_are_stored_and_moved() -> None:
    replicated = database(storage=Bytes.gib(100), backup_replica_region="us-west-2")
    found = amount("replicated backups", replicated)
    assert found is not None
    assert found[1] == round((60 + 7 * 1.2) * 0.095 + 1.2 * 365.25 / 12 * 0.02, 2)


def test_the_network() -> None:
    nat = NatGateway(key="Nat", subnet="s")
    assert amount("NAT gateways", nat, replace(nat, key="Nat2")) == (65.75, 66.15, 70.20)
    assert amount("public addresses", ElasticIp(key="Ip")) == (3.65,) * 3
    door = VpcEndpoint(key="Door", vpc="v", service="s", kind="Interface", subnets=("a", "b"))
    assert amount("endpoints", door, replace(door, key="Free", kind="Gateway")) == (14.60, 14.61, 14.70)


def test_keys_secrets_and_what_watches() -> None:
    # and 1,000 to 100,000 calls to each
    assert amount("keys", key_for(rotates=True), key_for(key="Other", rotates=False)) == (2.01, 2.06, 4.6)
    assert amount("secrets", Secret(key="S"), database(manages_password=True)) == (0.81, 0.9, 1.8)
    composite = CompositeAlarm(key="Any", rule="ALARM(a)")
    assert amount("alarms", alarm(), composite) == (0.6, 0.6, 0.6)
    assert amount("dashboards", Dashboard(key="Board", body="{}")) == (0, 0, 3.0)
    week, ever = LogGroup(key="Week", retention=Duration.days(30)), LogGroup(key="Ever")
    assert amount("logs", week) == (0.03, round(0.25 + 0.015, 2), 2.65)
    assert amount("logs", ever) == (0.04, round(0.25 + 0.18, 2), 4.30)
    assert amount("enhanced monitoring", database(monitoring_interval=Duration(15))) == (0.2, 0.6, 1.2)
    assert "enhanced monitoring" not in items(database(monitoring_interval=Duration(0)))


def test_functions_cost_next_to_nothing_and_say_what() -> None:
    found = amount("functions", Function(key="F", role="r", memory=Bytes.gib(1)), Function(key="G", role="r"))
    assert found is not None
    assert found[0] == 0.0 < found[1] < 0.1 < found[2] < 5


def test_a_host_is_paid_by_the_hour_and_its_volumes_by_their_size() -> None:
    host = Instance(key="Host", image="ami-1", instance_type="t4g.nano")
    assert amount("host", host) == (3.07, 3.07, 3.07)
    assert amount("host volume", host) == (0.64, 0.64, 2.4)
    assert items(host)["host volume"][0].what == "8 GiB gp3, the size is assumed"
    sized = replace(host, block_devices=(BlockDevice(device="/dev/xvda", size=Bytes.gib(20), volume_type="gp2"),))
    assert amount("host volume", sized) == (2.0, 2.0, 2.0)
    odd = replace(
        host, instance_type="u-24tb1.metal", block_devices=(BlockDevice(device="/dev/xvda", volume_type="x"),)
    )
    assert [one.what for one in items(odd)["host"]] == ["u-24tb1.metal, no price in the tables"]
    assert (amount("host", odd), amount("host volume", odd)) == (None, None)


def test_a_bucket_is_paid_by_what_may_lie_in_it() -> None:
    assert amount("bucket", Bucket(key="B")) == (0.0, 0.23, 2.3)
    ages = tuple(Transition(after=Duration.days(30), storage_class=name) for name in ("STANDARD_IA", "DEEP_ARCHIVE"))
    (aged,) = items(Bucket(key="B", lifecycle=(LifecycleRule(transitions=ages),)))["bucket"]
    assert aged.amount is not None
    assert round(aged.amount[0], 6) == round(0.1 * 0.00099, 6)
    assert aged.prices == ("s3_gb_month/STANDARD", "s3_gb_month/STANDARD_IA", "s3_gb_month/DEEP_ARCHIVE")
    (off,) = items(Bucket(key="B", lifecycle=(LifecycleRule(is_enabled=False, transitions=ages),)))["bucket"]
    assert off.prices == ("s3_gb_month/STANDARD",)


@pytest.mark.parametrize(("days", "expected"), [("30", 60 * 0.01 * 365.25 / 12 / 30), ("1", 60 * 0.01 * 365.25 / 12)])
def test_an_export_is_paid_by_the_snapshot_s_size_each_time(days: str, expected: float) -> None:
    function = Function(key="F", role="r", environment={"MAINSTAY_EXPORT_DAYS": days})
    found = amount("snapshot exports", function, database(storage=Bytes.gib(100)))
    assert found is not None
    assert found[1] == round(expected, 2)
    assert amount("snapshot exports", function, database(storage=Param("Size"))) is None
    assert "snapshot exports" not in items(Function(key="F", role="r"))


TEST = RestoreTestingSelection(
    key="T", plan="p", name="n", role="r", resource_type="RDS", validation_window=Duration(3600)
)


def test_a_restore_test_is_hours_of_an_instance_and_its_storage() -> None:
    an_hour = 0.016 + 20 * 0.115 / 730
    most = restore_time(MICRO, replays=True).most
    weekly = 365.25 / 12 / 7
    found = amount("restore tests", TEST, MICRO)
    assert found == tuple(round(hours * an_hour * weekly, 2) for hours in (1, 1 + 1 / 6, 1 + most / 3600))
    short = amount("restore tests", replace(TEST, validation_window=None), MICRO)
    assert short is not None
    assert short[0] == round(an_hour * weekly / 6, 2)
    assert short[2] == round(an_hour * weekly * (1 / 6 + most / 3600), 2)
    assert amount("restore tests", TEST, replace(MICRO, instance_class="db.x9.large")) is None
    assert amount("restore tests", TEST) is None


def test_restore_tests_are_as_many_as_their_schedule_says_and_their_fee_is_not_known() -> None:
    plan = RestoreTestingPlan(
        key="Plan",
        name="n",
        schedule=Cron.parse("cron(0 2 * * ? *)"),
        algorithm="LATEST_WITHIN_WINDOW",
        vaults=("*",),
        recovery_point_types=("SNAPSHOT",),
    )
    large = replace(MICRO, instance_class="db.m5.12xlarge")
    daily = amount("restore tests", replace(TEST, plan=Ref("Plan")), plan, large)
    weekly = amount("restore tests", TEST, large)
    assert daily is not None
    assert weekly is not None
    assert daily[2] == pytest.approx(7 * weekly[2], rel=0.001)
    (fee,) = items(TEST, MICRO)["restore test fee"]
    assert (fee.amount, "no price in the tables" in fee.what) == (None, True)


def test_the_bill_says_whose_prices_it_has() -> None:
    here = cost(plan_of(MICRO))
    assert (here.priced_as, here.is_of_another_region) == ("us-east-1", False)
    elsewhere = cost(plan_of(MICRO, region="eu-west-1"))
    assert elsewhere.is_of_another_region
    document = elsewhere.as_json()
    assert (document["priced_as"], document["priced_on"], document["regions"]) == (
        "us-east-1",
        "2026-08-21",
        ["eu-west-1"],
    )
    assert cost(Plan(regions=())).total == (0, 0, 0)


def test_sections_add_up_and_the_second_region_is_disaster_recovery() -> None:
    here, there = plan_of(MICRO, NatGateway(key="Nat", subnet="s")).primary, plan_of(key_for()).primary
    far = replace(there, region="us-west-2")
    bill = cost(Plan(regions=(here, far)))
    assert list(bill.sections) == [Section.DATABASE, Section.BACKUPS, Section.RECOVERY, Section.NETWORK]
    assert [item.region for item in bill.items if item.section == Section.RECOVERY] == ["us-west-2"]
    assert bill.total == pytest.approx(plus(bill.sections.values()))
    document = bill.as_json()["sections"]
    assert isinstance(document, list)
    assert document[0] == {"section": "database", "low_usd": 13.98, "expected_usd": 13.98, "high_usd": 13.98}
    # A stack of its own in the same region is no second one, nor is the only region that there is.
    assert Section.RECOVERY not in cost(Plan(regions=(here, replace(there, region=here.region)))).sections
    assert Section.RECOVERY not in cost(Plan(regions=(far,))).sections


def test_a_bill_names_the_prices_that_it_used() -> None:
    bill = cost(plan_of(MICRO))
    assert [one.path for one in bill.quotes] == [
        "backup_gb_month",
        "instance_hour/mysql/db.t4g.micro",
        "storage_gb_month/gp3",
        "transfer_cross_zone_gb",
    ]
    document = bill.as_json()["prices"]
    assert isinstance(document, list)
    assert set(document[0]) == {"price", "usd", "source", "date", "confidence"}


def test_a_price_that_the_list_has_not() -> None:
    assert price("instance_hour", "mysql", "db.t4g.micro") == 0.016
    assert price("instance_hour", "mysql", "db.none") is None
    assert price("nothing") is None
    assert price("nat_hour", "of") is None


@pytest.mark.parametrize("path", sorted(BLUEPRINTS.glob("*.yaml")), ids=lambda path: path.stem)
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_every_blueprint_has_a_bill_whose_ends_are_in_order(path: Path, environment: str) -> None:
    bill = cost(build(spec.load(path, environment=environment)))
    assert all(item.amount is None or 0 <= item.amount[0] <= item.amount[1] <= item.amount[2] for item in bill.items)
    assert {item.part for item in bill.items} >= {"instance", "storage", "backup storage", "keys", "secrets", "alarms"}
    assert {item.part for item in bill.unknown} <= {"restore test fee"}
    assert all(quote(path).usd > 0 for item in bill.items for path in item.prices)
    assert all(bool(item.prices) is (item.amount is not None) for item in bill.items)


def test_a_test_set_up_over_two_regions_costs_what_its_operators_paid() -> None:
    """They wrote down 31 to 57 USD a month for a micro with backups in two regions."""
    bill = cost(build(spec.load(BLUEPRINTS / "mysql-backup-dr.yaml", environment="dev")))
    low, expected, high = bill.total
    assert 15 < low <= expected < 57
    assert 31 < high < 80
    assert {"replicated backups", "vault copies"} <= {item.part for item in bill.items}
    assert bill.unknown == ()
