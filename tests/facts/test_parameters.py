"""Engine parameters: units, bounds, defaults that follow the version."""

from __future__ import annotations

import pytest

from mainstay import facts
from mainstay.core.units import Bytes


def test_units_and_bounds() -> None:
    buffers = facts.parameter("postgres", "shared_buffers")
    assert buffers is not None
    assert (buffers.unit, buffers.unit_bytes) == ("8KiB", 8192)
    assert (buffers.least, buffers.most, buffers.is_static) == (16, 1073741823, True)
    work_mem = facts.parameter("postgres", "work_mem")
    assert work_mem is not None
    assert (work_mem.unit_bytes, work_mem.is_static, work_mem.default()) == (1024, False, "4096")
    timeout = facts.parameter("postgres", "statement_timeout")
    assert timeout is not None
    assert (timeout.unit, timeout.unit_bytes, timeout.default()) == ("ms", None, None)


def test_what_is_not_known() -> None:
    assert facts.parameter("postgres", "shared_bufers") is None
    assert facts.parameter("oracle", "processes") is None
    assert facts.parameter_names("oracle") == []
    assert "log_output" in facts.parameter_names("mysql")


def test_settings_of_extensions_are_known_by_their_prefix() -> None:
    assert facts.is_of_extension("postgres", "pgaudit.log")
    assert not facts.is_of_extension("postgres", "pgaudit")
    assert not facts.is_of_extension("mysql", "pgaudit.log")


def test_choices() -> None:
    log_output = facts.parameter("mysql", "log_output")
    assert log_output is not None
    assert log_output.values == ("TABLE", "FILE", "NONE")


@pytest.mark.parametrize(
    ("engine", "name", "version", "expected"),
    [
        ("postgres", "rds.force_ssl", "14.24", "0"),
        ("postgres", "rds.force_ssl", "15.19", "1"),
        ("postgres", "rds.force_ssl", None, "1"),
        ("postgres", "rds.force_ssl", "13.23", "0"),
        ("mariadb", "require_secure_transport", "10.4.34", None),
        ("mariadb", "require_secure_transport", "10.11.19", "0"),
        ("mariadb", "require_secure_transport", "11.8.9", "1"),
    ],
)
def test_defaults_follow_the_version(engine: str, name: str, version: str | None, expected: str | None) -> None:
    fact = facts.parameter(engine, name)
    assert fact is not None
    assert fact.default(version) == expected


@pytest.mark.parametrize(
    ("engine", "gib", "version", "expected"),
    [
        ("postgres", 1, None, 112),
        ("postgres", 8, None, 901),
        ("postgres", 64, None, 5000),
        ("mysql", 8, None, 682),
        ("mariadb", 8, "10.4.34", 682),
        ("mariadb", 8, "11.8.9", 341),
        ("oracle", 8, None, None),
    ],
)
def test_default_max_connections(engine: str, gib: int, version: str | None, expected: int | None) -> None:
    assert facts.default_max_connections(engine, Bytes.gib(gib), version) == expected


@pytest.mark.parametrize("engine", facts.ENGINES)
def test_every_default_lies_within_its_bounds(engine: str) -> None:
    for name in facts.parameter_names(engine):
        fact = facts.parameter(engine, name)
        assert fact is not None
        for default in fact.defaults.values():
            if fact.kind == "integer":
                number = facts.evaluate(default, {"DBInstanceClassMemory": Bytes.gib(8)})
                assert number is not None
                assert fact.least is None or number >= fact.least
                assert fact.most is None or number <= fact.most


def test_mariadb_has_every_variable_of_its_server_and_rds_s_own_rows() -> None:
    names = facts.parameter_names("mariadb")
    assert len(names) > 500
    assert names == sorted(names)
    pool = facts.parameter("mariadb", "innodb_log_buffer_size")
    assert pool is not None
    assert (pool.kind, pool.least, pool.is_static) == ("integer", 2097152, True)
    connections = facts.parameter("mariadb", "max_connections")
    assert connections is not None
    assert (connections.least, connections.most) == (1, 100000)
