"""MariaDB beside PostgreSQL, and MySQL only by explicit choice: what RDS answers and refuses for each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mainstay import facts
from mainstay.sandbox.rds import versions
from mainstay.sandbox.rds.classes import instance_class
from mainstay.sandbox.rds.parameters import engine_of, known_parameters
from mainstay.sandbox.rds.substitutions import FORCE_TLS, MARIADB_TABLE, TABLES, effective_settings

if TYPE_CHECKING:
    from tests.sandbox_rds.conftest import Desk

VALUE, COMBINATION = "InvalidParameterValue", "InvalidParameterCombination"
LARGE = instance_class("db.m6g.large")
MARIADB: dict[str, Any] = {"Engine": "mariadb", "EngineVersion": "10.11"}


@pytest.fixture(autouse=True)
def no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAINSTAY_SANDBOX_MYSQL", raising=False)


def test_a_mariadb_instance_has_its_own_defaults(desk: Desk) -> None:
    created = desk.create(is_ready=False, **MARIADB, DBName="shop1", EnableCloudwatchLogsExports=["slowquery", "error"])
    assert (created["EngineVersion"], created["LicenseModel"]) == ("10.11.19", "general-public-license")
    assert created["DBParameterGroups"][0]["DBParameterGroupName"] == "default.mariadb10.11"
    assert created["OptionGroupMemberships"][0]["OptionGroupName"] == "default:mariadb-10-11"
    (operation,) = desk.operations()
    assert operation["kind"] == "create"


@pytest.mark.parametrize(
    ("members", "code", "words"),
    [
        ({"EngineVersion": "10.10"}, COMBINATION, "Cannot find version 10.10 for mariadb"),
        ({"MasterUserPassword": "x" * 42}, VALUE, "longer than 41"),
        ({"DBName": "_shop"}, VALUE, "DBName"),
        ({"AllocatedStorage": 19}, VALUE, "engine name mariadb"),
        ({"DBParameterGroupName": "default.postgres17"}, COMBINATION, "DBParameterGroupFamily mariadb10.11"),
        ({"EnableCloudwatchLogsExports": ["postgresql"]}, COMBINATION, "with engine mariadb"),
        ({"OptionGroupName": "audit"}, "SandboxNotImplemented", "no option groups"),
    ],
)
def test_a_mariadb_instance_is_refused(desk: Desk, members: dict[str, Any], code: str, words: str) -> None:
    desk.create("other", is_ready=False)
    request = {
        "DBInstanceIdentifier": "shop", "DBInstanceClass": "db.m6g.large", "AllocatedStorage": 100,
        "MasterUsername": "master", "MasterUserPassword": "correct-horse-battery",
    }  # fmt: skip
    refused = desk.refused("CreateDBInstance", **{**request, **MARIADB, **members})
    assert refused[0] == code
    assert words in refused[1]


def test_mysql_is_refused_by_name_with_the_offer_and_taken_when_chosen(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MAINSTAY_MYSQL_BIN", str(tmp_path))
    request: dict[str, Any] = {
        "DBInstanceIdentifier": "shop", "DBInstanceClass": "db.m6g.large", "AllocatedStorage": 100, "Engine": "mysql",
        "MasterUsername": "master", "MasterUserPassword": "correct-horse-battery",
    }  # fmt: skip
    for choice in (None, "yes", "MARIADB"):
        if choice is not None:
            monkeypatch.setenv("MAINSTAY_SANDBOX_MYSQL", choice)
        code, message = desk.refused("CreateDBInstance", **request)
        assert code == "SandboxNotImplemented"
        assert "does not run mysql here" in message
        assert "make mysql" in message
        assert "MAINSTAY_SANDBOX_MYSQL=mariadb" in message
    monkeypatch.setenv("MAINSTAY_SANDBOX_MYSQL", "mariadb")
    created = desk.call("CreateDBInstance", **request)["DBInstance"]
    assert created["EngineVersion"].startswith("8.4.")
    assert created["DBParameterGroups"][0]["DBParameterGroupName"] == "default.mysql8.4"


def test_what_runs_for_an_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    for engine, version, runs, series in [
        ("postgres", "17.10", "postgres", "17"), ("mariadb", "10.11.19", "mariadb", "10.11"),
        ("mysql", "8.4.11", "mysql", "8.4"),
    ]:  # fmt: skip
        record = {"Engine": engine, "EngineVersion": version}
        assert (versions.runs_as(record), versions.series_of(record)) == (runs, series)
    monkeypatch.setenv("MAINSTAY_SANDBOX_MYSQL", "mariadb")
    record = {"Engine": "mysql", "EngineVersion": "8.4.11"}
    assert (versions.runs_as(record), versions.series_of(record)) == ("mariadb", "")


@pytest.mark.parametrize(
    ("parameter", "method", "code", "words"),
    [
        (("nonsense", "1"), "pending-reboot", VALUE, "Could not find parameter with name: nonsense"),
        (("work_mem", "64"), "pending-reboot", VALUE, "Could not find parameter with name: work_mem"),
        (("max_connections", "0"), "immediate", VALUE, "1-100000"),
        (("require_secure_transport", "ON"), "immediate", VALUE, "allowed values are: 0,1"),
        (("innodb_log_buffer_size", "16777216"), "immediate", COMBINATION, "static parameter"),
    ],
)
def test_a_mariadb_parameter_is_refused(
    desk: Desk, parameter: tuple[str, str], method: str, code: str, words: str
) -> None:
    desk.call(
        "CreateDBParameterGroup", DBParameterGroupName="g", DBParameterGroupFamily="mariadb10.11", Description="d"
    )
    change = {"ParameterName": parameter[0], "ParameterValue": parameter[1], "ApplyMethod": method}
    refused = desk.refused("ModifyDBParameterGroup", DBParameterGroupName="g", Parameters=[change])
    assert refused[0] == code
    assert words in refused[1]
    shown = desk.call("DescribeDBParameters", DBParameterGroupName="g")["Parameters"]
    assert {"alter_algorithm", "aria_block_size"} <= {one["ParameterName"] for one in shown}


def test_versions_and_classes_are_those_of_each_engine(desk: Desk) -> None:
    for engine, label in (("mariadb", "MariaDB"), ("mysql", "MySQL"), ("postgres", "PostgreSQL")):
        found = desk.call("DescribeDBEngineVersions", Engine=engine)["DBEngineVersions"]
        assert {one["DBEngineDescription"] for one in found} == {label}
    (default,) = desk.call("DescribeDBEngineVersions", Engine="mariadb", EngineVersion="10.11", DefaultOnly=True)[
        "DBEngineVersions"
    ]
    assert default["EngineVersion"] == versions.full_version("mariadb", "10.11")
    (default,) = desk.call("DescribeDBEngineVersions", Engine="mariadb", DefaultOnly=True)["DBEngineVersions"]
    assert default["EngineVersion"] == versions.full_version("mariadb", None)
    (one,) = desk.call(
        "DescribeOrderableDBInstanceOptions", Engine="mariadb", DBInstanceClass="db.m6g.large"
    )["OrderableDBInstanceOptions"]  # fmt: skip
    assert (one["Engine"], one["LicenseModel"]) == ("mariadb", "general-public-license")


def test_an_upgrade_goes_by_numbers_not_by_letters(desk: Desk) -> None:
    desk.create(**{**MARIADB, "EngineVersion": versions.creatable("mariadb")[-1]})
    older = next(one for one in versions.creatable("mariadb") if one.startswith("10.11."))
    code, _ = desk.refused("ModifyDBInstance", DBInstanceIdentifier="shop", EngineVersion=older, ApplyImmediately=True)
    assert code in ("SandboxNotImplemented", COMBINATION)


@pytest.mark.parametrize(
    ("major", "value", "forced"),
    [("10.11", None, False), ("11.8", None, True), ("10.11", "1", True), ("11.8", "0", False)],
)
def test_tls_is_forced_as_the_series_does(major: str, value: str | None, forced: bool) -> None:
    parameters = {} if value is None else {"require_secure_transport": value}
    effective = effective_settings(parameters, major=major, size=LARGE, engine="mariadb")
    assert (effective.force_ssl, dict(effective.settings)) == (forced, {})


def test_mariadb_values_are_scaled_left_out_or_taken() -> None:
    limit = 128 * 1024**2
    effective = effective_settings(
        {
            "innodb_buffer_pool_size": "{DBInstanceClassMemory*3/4}", "key_buffer_size": str(16 * 1024**2),
            "server_id": "7", "long_query_time": "0.5",
        },
        major="10.11", size=LARGE, engine="mariadb",
    )  # fmt: skip
    assert effective.settings == {
        "innodb_buffer_pool_size": str(limit), "key_buffer_size": str(16 * 1024**2), "long_query_time": "0.5"
    }  # fmt: skip
    assert [(each.name, each.effective) for each in effective.substitutions] == [
        ("innodb_buffer_pool_size", str(limit)), ("server_id", None)
    ]  # fmt: skip
    memory = int(LARGE.variables["DBInstanceClassMemory"])
    for size, fits in ((memory - 1, True), (memory, False)):
        told = effective_settings({"innodb_buffer_pool_size": str(size)}, major="10.11", size=LARGE, engine="mariadb")
        assert (told.problem is None) is fits


def test_what_only_mysql_has_is_left_out_and_said() -> None:
    planned = {"gtid_mode": "ON", "max_connections": "100"}
    effective = effective_settings(planned, major="8.4", size=LARGE, engine="mysql", runs="mariadb")
    assert effective.settings == {"max_connections": "100"}
    (row,) = effective.substitutions
    assert (row.name, row.effective) == ("gtid_mode", None)
    assert "MariaDB engine stands in for MySQL" in row.reason
    (own,) = effective_settings(planned, major="8.4", size=LARGE, engine="mysql").substitutions
    assert (own.name, own.effective, "for its own replication" in own.reason) == ("gtid_mode", None, True)


def test_the_tables_name_what_there_is() -> None:
    assert set(TABLES) == set(FORCE_TLS) == set(versions.RUNNABLE)
    assert set(MARIADB_TABLE) <= set(facts.parameter_names("mariadb"))
    assert known_parameters("mariadb")["max_connections"].is_static is False
    assert known_parameters("mariadb")["innodb_log_buffer_size"].is_static is True
    assert "max_connections" in known_parameters("mysql")
    assert [engine_of(family) for family in ("mariadb10.11", "postgres17", "mysql8.4")] == [
        "mariadb", "postgres", "mysql"
    ]  # fmt: skip
