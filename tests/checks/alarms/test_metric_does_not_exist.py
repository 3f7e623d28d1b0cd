"""AL005: what each metric takes, and what cannot be seen of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.alarms.metric_does_not_exist import faults
from mainstay.checks.examples import alarm, database, plan_of, replica
from mainstay.core.findings import Finding
from mainstay.plan.values import Param, Ref

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("metric", "changes", "said"),
    [
        ("BurstBalance", {"storage_type": "gp3"}, "its volume is gp3"),
        ("BurstBalance", {"storage_type": "IO2"}, "its volume is io2"),
        ("BurstBalance", {"storage_type": "gp2"}, None),
        ("BurstBalance", {}, None),  # what AWS takes by default has changed
        ("CPUCreditBalance", {}, "db.m7g.large is no burstable class"),
        ("CPUCreditBalance", {"instance_class": "db.t4g.micro"}, None),
        ("CPUCreditBalance", {"instance_class": Param("Class")}, None),
        ("ReplicaLag", {}, "it is no replica"),
        ("ReplicaLag", {"engine": Param("Engine")}, None),
        ("ReplicaLag", {"extras": {"SourceDBClusterIdentifier": "c"}}, None),
        ("DBLoad", {"has_performance_insights": False}, "switched off"),
        ("DBLoad", {"has_performance_insights": True}, None),
        ("DBLoad", {}, None),
        ("MaximumUsedTransactionIDs", {"engine": "mysql"}, "its engine is mysql"),
        ("MaximumUsedTransactionIDs", {}, None),
        ("BinLogDiskUsage", {}, "its engine is postgres"),
        ("BinLogDiskUsage", {"engine": "mariadb"}, None),
        ("BinLogDiskUsage", {"engine": "oracle-ee"}, None),
        ("ClientConnections", {}, "only a proxy reports it"),
        ("CPUUtilization", {}, None),
        ("MyOwnMetric", {}, None),
    ],
)
def test_metrics(metric: str, changes: dict[str, object], said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(database(**changes), alarm(metric=metric)))
    assert [(said or "-") in each.detail for each in findings] == ([] if said is None else [True])


def test_a_replica_has_a_lag(say: Say) -> None:
    lag = alarm(metric="ReplicaLag", dimensions={"DBInstanceIdentifier": Ref("Replica")})
    assert say(faults, plan_of(database(), replica(), lag)) == []


def test_mysql_may_follow_a_server_elsewhere(say: Say) -> None:
    (finding,) = say(faults, plan_of(database(engine="mysql"), alarm(metric="ReplicaLag")))
    assert finding.severity == "info"
    (steady,) = say(faults, plan_of(database(engine="mysql", storage_type="gp3"), alarm(metric="BurstBalance")))
    (postgres,) = say(faults, plan_of(database(), alarm(metric="ReplicaLag")))
    assert (steady.severity, postgres.severity) == ("error", "error")


def test_what_is_not_in_the_plan(say: Say) -> None:
    assert say(faults, plan_of(alarm(metric="BurstBalance"))) == []
    gp3 = database(storage_type="gp3")
    assert say(faults, plan_of(gp3, alarm(metric="BurstBalance", namespace="AWS/EBS"))) == []
