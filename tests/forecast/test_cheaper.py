"""What would be cheaper is proposed only where nothing that was promised is lost."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from mainstay import facts
from mainstay.checks.examples import database, lone_database, plan_of, replica, settings
from mainstay.core.findings import Finding, Harm, Severity
from mainstay.core.schedules import Cron
from mainstay.core.units import Bytes, Duration
from mainstay.forecast import cost, judge, promise
from mainstay.forecast.changes import changes_of
from mainstay.forecast.cheaper import cheaper
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Output, Plan
from mainstay.plan.resources import (
    BackupPlan,
    BackupRule,
    BackupSelection,
    BackupVault,
    CopyAction,
    DbInstance,
    ElasticIp,
    NatGateway,
    Opaque,
    OptionGroup,
    ParameterGroup,
    Resource,
    Route,
)
from mainstay.plan.values import Attr, Param, Ref, Unknown

LOOSE = Intent(rpo=Duration.days(1), rto=Duration.days(2))
TIGHT = Intent(rpo=Duration.minutes(1), rto=Duration.minutes(10))


def _judged(plan: Plan) -> Iterable[Finding]:
    return judge(promise(plan), plan.intent)


def _kinds(plan: Plan) -> list[str]:
    return [one.kind for one in cheaper(plan, _judged)]


def test_a_class_of_graviton_saves_what_the_forecast_says() -> None:
    (one,) = cheaper(plan_of(database(instance_class="db.m5.large")), _judged)
    assert (one.subject, one.kind) == ("Database", "class")
    assert one.what == "db.m5.large → db.m6g.large, of the same vCPUs and memory"
    assert 0 < one.saved[0] == one.saved[1] == one.saved[2]
    assert one.as_json()["saved"] == dict.fromkeys(("low_usd", "expected_usd", "high_usd"), one.saved[1])


@pytest.mark.parametrize("name", ["db.m7g.large", "db.m5.24xlarge", "db.x2g.large", "db.none.large"])
def test_a_class_without_a_price_or_without_a_twin_is_left_alone(name: str) -> None:
    assert _kinds(plan_of(database(instance_class=name))) == []


@pytest.mark.parametrize(
    ("name", "size", "iops", "kinds"),
    [
        # 256 KiB an operation: 2,000 read the 500 MiB/s that a large gp3 has by itself, a small one has 125.
        ("db.m7g.xlarge", 400, 2_000, ["storage"]),
        ("db.m7g.xlarge", 400, 2_001, []),  # more would cost what nobody is sure of
        ("db.m7g.xlarge", 399, 500, ["storage"]),
        ("db.m7g.xlarge", 399, 501, []),
        # The class reads 249 MiB/s at most, whatever the volume could.
        ("db.t4g.medium", 400, 12_000, ["storage"]),
        ("db.t4g.medium", 400, 12_001, []),
        ("db.t4g.medium", 399, 1_000, []),
    ],
)
def test_io1_gives_way_to_gp3_only_below_what_gp3_has(name: str, size: int, iops: int, kinds: list[str]) -> None:
    volume = {"storage_type": "io1", "storage": Bytes.gib(size), "max_storage": Bytes.gib(1000), "iops": iops}
    plan = plan_of(database(instance_class=name, **volume), intent=LOOSE)
    found = [one for one in cheaper(plan, _judged) if one.kind != "standby"]
    assert [one.kind for one in found] == kinds
    assert not any("MiB/s" in one.what for one in found)


def _tried(**changes: object) -> list[str]:
    plan = plan_of(lone_database(**{"storage": Bytes.gib(400), "max_storage": None, **changes}))
    return [change.kind for change, _ in changes_of(plan, date(2026, 11, 21))]


@pytest.mark.parametrize("name", ["db.m5.24xlarge", "db.m5.odd", "db.odd"])
def test_a_class_without_a_twin_is_not_tried(name: str) -> None:
    assert _tried(instance_class=name) == []


def test_what_would_change_nothing_is_not_tried() -> None:
    small = {"instance_class": "db.t4g.medium"}
    assert _tried(throughput_mib_s=500, iops=12_000, **small) == []
    assert _tried(throughput_mib_s=501, iops=12_001, **small) == ["throughput", "IOPS"]
    assert _tried(is_multi_az=True, **small) == ["standby"]


@pytest.mark.parametrize(
    ("m7g", "m6g", "change"),
    [(0.15, 0.159, "db.m7g.large"), (0.159, 0.15, "db.m6g.large"), (0.178, 0.178, ""), (0.2, 0.177, "db.m6g.large")],
)
def test_of_two_classes_the_cheaper_one_is_named(
    m7g: float, m6g: float, change: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = {
        "region": "us-east-1",
        "instance_hour": {"postgres": {"db.m5.large": 0.178, "db.m6g.large": m6g, "db.m7g.large": m7g}},
    }
    own = tmp_path / "prices.json"
    own.write_text(json.dumps({"source": "mine", "date": "2026-11-01", "confidence": "high", "data": data}))
    monkeypatch.setenv("MAINSTAY_PRICES", str(own))
    plan = plan_of(lone_database(instance_class="db.m5.large"))
    assert [one.what.split()[2].rstrip(",") for one in cheaper(plan, _judged)] == ([change] if change else [])
    assert [one.path for one in cost(plan).quotes] == ["instance_hour/postgres/db.m5.large"]


def test_throughput_is_bought_where_its_price_is_sure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sure = dict(facts.load("prices").data)
    del sure["origins"]
    own = tmp_path / "prices.json"
    own.write_text(json.dumps({"source": "mine", "date": "2026-11-01", "confidence": "high", "data": sure}))
    monkeypatch.setenv("MAINSTAY_PRICES", str(own))
    volume = {"storage_type": "io1", "storage": Bytes.gib(400), "max_storage": None, "iops": 4_001}
    (one,) = cheaper(plan_of(lone_database(instance_class="db.m7g.xlarge", **volume)), _judged)
    assert one.what == "io1 with 4,001 IOPS → gp3, which has 12,000 by itself and 1000 MiB/s"


def test_a_small_gp3_warms_up_slower_than_io1_and_is_not_called_as_good() -> None:
    volume = {"storage_type": "io1", "max_storage": Bytes.gib(1000), "iops": 500, "instance_class": "db.m7g.xlarge"}
    assert _kinds(plan_of(database(storage=Bytes.gib(399), **volume))) == []
    assert _kinds(plan_of(database(storage=Bytes.gib(400), **volume))) == ["storage"]


@pytest.mark.parametrize(
    ("intent", "kinds"),
    [
        (LOOSE, ["standby"]),
        (Intent(rpo=Duration(300), rto=Duration(3210)), ["standby"]),
        (Intent(rpo=Duration(299), rto=Duration(3210)), []),
        (Intent(rpo=Duration(300), rto=Duration(3209)), []),
        (TIGHT, []),
        (Intent(), []),
        (Intent(rpo=LOOSE.rpo), []),
        (Intent(rto=LOOSE.rto), []),
    ],
)
def test_a_standby_goes_only_when_both_objectives_still_hold(intent: Intent, kinds: list[str]) -> None:
    assert _kinds(plan_of(database(), intent=intent)) == kinds


def test_a_standby_without_a_price_is_no_saving() -> None:
    assert _kinds(plan_of(database(instance_class="db.x2g.large"), intent=LOOSE)) == []


def test_what_brings_up_a_warning_is_not_proposed_and_what_tells_something_is() -> None:
    plan = plan_of(database(instance_class="db.m5.large"))

    def judged(severity: Severity) -> list[str]:
        found = Finding(
            id="XX001", severity=severity, harm=Harm.OUTAGE, summary="changed", detail="It changed.", hint="mend it"
        )
        return [one.kind for one in cheaper(plan, lambda other: [] if other == plan else [found])]

    assert judged(Severity.WARNING) == judged(Severity.ERROR) == []
    assert judged(Severity.INFO) == ["class"]


def test_the_three_largest_are_shown_largest_first_and_the_plan_stays_as_it_was() -> None:
    volume = {"storage_type": "io1", "storage": Bytes.gib(400), "iops": 2_000}
    plan = plan_of(
        database(instance_class="db.m5.large", **volume),
        replica(instance_class="db.m5.large", storage=Bytes.gib(100)),
        intent=LOOSE,
    )
    before = replace(plan)
    found = cheaper(plan, _judged)
    assert len(found) == 3
    assert [one.saved[1] for one in found] == sorted((one.saved[1] for one in found), reverse=True)
    assert plan == before


def _old(**changes: object) -> tuple[Resource, ...]:
    settings_of_8_0 = settings("mysql8.0")
    settled: dict[str, object] = {
        "engine": "mysql",
        "engine_version": "8.0.46",
        "instance_class": "db.t4g.micro",
        "parameter_group": Ref("Settings"),
        **changes,
    }
    return lone_database(**settled), settings_of_8_0


@pytest.mark.parametrize(("today", "kinds"), [(date(2026, 7, 31), []), (date(2026, 8, 1), ["version"])])
def test_a_newer_version_is_proposed_once_support_is_charged(today: date, kinds: list[str]) -> None:
    assert [one.kind for one in cheaper(plan_of(*_old()), _judged, today=today)] == kinds


@pytest.mark.parametrize(
    ("today", "major"),
    [(date(2026, 2, 28), "14"), (date(2026, 3, 1), "15")],  # 14 is charged from 2027-03-01
)
def test_a_version_that_is_charged_within_a_year_is_not_proposed(today: date, major: str) -> None:
    old = lone_database(engine_version="12.22", instance_class="db.t4g.micro")
    (one,) = [change for change, _ in changes_of(plan_of(old), today) if change.kind == "version"]
    assert one.what.startswith(f"postgres 12.22 → {major}.")


def test_an_upgrade_takes_replicas_and_settings_along_and_says_what_it_costs() -> None:
    plan = plan_of(*_old(), replica(engine_version="8.0.46", instance_class="db.t4g.micro"))
    (one,) = cheaper(plan, _judged, today=date(2026, 11, 21))
    assert one.saved == (292.0, 292.0, 292.0)
    assert one.what.startswith("mysql 8.0.46 → 8.4.")
    assert "takes it away for 10 to 60 min" in one.what
    ((_, other),) = [pair for pair in changes_of(plan, date(2026, 11, 21)) if pair[0].kind == "version"]
    beside = lone_database(key="Beside", engine="mysql", engine_version="8.0.46")
    tried = [change for change, _ in changes_of(plan_of(*plan.primary.resources, beside), date(2026, 11, 21))]
    moved = next(change for change in tried if change.kind == "version").region
    assert [str(db.engine_version)[:3] for db in moved.of(DbInstance) if db.key == "Beside"] == ["8.0"]
    assert {str(db.engine_version).rpartition(".")[0] for db in other.primary.of(DbInstance)} == {"8.4"}
    assert [group.family for group in other.primary.of(ParameterGroup)] == ["mysql8.4"]


def test_an_option_group_follows_the_version_and_other_groups_stay() -> None:
    own = OptionGroup(key="Options", engine="mysql", major_version="8.0", description="audit")
    others = replace(own, key="Others"), replace(settings("mysql8.0"), key="OtherSettings")
    plan = plan_of(*_old(option_group=Ref("Options")), own, *others)
    ((_, other),) = [pair for pair in changes_of(plan, date(2026, 11, 21)) if pair[0].kind == "version"]
    assert [group.major_version for group in other.primary.of(OptionGroup)] == ["8.4", "8.0"]
    assert [group.family for group in other.primary.of(ParameterGroup)] == ["mysql8.4", "mysql8.0"]


def test_a_version_that_everybody_pays_for_has_no_way_out() -> None:
    today = date(2031, 1, 1)
    assert "version" not in [change.kind for change, _ in changes_of(plan_of(*_old()), today)]
    retired = plan_of(*_old(engine_version="5.7.44"))
    ((change, _),) = [pair for pair in changes_of(retired, date(2026, 11, 21)) if pair[0].kind == "version"]
    assert "8.4." in change.what


DAILY = BackupRule(
    name="daily",
    vault=Ref("Vault"),
    schedule=Cron.parse("cron(0 2 * * ? *)"),
    start_window=Duration(3600),
    completion_window=Duration(14_400),
    delete_after=Duration.days(30),
    copies=(CopyAction(vault="arn:aws:backup:us-west-2:1:backup-vault:v", delete_after=Duration.days(30)),),
)
WEEKLY = replace(DAILY, name="weekly", schedule=Cron.parse("cron(0 4 ? * SUN *)"), delete_after=Duration.days(28))


def _tiers(*rules: BackupRule) -> list[str]:
    plan = plan_of(
        lone_database(instance_class="db.m7g.large"),
        BackupVault(key="Vault", name="v"),
        BackupPlan(key="Plan", name="p", rules=rules),
        BackupSelection(key="Selection", plan=Ref("Plan"), name="s", role="r", resources=(Ref("Database"),)),
    )
    return _kinds(plan)


def _kept(rule: BackupRule, days: int | None) -> BackupRule:
    """The rule with its copies kept so long."""
    keep = None if days is None else Duration.days(days)
    return replace(rule, copies=(replace(rule.copies[0], delete_after=keep),))


def test_of_two_tiers_that_keep_the_same_the_later_goes() -> None:
    assert _tiers(DAILY, replace(DAILY, name="again")) == ["tier again"]


def test_a_tier_that_another_keeps_whole_is_one_too_many() -> None:
    assert _tiers(DAILY, _kept(WEEKLY, 30)) == ["tier weekly"]
    assert _tiers(DAILY, _kept(WEEKLY, 31)) == []
    assert _tiers(DAILY, _kept(WEEKLY, None)) == []
    assert _tiers(_kept(DAILY, None), _kept(WEEKLY, None)) == ["tier weekly"]


@pytest.mark.parametrize(
    "changes",
    [
        {"delete_after": Duration.days(31)},
        {"delete_after": None},
        {"delete_after": Param("Keep")},
        {"vault": "another-vault"},
        {"is_continuous": True},
        {"copies": (CopyAction(vault="arn:aws:backup:eu-west-1:1:backup-vault:v", delete_after=Duration.days(30)),)},
        {"schedule": Param("When")},
        {"schedule": Cron.parse("cron(0 0/6 * * ? *)")},
    ],
)
def test_a_tier_that_keeps_something_of_its_own_stays(changes: dict[str, object]) -> None:
    assert _tiers(DAILY, replace(WEEKLY, **changes)) == []  # type: ignore[arg-type]  # fields of many types


NAT = NatGateway(key="Nat", subnet="s", allocation=Attr("Ip", "allocation_id"))
IP = ElasticIp(key="Ip")
ROUTE = Route(key="Route", route_table="t", destination="0.0.0.0/0", nat_gateway=Ref("Nat"))
BASE = lone_database(instance_class="db.m7g.large")


@pytest.mark.parametrize(
    ("resources", "subjects"),
    [
        ((NAT, IP), ["Nat"]),
        ((NAT, IP, ROUTE), []),
        ((IP,), ["Ip"]),
        ((NAT, IP, replace(ROUTE, nat_gateway=Unknown("a mapping"))), []),
        ((NAT, IP, Opaque(key="Odd", type="AWS::EC2::TransitGatewayRoute")), []),
        ((replace(NAT, extras={"Odd": 1}), IP), []),
    ],
)
def test_what_nothing_leads_to_is_idle_where_everything_can_be_seen(
    resources: tuple[Resource, ...], subjects: list[str]
) -> None:
    assert [one.subject for one in cheaper(plan_of(BASE, *resources), _judged)] == subjects


def test_what_an_output_names_is_used() -> None:
    plan = plan_of(BASE, IP)
    told = replace(plan.primary, outputs=(Output(name="Address", value=Attr("Ip", "public_ip")),))
    assert cheaper(replace(plan, regions=(told,)), _judged) == ()


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({"throughput_mib_s": 500}, []),
        ({"throughput_mib_s": 501}, ["throughput"]),
        ({"iops": 12_000}, []),
        ({"iops": 12_001}, ["IOPS"]),
        ({"iops": 12_001, "instance_class": "db.t4g.large"}, []),
        ({"throughput_mib_s": 567, "instance_class": "db.m7g.large"}, []),
        ({"throughput_mib_s": 568, "instance_class": "db.m7g.large"}, ["throughput"]),
        ({"throughput_mib_s": 2_000, "instance_class": "db.m7g.xlarge"}, []),
    ],
)
def test_speed_that_the_class_can_never_use_is_one_too_much(changes: dict[str, object], kinds: list[str]) -> None:
    volume = {"instance_class": "db.t4g.medium", "storage": Bytes.gib(400), "max_storage": None}
    assert _kinds(plan_of(lone_database(**{**volume, **changes}))) == kinds


def test_io2_gives_way_as_io1_does_and_says_what_is_not_judged() -> None:
    volume = {"storage_type": "io2", "storage": Bytes.gib(400), "max_storage": None, "iops": 2_000}
    (one,) = cheaper(plan_of(lone_database(instance_class="db.m7g.large", **volume)), _judged)
    assert "io2's latency and durability are not judged" in one.what


def test_a_price_that_nobody_is_sure_of_is_no_saving() -> None:
    # r7g is priced low in confidence, and r8g not at all.
    assert _kinds(plan_of(lone_database(instance_class="db.r7i.large"))) == []
    (one,) = cheaper(plan_of(lone_database(instance_class="db.r6i.large")), _judged)
    assert "db.r6g.large" in one.what
