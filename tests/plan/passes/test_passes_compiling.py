"""Settings: the number the engine counts, or a reason."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay import facts
from mainstay.core.units import Bytes
from mainstay.plan.passes.compiling import compiled

MEMORY = Bytes.gib(8)


def setting(name: str, value: float | str, *, version: str = "17.10", memory: Bytes = MEMORY) -> str:
    return compiled("postgres", version, name, value, memory)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("shared_buffers", "25%", "{DBInstanceClassMemory/32768}"),
        ("effective_cache_size", "50%", "{DBInstanceClassMemory/16384}"),
        ("shared_buffers", "75%", "{DBInstanceClassMemory*3/32768}"),
        ("shared_buffers", "2 GiB", "262144"),
        ("shared_buffers", "128 KiB", "16"),
        ("work_mem", "16MiB", "16384"),
        ("work_mem", "64 KiB", "64"),
        ("work_mem", "1%", "{DBInstanceClassMemory/102400}"),
        ("maintenance_work_mem", "256MiB", "262144"),
        ("max_wal_size", "4 GiB", "4096"),
        ("log_temp_files", -1, "-1"),
        ("log_temp_files", 0, "0"),
        ("log_min_duration_statement", "1s", "1000"),
        ("log_min_duration_statement", "250ms", "250"),
        ("log_min_duration_statement", -1, "-1"),
        ("checkpoint_timeout", "15m", "900"),
        ("checkpoint_timeout", "60000ms", "60"),
        ("max_connections", 200, "200"),
        ("max_connections", "200", "200"),
        (
            "max_connections",
            "LEAST({DBInstanceClassMemory/9531392},5000)",
            "LEAST({DBInstanceClassMemory/9531392},5000)",
        ),
        ("random_page_cost", 1.1, "1.1"),
        ("random_page_cost", "1.1", "1.1"),
        ("rds.force_ssl", True, "1"),
        ("rds.force_ssl", 0, "0"),
        ("autovacuum", "off", "0"),
        ("autovacuum", "On", "1"),
        ("synchronous_commit", False, "off"),
        ("synchronous_commit", True, "on"),
        ("log_statement", "ddl", "ddl"),
        ("shared_preload_libraries", "pg_stat_statements", "pg_stat_statements"),
        ("pg_stat_statements.max", 5000, "5000"),
        ("pg_stat_statements.save", True, "1"),
    ],
)
def test_a_setting_becomes_what_rds_takes(name: str, value: float | str, text: str) -> None:
    assert setting(name, value) == text


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("shared_buffers", 1048576, "1048576 without a unit would count 8 KiB each, 8 GiB in all; write the size"),
        ("work_mem", 65536, "65536 without a unit would count 1 KiB each, 64 MiB in all"),
        ("shared_buffers", "12 KiB", "12 KiB is not a whole number of 8 KiB, in which shared_buffers counts"),
        ("shared_buffers", "120 KiB", "15 is outside 16 to 1.07374e+09 of shared_buffers (counted in 8KiB)"),
        ("shared_buffers", "0%", "0% of the memory is nothing"),
        ("shared_buffers", "0.001%", "10 is outside 16"),
        ("work_mem", "63 KiB", "63 is outside 64"),
        ("work_mem", "256MB", "'MB' is not a unit of size here; did you mean 256 MiB?"),
        ("work_mem", 0, "0 is outside 64"),
        ("work_mem", True, "work_mem is no switch"),
        ("work_mem", "{DBInstanceClassMemory/0}", "an RDS formula divides by 0"),
        ("work_mem", "{Memory/2}", "'Memory' is not a variable"),
        ("shared_buffers", "{DBInstanceClassMemory*9}", "is outside 16"),
        ("log_min_duration_statement", 1000, "1000 without a unit would count ms; write 1000ms"),
        ("checkpoint_timeout", 900, "900 without a unit would count s; write 900s"),
        ("checkpoint_timeout", "1500ms", "1500ms is not a whole number of seconds"),
        ("checkpoint_timeout", "soon", "'soon' is not a duration"),
        ("checkpoint_timeout", "2d", "172800 is outside 30 to 86400"),
        ("max_connections", 5, "5 is outside 6 to 262143 of max_connections; choose"),
        ("max_connections", 262144, "262144 is outside"),
        ("max_connections", "100MB", "max_connections takes a whole number without a unit, not '100MB'"),
        ("max_connections", 1.5, "takes a whole number"),
        ("random_page_cost", "low", "random_page_cost takes a number, not 'low'"),
        ("random_page_cost", -1, "-1 is outside 0"),
        ("autovacuum", "maybe", "autovacuum is a switch, and 'maybe' is neither on nor off"),
        ("shared_bufers", "25%", "postgres 17 has no such parameter; did you mean shared_buffers?"),
        ("zzzz", 1, "postgres 17 has no such parameter; look it up"),
    ],
)
def test_a_setting_that_does_not_compile_says_why(name: str, value: float | str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        setting(name, value)


def test_the_largest_values_are_within_bounds() -> None:
    assert setting("max_connections", 262143) == "262143"
    assert setting("max_connections", 6) == "6"


def mysql(name: str, value: float | str, *, engine: str = "mysql", version: str = "8.4.11") -> str:
    return compiled(engine, version, name, value, MEMORY)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("innodb_buffer_pool_size", "75%", "{DBInstanceClassMemory*3/4}"),
        ("innodb_buffer_pool_size", "5 MiB", "5242880"),
        ("sort_buffer_size", "2MiB", "2097152"),
        ("long_query_time", "2s", "2"),
        ("long_query_time", "500ms", "0.5"),
        ("wait_timeout", "8h", "28800"),
        ("slow_query_log", 1, "1"),
        ("general_log", False, "0"),
        ("log_output", "FILE", "FILE"),
        ("max_connections", 1, "1"),
        ("max_connections", 100000, "100000"),
        ("require_secure_transport", True, "1"),
        ("log_bin_trust_function_creators", 1, "1"),
        ("time_zone", "UTC", "UTC"),
    ],
)
@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_a_setting_of_mysql_and_mariadb_becomes_what_rds_takes(
    engine: str, name: str, value: float | str, text: str
) -> None:
    assert mysql(name, value, engine=engine) == text


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("innodb_buffer_pool_size", 134217728, "134217728 without a unit would count 1 B each, 128 MiB in all"),
        (
            "innodb_buffer_pool_size",
            "5119 KiB",
            "5.24186e+06 is outside 5.24288e+06 to ∞ of innodb_buffer_pool_size (counted in bytes)",
        ),
        ("long_query_time", 2, "2 without a unit would count s; write 2s"),
        ("wait_timeout", "500ms", "500ms is not a whole number of seconds"),
        ("log_output", "FILES", "log_output has no value 'FILES'; use one of TABLE, FILE, NONE"),
        ("max_connections", 100001, "100001 is outside 1 to 100000"),
        ("innodb_log_buffer_size", "16MiB", "the unit in which innodb_log_buffer_size counts is not in the tables"),
        ("net_read_timeout", "30s", "RDS takes no '30s'; write a bare number"),
    ],
)
def test_a_setting_of_mysql_that_does_not_compile_says_why(name: str, value: float | str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        mysql(name, value)


def test_names_are_complete_for_one_major_only() -> None:
    assert setting("io_workers_of_a_later_version", 3, version="18.4") == "3"


def test_without_the_class_s_memory_a_formula_is_taken_as_it_is() -> None:
    assert setting("shared_buffers", "25%", memory=Bytes(0)) == "{DBInstanceClassMemory/32768}"
    assert setting("shared_buffers", "{DBInstanceClassMemory*9}", memory=Bytes(0)) == "{DBInstanceClassMemory*9}"


def test_a_closed_list_of_values_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    # PostgreSQL's table names no values; MySQL's does, and its settings are compiled by the same function.
    closed = facts.ParameterFact(name="binlog_format", engine="mysql", kind="enum", values=("ROW", "MIXED"))
    monkeypatch.setattr(facts, "parameter", lambda *_: closed)
    assert compiled("mysql", "8.4.5", "binlog_format", "ROW", MEMORY) == "ROW"
    with pytest.raises(ValueError, match="binlog_format has no value 'row'; use one of ROW, MIXED"):
        compiled("mysql", "8.4.5", "binlog_format", "row", MEMORY)


@given(st.integers(1, 10_000), st.sampled_from([1, 2, 4, 8, 16, 32, 64]))
def test_a_share_is_worth_what_it_says(hundredths: int, gib: int) -> None:
    memory = Bytes.gib(gib)
    formula = setting("effective_cache_size", f"{hundredths / 100:.2f}%", memory=memory)
    pages = facts.evaluate(formula, {"DBInstanceClassMemory": memory})
    assert pages is not None
    assert pages == memory * hundredths // 10_000 // 8192


@given(st.integers(16, 2**20))
def test_a_size_is_worth_what_it_says(pages: int) -> None:
    assert setting("shared_buffers", str(Bytes(pages * 8192)), memory=Bytes.gib(64)) == str(pages)
