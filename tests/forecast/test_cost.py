"""A month's bill: figures that can be worked out by hand, and what is not known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mainstay import spec
from mainstay.checks.examples import alarm, key_for, plan_of, replica
from mainstay.checks.examples import lone_database as database
from mainstay.core.schedules import Cron
from mainstay.core.units import Bytes, Duration
from mainstay.forecast import CostItem, cost
from mainstay.forecast.prices import price
from mainstay.plan.passes import build
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    BackupSelection,
    BackupVault,
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
    LogGroup,
    NatGateway,
    Resource,
    RestoreTestingSelection,
    Secret,
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
        ({"storage_type": "io2", "iops": 1000}, [None]),
    ],
)
def test_speed_beyond_what_is_included(changes: dict[str, object], speeds: list[float | None]) -> None:
    found = items(database(storage=Bytes.gib(400), **changes)).get("storage speed", [])
    assert [None if one.amount is None else round(one.amount[1], 2) for one in found] == speeds


def test_storage_of_an_unknown_size_or_kind_has_no_price() -> None:
    assert amount("storage", database(storage=Param("Size"))) is None
    assert amount("storage", database(storage_type="io2")) is None
    assert amount("backup storage", database(storage=Param("Size"))) is None


def test_long_insights_have_no_price() -> None:
    assert "insights" not in items(database(performance_insights_retention=Duration.days(7)))
    assert amount("insights", database(performance_insights_retention=Duration.days(31))) is None


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
    continuous = replace(DAILY, is_continuous=True)
    assert amount("backup storage", *backed_up(continuous)) == (0, 0, round(70 * 0.095, 2))


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
    assert amount("keys", key_for(rotates=True), key_for(key="Other", rotates=False)) == (2.0, 2.0, 4.0)
    assert amount("secrets", Secret(key="S"), database(manages_password=True)) == (0.8, 0.8, 0.8)
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


def test_what_the_tables_have_no_price_for_is_named() -> None:
    host = Instance(key="Host", image="ami-1", instance_type="t4g.nano")
    assert [one.what for one in items(host)["host"]] == ["t4g.nano and its volume, no price in the tables"]
    assert amount("bucket", Bucket(key="B")) is None


def test_a_restore_test_is_hours_of_an_instance() -> None:
    test = RestoreTestingSelection(
        key="T", plan="p", name="n", role="r", resource_type="RDS", validation_window=Duration(3600)
    )
    found = amount("restore tests", test, MICRO)
    assert found == tuple(round(hours * 0.016 * 365.25 / 12 / 7, 2) for hours in (1.5, 2, 4))
    assert amount("restore tests", test, replace(MICRO, instance_class="db.x9.large")) is None
    assert amount("restore tests", test) is None


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
    assert {item.part for item in bill.unknown} <= {"host", "bucket"}


def test_a_test_set_up_over_two_regions_costs_what_its_operators_paid() -> None:
    """They wrote down 31 to 57 USD a month for a micro with backups in two regions."""
    bill = cost(build(spec.load(BLUEPRINTS / "mysql-backup-dr.yaml", environment="dev")))
    low, expected, high = bill.total
    assert 15 < low <= expected < 57
    assert 31 < high < 80
    assert {"replicated backups", "vault copies"} <= {item.part for item in bill.items}
    assert bill.unknown == ()
