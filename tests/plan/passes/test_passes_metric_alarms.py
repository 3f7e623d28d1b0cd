"""Further alarms: each where its metric exists, with a threshold out of what the class and the volume have."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay import facts
from mainstay.core.units import Bytes
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Alarm, EventRule, TopicPolicy
from mainstay.plan.values import Attr, Ref

Built = Callable[..., Plan]
USUAL = {"CPUUtilization", "FreeStorageSpace", "FreeableMemory", "DatabaseConnections", "ReplicaLag", "Errors"}
VOLUME = {"ReadLatency", "WriteLatency", "DiskQueueDepth", "EBSByteBalance%", "EBSIOBalance%", "SwapUsage"}
POSTGRES = {"MaximumUsedTransactionIDs", "OldestReplicationSlotLag", "TransactionLogsDiskUsage"}
ON = {"alerts__metrics": "{}"}


def further(plan: Plan, watched: str = "Database") -> dict[str, Alarm]:
    return {
        str(one.metric): one
        for one in plan.primary.of(Alarm)
        if one.namespace == "AWS/RDS" and one.metric not in USUAL and Ref(watched) in one.dimensions.values()
    }


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, VOLUME | POSTGRES | {"DBLoad"}),
        ({"monitoring__insights": "null"}, VOLUME | POSTGRES),
        ({"database__class": "db.t4g.medium"}, VOLUME | POSTGRES | {"DBLoad", "CPUCreditBalance"}),
        ({"database__engine": "mysql"}, VOLUME | {"DBLoad", "BinLogDiskUsage"}),
        ({"database__engine": "mariadb", "monitoring__insights": "null"}, VOLUME | {"BinLogDiskUsage"}),
        # RDS has no Performance Insights of a micro class with MySQL.
        (
            {"database__engine": "mysql", "database__class": "db.t4g.micro"},
            VOLUME | {"BinLogDiskUsage", "CPUCreditBalance"},
        ),
    ],
)
def test_an_alarm_is_made_where_its_metric_exists(built: Built, settings: dict[str, str], expected: set[str]) -> None:
    assert set(further(built(**ON, **settings))) == expected


def test_a_replica_has_those_of_its_class_and_volume(built: Built) -> None:
    plan = built(**ON, database__replicas="{count: 1, class: db.t4g.large}")
    assert set(further(plan, "DatabaseReplica1")) == VOLUME | {"DBLoad", "CPUCreditBalance"}
    assert further(plan, "DatabaseReplica1")["DBLoad"].threshold == 2
    assert "CPUCreditBalance" not in further(plan)


def test_direction_unit_and_duration_are_the_table_s(built: Built) -> None:
    for metric, alarm in further(built(**ON, database__class="db.t4g.medium")).items():
        fact = facts.metric(metric)
        assert fact is not None
        assert alarm.comparison == {"high": "GreaterThanThreshold", "low": "LessThanThreshold"}[fact.alarming]
        percentile = fact.statistic if fact.statistic.startswith("p") else None
        assert (alarm.statistic or alarm.extended_statistic, alarm.extended_statistic) == (fact.statistic, percentile)
        assert (alarm.datapoints, alarm.evaluation_periods) == (
            fact.datapoints,
            fact.datapoints,
        )
        assert alarm.missing_data == "notBreaching"
        assert alarm.alarm_actions == alarm.ok_actions == (Ref("AlertsTopic"),)


def test_thresholds_are_of_what_there_is(built: Built) -> None:
    # db.m7g.large: 2 vCPUs, 8 GiB; the volume has 100 GiB.
    values = {name: alarm.threshold for name, alarm in further(built(**ON)).items()}
    assert values["DBLoad"] == 2
    assert values["SwapUsage"] == Bytes(256 * 2**20)
    assert values["OldestReplicationSlotLag"] == Bytes.gib(10)
    assert values["TransactionLogsDiskUsage"] == Bytes.gib(20)
    assert values["ReadLatency"] == values["WriteLatency"] == 0.02
    assert values["EBSByteBalance%"] == 10
    written = "{load: 50%, swap: 10%, read_latency: 5ms, slot_lag: 1 GiB, disk_queue: 9, transaction_ids: 1500000000}"
    values = {name: alarm.threshold for name, alarm in further(built(alerts__metrics=written)).items()}
    assert values["DBLoad"] == 1
    assert values["SwapUsage"] == int(Bytes.gib(8) / 10)
    assert values["ReadLatency"] == 0.005
    assert values["OldestReplicationSlotLag"] == Bytes.gib(1)
    assert (values["DiskQueueDepth"], values["MaximumUsedTransactionIDs"]) == (9, 1_500_000_000)


def test_the_table_s_recommendations_are_the_usual_thresholds(built: Built) -> None:
    for metric, alarm in further(built(**ON, database__class="db.t4g.medium", access__proxy="{}")).items():
        fact = facts.metric(metric)
        assert fact is not None
        assert fact.threshold in (None, alarm.threshold)


OFF = (
    "{load: null, read_latency: null, write_latency: null, disk_queue: null, ebs_balance: null, cpu_credits: null,"
    " swap: null, transaction_ids: null, slot_lag: null, transaction_logs: null, binlogs: null,"
    " proxy_borrow_latency: null, proxy_clients: null, proxy_refused: null}"
)


@pytest.mark.parametrize("engine", ["postgres", "mysql"])
def test_each_can_be_turned_off(built: Built, engine: str) -> None:
    settings = {"database__engine": engine, "access__proxy": "{}", "database__class": "db.t4g.medium"}
    plan = built(**settings, alerts__metrics=OFF)
    assert (further(plan), further(plan, "DatabaseProxy")) == ({}, {})


def test_prod_has_them_and_dev_on_wish(built: Built) -> None:
    assert further(built()) == {}
    assert set(further(built(profile="prod"))) == VOLUME | POSTGRES | {"DBLoad"}
    assert further(built(profile="prod", alerts__metrics="null")) == {}


def test_a_proxy_is_watched(built: Built) -> None:
    watched = further(
        built(alerts__metrics="{proxy_latency: 50ms}", access__proxy="{max_connections: 50%}"), "DatabaseProxy"
    )
    values = {
        name: (alarm.unit, alarm.threshold, alarm.statistic or alarm.extended_statistic)
        for name, alarm in watched.items()
    }
    assert values == {
        "DatabaseConnectionsBorrowLatency": ("Microseconds", 100_000, "p99"),
        "QueryDatabaseResponseLatency": ("Microseconds", 50_000, "p90"),
        # 901 connections by the class, half of them for the proxy, five clients for each.
        "ClientConnections": ("Count", 2252, "Maximum"),
        "ClientConnectionsSetupFailedAuth": ("Count", 10, "Sum"),
    }
    assert {alarm.name for alarm in watched.values()} == {
        "shop-dev-proxy-borrow",
        "shop-dev-proxy-latency",
        "shop-dev-proxy-clients",
        "shop-dev-proxy-refused",
    }
    assert further(built(**ON), "DatabaseProxy") == {}


def test_a_class_that_the_tables_lack_has_no_shares(built: Built) -> None:
    settings = {
        "database__class": "db.zz9.large",
        "access__proxy": "{}",
        "alerts": "{subscribers: [a@b.co], free_memory: 1 GiB, connections: 50, metrics: {swap: 10%}}",
        "region": "xx-nowhere-1",
    }
    plan = built(**settings)
    assert not {"DBLoad", "SwapUsage"} & set(further(plan))
    assert "ClientConnections" not in further(plan, "DatabaseProxy")


@pytest.mark.parametrize("engine", ["postgres", "mysql", "mariadb"])
def test_all_alarms_land(complaints: Callable[..., list[str]], engine: str) -> None:
    settings = {
        "database__engine": engine,
        "database__replicas": "{count: 1}",
        "access__proxy": "{}",
        "protection__backup_plan": "{daily: {keep: 9d}}",
        "alerts__composite": "true",
        "monitoring__dashboard": "true",
    }
    assert complaints(**ON, **settings) == []


def test_whoever_touches_the_vault_is_told_of(built: Built) -> None:
    plan = built(protection__backup_plan="{daily: {keep: 9d}}")
    (rule,) = [one for one in plan.primary.of(EventRule) if one.key == "VaultAccess"]
    assert rule.pattern is not None
    assert rule.pattern.values_at("detail", "requestParameters", "backupVaultName") == ("shop-dev-backups",)
    assert "DeleteRecoveryPoint" in rule.pattern.values_at("detail", "eventName")
    assert rule.pattern.values_at("detail-type") == ("AWS API Call via CloudTrail",)
    assert [one.arn for one in rule.targets] == [Attr("AlertsTopic", "arn")]
    (policy,) = plan.primary.of(TopicPolicy)
    publishers = [who.value for one in policy.policy.statements for who in one.principals]
    assert "events.amazonaws.com" in publishers
    assert not [one for one in built().primary.of(EventRule) if one.key == "VaultAccess"]


def test_the_second_region_s_vault_is_watched_as_well(built: Built) -> None:
    plan = built(
        disaster_recovery="{region: eu-west-1, copies: {daily: 9d}}", protection__backup_plan="{daily: {keep: 9d}}"
    )
    for region in plan.regions:
        assert [one.key for one in region.of(EventRule) if one.key == "VaultAccess"] == ["VaultAccess"]
