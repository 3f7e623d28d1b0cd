"""What AWS's tables refuse, all at once and at its line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay import facts
from mainstay.core.findings import Finding
from mainstay.plan.passes.versions import full_version
from mainstay.plan.plan import Plan
from mainstay.plan.resources import DbInstance, ParameterGroup

Built = Callable[..., Plan]
Refused = Callable[..., list[Finding]]


def test_a_major_becomes_its_newest_minor() -> None:
    newest = max((name for name in facts.versions("postgres") if name.startswith("17.")), key=facts.order)
    assert full_version("postgres", "17") == newest
    assert full_version("postgres", "17.10") == "17.10"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("9", "RDS creates no postgres 9; use one of"),
        ("17.4", "RDS creates no postgres 17.4; write 17.11, or 17 for the newest"),
        ("17.8", "RDS creates no postgres 17.8; write 17.11"),  # marked by AWS as not to be created
        ("99.1", "RDS creates no postgres 99.1; use one of"),
    ],
)
def test_a_version_that_cannot_be_created_names_one_that_can(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        full_version("postgres", written)


def test_version_and_family_agree(built: Built) -> None:
    region = built(database__version='"16.14"').primary
    assert next(region.of(DbInstance)).engine_version == "16.14"
    assert next(region.of(ParameterGroup)).family == "postgres16"


@pytest.mark.parametrize(
    ("settings", "identifier", "subject", "hint"),
    [
        ({"database__version": '"17.4"'}, "SP020", "database.version", "write 17.11, or 17 for the newest"),
        ({"database__class": "db.m7g.larg"}, "SP021", "database.class", "did you mean db.m7g.large?"),
        ({"database__class": "db.zz.tiny-8"}, "SP021", "database.class", "choose another class"),
        ({"database__replicas": "{count: 1, class: db.m7g.big}"}, "SP021", "database.replicas.class", "did you mean"),
        ({"database__class": "db.m99.large", "region": "null"}, "SP024", "database.class", "write alerts.free_memory"),
        ({"monitoring__logs__export": "[slowquery]"}, "SP023", "monitoring.logs.export.0", "use postgresql, upgrade"),
        ({"monitoring__logs__keep": "8d"}, "SP023", "monitoring.logs.keep", "the nearest it takes is 7d"),
        ({"monitoring__enhanced": "20s"}, "SP023", "monitoring.enhanced", "the nearest it takes is 15s"),
        ({"monitoring__insights__keep": "30d"}, "SP023", "monitoring.insights.keep", "the nearest it takes is 31d"),
        ({"database__parameters": "{work_mem: 1}"}, "SP022", "database.parameters.work_mem", "write the size you mean"),
        (
            {"network__flow_logs": "{keep: 91d}"},
            "SP023",
            "network.flow_logs.keep",
            "the nearest it takes is 90d",
        ),
        ({"network__cidr": "10.0.0.0/26"}, "SP025", "network.cidr", "choose a larger range"),
    ],
)
def test_a_choice_aws_does_not_offer_is_refused(
    refused: Refused, settings: dict[str, str], identifier: str, subject: str, hint: str
) -> None:
    (fault,) = refused(**settings)
    assert (fault.id, fault.subject) == (identifier, subject)
    assert fault.hint.startswith(hint)
    assert fault.origin is not None
    assert fault.detail.startswith(f"{subject}: ")


def test_all_choices_are_told_at_once(refused: Refused) -> None:
    faults = refused(database__version='"9"', monitoring__enhanced="2s", monitoring__logs__keep="2d")
    assert [fault.subject for fault in faults] == ["monitoring.logs.keep", "monitoring.enhanced", "database.version"]


def test_all_settings_are_told_at_once(refused: Refused) -> None:
    faults = refused(database__parameters="{work_mem: 1, shared_buffers: 1, autovacuum: maybe}")
    assert len(faults) == 3


def test_a_class_nobody_measured_will_do_with_plain_thresholds(built: Built) -> None:
    plan = built(
        database__class="db.m99.large",
        region="null",
        alerts="{subscribers: [a@b.co], free_memory: 1 GiB, connections: 100}",
    )
    assert next(plan.of(DbInstance)).instance_class == "db.m99.large"


@pytest.mark.parametrize(
    "alerts", ["{subscribers: [a@b.co], free_memory: 1 GiB}", "{subscribers: [a@b.co], connections: 9}"]
)
def test_one_share_is_enough_to_need_the_memory(refused: Refused, alerts: str) -> None:
    (fault,) = refused(database__class="db.m99.large", region="null", alerts=alerts)
    assert fault.id == "SP024"


def test_monitoring_and_insights_can_be_off(built: Built) -> None:
    region = built(monitoring__enhanced="0s", monitoring__insights="null").primary
    database = next(region.of(DbInstance))
    assert (database.monitoring_interval, database.monitoring_role) == (0, None)
    assert (database.has_performance_insights, database.performance_insights_retention) == (False, None)
    assert "MonitoringRole" not in [resource.key for resource in region.resources]
