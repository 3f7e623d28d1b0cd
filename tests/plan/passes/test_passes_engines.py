"""MySQL and MariaDB beside PostgreSQL: what each of them takes, refuses and needs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.core.findings import Finding
from mainstay.plan.passes.versions import full_version
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    Alarm,
    DbInstance,
    Fate,
    IngressRule,
    Instance,
    LogGroup,
    OptionGroup,
    ParameterGroup,
)

Built = Callable[..., Plan]
Refused = Callable[..., list[Finding]]
Complaints = Callable[..., list[str]]
OTHERS = ("mysql", "mariadb")


def settings_of(plan: Plan) -> dict[str, object]:
    return dict(next(plan.of(ParameterGroup)).parameters)


@pytest.mark.parametrize("engine", OTHERS)
def test_a_database_of_another_engine_lands(complaints: Complaints, engine: str) -> None:
    assert complaints(database__engine=engine, access__bastion="{}", database__replicas="{count: 1}") == []


@pytest.mark.parametrize(("engine", "family"), [("mysql", "mysql8.4"), ("mariadb", "mariadb11.8")])
def test_port_logs_and_settings_are_the_engine_s(built: Built, engine: str, family: str) -> None:
    plan = built(database__engine=engine, access__bastion="{}")
    (database,) = plan.of(DbInstance)
    assert (database.engine, database.port, database.log_exports) == (engine, 3306, ("error", "slowquery"))
    assert [one.name for one in plan.of(LogGroup)] == [
        "/aws/rds/instance/shop-dev/error",
        "/aws/rds/instance/shop-dev/slowquery",
    ]
    assert {one.from_port for one in plan.of(IngressRule)} == {3306, 443}
    (group,) = plan.of(ParameterGroup)
    assert group.family == family
    assert settings_of(plan) == {"require_secure_transport": "1", "log_output": "FILE", "slow_query_log": "1"}
    (bastion,) = plan.of(Instance)
    assert "mariadb105" in str(bastion.user_data)


def test_connections_are_counted_as_the_engine_derives_them(built: Built) -> None:
    limits = {
        engine: next(
            one.threshold for one in built(database__engine=engine).of(Alarm) if one.metric == "DatabaseConnections"
        )
        for engine in OTHERS
    }
    # 80 % of 8 GiB / 12582880 and of 8 GiB / 25165760.
    assert limits == {"mysql": 545.0, "mariadb": 272.0}


def test_extended_support_is_for_whoever_asks_and_not_for_mariadb(built: Built) -> None:
    def support(**settings: str) -> object:
        return next(built(**settings).of(DbInstance)).lifecycle_support

    assert support(database__engine="mysql") == "open-source-rds-extended-support-disabled"
    assert support(database__engine="mariadb") is None
    paid = support(database__engine="mysql", database__version='"8.0"', database__extended_support="true")
    assert paid == "open-source-rds-extended-support"


@pytest.mark.parametrize(
    ("engine", "written", "version"),
    [("mysql", "8.4", "8.4.11"), ("mariadb", "11.8", "11.8.9"), ("mariadb", "10.6.28", "10.6.28")],
)
def test_a_major_has_two_numbers(engine: str, written: str, version: str) -> None:
    assert full_version(engine, written) == version


@pytest.mark.parametrize(
    ("engine", "written", "said"),
    [
        ("mysql", "8", "RDS creates no mysql 8; use one of"),
        ("mysql", "8.0", "mysql 8.0 left standard support on 2026-07-31"),
        ("mysql", "8.0.46", "billed by the vCPU; write 8.4, or extended_support: true"),
        ("mysql", "9.9", "RDS creates no mysql 9.9; use one of 5.7, 8.0, 8.4"),
        ("mysql", "8.4.5", "RDS creates no mysql 8.4.5; write 8.4.11, or 8.4 for the newest"),
        ("mariadb", "10.4", "RDS creates no mariadb 10.4; use one of 10.6, 10.11"),
        ("mariadb", "10.5.29", "RDS creates no mariadb 10.5.29; use one of 10.6, 10.11"),
        ("postgres", "13", "postgres 13 left standard support on 2026-02-28"),
    ],
)
def test_a_version_that_rds_does_not_create_says_what_to_write(engine: str, written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        full_version(engine, written)


@pytest.mark.parametrize(
    ("settings", "subject", "hint"),
    [
        ({"database__name": "a" * 64}, None, ""),
        ({"database__name": "_shop"}, "database.name", "start with a letter, then letters, digits and _, 64 at most"),
        ({"credentials__username": "a" * 16}, None, ""),
        ({"credentials__username": "a" * 17}, "credentials.username", "choose a shorter name"),
        ({"credentials__password_length": "41"}, None, ""),
        ({"credentials__password_length": "42"}, "credentials.password_length", "write 41 or less"),
        ({"database__class": "db.t4g.medium", "monitoring__insights": "{}"}, None, ""),
        (
            {"database__class": "db.t4g.small", "monitoring__insights": "{}"},
            "monitoring.insights",
            "write insights: null, leave it out, or choose a class from medium on",
        ),
    ],
)
@pytest.mark.parametrize("engine", OTHERS)
def test_what_an_engine_refuses_is_refused(
    built: Built, refused: Refused, engine: str, settings: dict[str, str], subject: str | None, hint: str
) -> None:
    if subject is None:
        assert built(database__engine=engine, **settings).regions
        return
    (fault,) = refused(database__engine=engine, **settings)
    assert (fault.id, fault.subject, fault.hint) == ("SP023", subject, hint)


def test_postgres_keeps_its_own_bounds(built: Built, refused: Refused) -> None:
    assert built(database__name="_" + "a" * 62, credentials__password_length="128").regions
    (fault,) = refused(database__name="a" * 64)
    assert (fault.subject, fault.hint) == (
        "database.name",
        "start with a letter or _, then letters, digits and _, 63 at most",
    )


def test_insights_are_left_out_where_the_class_has_none(built: Built) -> None:
    def on(**settings: str) -> list[object]:
        return [one.has_performance_insights for one in built(**settings).of(DbInstance)]

    assert on(database__engine="mysql", database__class="db.t4g.micro") == [False]
    assert on(database__class="db.t4g.micro") == [True]
    assert on(database__engine="mysql", database__replicas="{count: 1, class: db.t4g.small}") == [True, False]


def test_a_replica_s_class_is_asked_for_insights_as_well(refused: Refused) -> None:
    (fault,) = refused(
        database__engine="mysql",
        database__replicas="{count: 1, class: db.t4g.small}",
        monitoring__insights="{}",
    )
    assert fault.detail == "monitoring.insights: db.t4g.small has no Performance Insights with mysql."


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"monitoring__logs__export": "[general]"}, "general is exported, but general_log is off."),
        ({"database__parameters": "{slow_query_log: false}"}, "slowquery is exported, but slow_query_log is off."),
        ({"database__parameters": "{log_output: TABLE}"}, "slowquery is exported, but log_output is TABLE."),
        (
            {"monitoring__logs__export": "[error, audit]", "monitoring__audit": "null"},
            "without the audit plugin nothing writes it.",
        ),
    ],
)
@pytest.mark.parametrize("engine", OTHERS)
def test_a_log_that_would_stay_empty_is_refused(
    refused: Refused, engine: str, settings: dict[str, str], said: str
) -> None:
    (fault,) = refused(database__engine=engine, **settings)
    assert fault.id == "SP026"
    assert fault.subject.startswith("monitoring.logs.export")
    assert fault.detail.endswith(said)
    assert fault.origin is not None or "parameters" in str(settings)


def test_logs_are_fed_and_no_more_than_asked_for(built: Built) -> None:
    general = built(
        database__engine="mysql", monitoring__logs__export="[general]", database__parameters="{general_log: true}"
    )
    assert settings_of(general) == {"general_log": "1", "log_output": "FILE", "require_secure_transport": "1"}
    quiet = built(database__engine="mysql", monitoring__logs__export="[error]")
    assert settings_of(quiet) == {"require_secure_transport": "1"}
    assert settings_of(built()) == {"rds.force_ssl": "1"}


@pytest.mark.parametrize("engine", OTHERS)
def test_an_audit_log_lands(complaints: Complaints, engine: str) -> None:
    assert complaints(database__engine=engine, monitoring__audit="{}", database__replicas="{count: 1}") == []


def test_the_audit_log_is_written_kept_and_exported(built: Built) -> None:
    plan = built(database__engine="mysql", monitoring__audit="{events: [connect, query_dml]}")
    (group,) = plan.of(OptionGroup)
    assert (group.engine, group.major_version, group.on_delete) == ("mysql", "8.4", Fate.RETAIN_EXCEPT_ON_CREATE)
    (plugin,) = group.options
    assert plugin.name == "MARIADB_AUDIT_PLUGIN"
    assert plugin.settings["SERVER_AUDIT_EVENTS"] == "CONNECT,QUERY_DML"
    (database,) = plan.of(DbInstance)
    assert database.option_group is not None
    assert database.log_exports == ("error", "slowquery", "audit")
    assert [str(one.name).rpartition("/")[2] for one in plan.of(LogGroup)] == ["error", "slowquery", "audit"]
    quiet = built(database__engine="mysql", monitoring__audit="{}", monitoring__logs__export="[error]")
    assert next(quiet.of(DbInstance)).log_exports == ("error",)
    assert list(built(database__engine="mysql").of(OptionGroup)) == []


def test_postgres_has_another_audit(refused: Refused) -> None:
    (fault,) = refused(monitoring__audit="{}", monitoring__logs__export="[postgresql]")
    assert (fault.id, fault.subject) == ("SP023", "monitoring.audit")
    assert fault.hint == "preload pgaudit by database.parameters"
