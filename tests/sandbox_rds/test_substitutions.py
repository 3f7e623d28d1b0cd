"""What runs in place of what was planned: formulas, scaled memory, RDS's own parameters."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mainstay.sandbox.rds import proxy_substitutions
from mainstay.sandbox.rds.classes import instance_class
from mainstay.sandbox.rds.parameters import evaluate, known_parameters
from mainstay.sandbox.rds.substitutions import TABLE, effective_settings, without_tokens

GIB = 2**30
LARGE = instance_class("db.m6g.large")


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1000", "1000"),
        ("{DBInstanceClassMemory/32768}", str(8 * GIB // 32768)),
        ("{DBInstanceClassMemory/63963136*1024}", str(8 * GIB // 63963136 * 1024)),
        ("LEAST({DBInstanceClassMemory/9531392},5000)", str(8 * GIB // 9531392)),
        ("LEAST({DBInstanceClassMemory/9531392},300)", "300"),
        ("GREATEST({DBInstanceVCPU*2},8)", "8"),
        ("SUM({DBInstanceVCPU},3)", "5"),
    ],
)
def test_formulas(formula: str, value: str) -> None:
    assert evaluate(formula, {"DBInstanceClassMemory": 8 * GIB, "DBInstanceVCPU": 2}) == value


@pytest.mark.parametrize(
    "formula", ["{Nonsense/2}", "{DBInstanceClassMemory/2", "LEAST({a},{b})", "{DBInstanceVCPU+1}"]
)
def test_formula_that_is_none(formula: str) -> None:
    with pytest.raises(ValueError, match="not a term"):
        evaluate(formula, {"DBInstanceVCPU": 2})


def test_memory_is_scaled_and_said() -> None:
    effective = effective_settings(
        {"shared_buffers": "262144", "work_mem": "4096"}, major=17, size=instance_class("db.r6g.large")
    )
    assert effective.settings == {"shared_buffers": "16384", "work_mem": "4096"}
    (row,) = effective.substitutions
    assert (row.name, row.planned, row.effective) == ("shared_buffers", "262144", "16384")
    assert row.reason


def test_value_on_the_limit_is_no_substitution() -> None:
    assert effective_settings({"shared_buffers": "16384"}, major=17, size=LARGE).substitutions == ()
    assert len(effective_settings({"shared_buffers": "16385"}, major=17, size=LARGE).substitutions) == 1


@pytest.mark.parametrize(
    ("major", "value", "forced"), [(17, None, True), (14, None, False), (17, "0", False), (14, "1", True)]
)
def test_force_ssl(major: int, value: str | None, forced: bool) -> None:
    parameters = {} if value is None else {"rds.force_ssl": value}
    effective = effective_settings(parameters, major=major, size=LARGE)
    assert effective.force_ssl is forced
    # PostgreSQL has no setting of that name, so what runs in its place is told.
    told = [(row.name, row.planned, row.effective, "TLS only" in row.reason) for row in effective.substitutions]
    assert told == ([] if value is None else [("rds.force_ssl", value, None, forced)])


def test_parameters_of_rds_are_mapped_or_listed() -> None:
    planned = {"rds.logical_replication": "1", "rds.log_retention_period": "4320", "log_filename": "x", "ssl": "0"}
    effective = effective_settings(planned, major=17, size=LARGE)
    assert effective.settings == {"wal_level": "logical"}
    assert {row.name: row.effective for row in effective.substitutions} == {
        "rds.logical_replication": None,
        "rds.log_retention_period": None,
        "log_filename": None,
        "ssl": None,
    }


def test_libraries_that_are_not_here_are_left_out() -> None:
    planned = {"shared_preload_libraries": "pg_stat_statements,pg_cron"}
    effective = effective_settings(planned, major=17, size=LARGE)
    assert effective.settings == {"shared_preload_libraries": "pg_stat_statements"}


@pytest.mark.parametrize(("pages", "fits"), [("1048576", False), ("262144", True)])
def test_more_memory_than_the_class_has(pages: str, fits: bool) -> None:
    assert (effective_settings({"shared_buffers": pages}, major=17, size=LARGE).problem is None) is fits


def test_formula_fault_is_a_problem() -> None:
    assert "term" in str(effective_settings({"work_mem": "{x}"}, major=17, size=LARGE).problem)


def test_formulas_stand_in_numbers_alone() -> None:
    effective = effective_settings({"log_line_prefix": "user(%u)"}, major=17, size=LARGE)
    assert (effective.settings, effective.problem) == ({"log_line_prefix": "user(%u)"}, None)


def test_formula_over_what_the_sandbox_does_not_know_is_a_problem() -> None:
    problem = effective_settings({"work_mem": "{AllocatedStorage/2}"}, major=17, size=LARGE).problem
    assert "needs more than the sandbox knows" in str(problem)


def test_table_names_known_parameters_with_reasons() -> None:
    assert TABLE
    assert set(TABLE) - set(known_parameters()) <= {"event_source", "config_file", "lc_messages"}
    assert all(row.reason for row in TABLE.values())


def test_logins_by_token_are_told_where_they_are_wanted() -> None:
    assert without_tokens({"IAMDatabaseAuthenticationEnabled": False}) == without_tokens({}) == ()
    (row,) = without_tokens({"IAMDatabaseAuthenticationEnabled": True})
    assert (row.name, row.effective) == ("IAM authentication", None)
    assert "no IAM tokens" in row.reason


def rows(proxy: Mapping[str, object], pool: Mapping[str, object], *, is_pooled: bool) -> dict[str, str | None]:
    login = {"IAMAuth": "DISABLED", "ClientPasswordAuthType": "MYSQL_NATIVE_PASSWORD"}
    record = {"Auth": [login], "DebugLogging": False, "RequireTLS": False, "IdleClientTimeout": 60, **proxy}
    configuration = {
        "MaxConnectionsPercent": 100, "MaxIdleConnectionsPercent": 50, "ConnectionBorrowTimeout": 1,
        "SessionPinningFilters": [], **pool,
    }  # fmt: skip
    found = proxy_substitutions.substitutions(record, {"ConnectionPoolConfig": configuration}, is_pooled=is_pooled)
    return {row.name: row.effective for row in found}


def test_what_a_proxy_does_not_do_here_is_listed() -> None:
    assert rows({}, {}, is_pooled=True) == {"MaxIdleConnectionsPercent": None}
    more = rows({"DebugLogging": True}, {"ConnectionBorrowTimeout": 0, "InitQuery": "SET x"}, is_pooled=True)
    assert more == {
        "MaxIdleConnectionsPercent": None, "ConnectionBorrowTimeout": "1", "InitQuery": None, "DebugLogging": None,
    }  # fmt: skip
    alone = rows({}, {}, is_pooled=False)
    assert set(alone) == {
        "MaxConnectionsPercent", "MaxIdleConnectionsPercent", "ConnectionBorrowTimeout", "IdleClientTimeout",
        "ClientPasswordAuthType",
    }  # fmt: skip
    settings = {"DebugLogging": True, "RequireTLS": True}
    filters = {"SessionPinningFilters": ["EXCLUDE_VARIABLE_SETS"]}
    assert set(rows(settings, filters, is_pooled=False)) - set(alone) == {
        "DebugLogging", "RequireTLS", "SessionPinningFilters"
    }  # fmt: skip
    assert "PgBouncer 1.18.0" in proxy_substitutions.note("1.18.0", "POSTGRESQL")
    assert "no pooler for MySQL" in proxy_substitutions.note(None, "MYSQL")
