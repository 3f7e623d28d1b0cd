"""DB026: values as RDS takes them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.parameter_not_accepted import faults
from mainstay.checks.examples import plan_of, settings
from mainstay.core.findings import Finding, Severity
from mainstay.plan.resources import ParameterGroup, Resource
from mainstay.plan.values import Unknown

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("work_mem", "64", None),
        ("work_mem", "63", "within 64 and 2,147,483,647"),
        ("work_mem", "2147483647", None),
        ("work_mem", "2147483648", "within 64 and"),
        ("work_mem", " 4096 ", None),
        ("work_mem", "16MB", "not a bare number (integer). It counts KiB"),
        ("work_mem", "4.5", "not a bare number (integer)"),
        ("random_page_cost", "1.1", None),
        ("random_page_cost", "1", None),
        ("bgwriter_lru_multiplier", "10.0", None),
        ("bgwriter_lru_multiplier", "10.1", "it has to lie within 0 and 10"),
        ("random_page_cost", "cheap", "not a bare number (real)."),
        ("shared_buffers", "{DBInstanceClassMemory/32768}", None),
        ("shared_buffers", "{DBInstanceMemory/32768}", "not a variable of RDS formulas"),
        ("shared_buffers", "25%", "not a bare number"),
        ("statement_timeout", "5s", "It counts ms"),
        ("log_min_duration_statement", "-1", None),
        ("shared_preload_libraries", "pg_stat_statements", None),
        ("autovacuum", "on", None),
        ("some.extension_setting", "16MB", None),
        ("log_line_prefix", "%t(%p)", None),
    ],
)
def test_postgres(name: str, value: str, said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(settings(**{name: value})))
    assert len(findings) == (said is not None)
    assert all(said in finding.detail for finding in findings if said)
    assert all(finding.severity is Severity.ERROR for finding in findings)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("shared_bufefrs", "shared_buffers"),
        ("work-mem", "work_mem"),
        ("shared_buffer", None),  # near, but it may be a parameter of an extension or of another version
        ("io_method", None),
    ],
)
def test_slips_of_the_finger(name: str, meant: str | None, say: Say) -> None:
    findings = say(faults, plan_of(settings(**{name: "1"})))
    assert [finding.severity for finding in findings] == ([] if meant is None else [Severity.WARNING])
    assert all(finding.hint.startswith(f"write {meant},") for finding in findings)


@pytest.mark.parametrize(
    ("family", "name", "owner"),
    [
        ("postgres17", "innodb_buffer_pool_size", "mysql and mariadb"),
        ("mariadb11.4", "work_mem", "postgres"),
        ("mysql8.4", "work_mem", None),  # its table is a selection
        ("postgres17", "max_connections", None),
    ],
)
def test_parameters_of_another_engine(family: str, name: str, owner: str | None, say: Say) -> None:
    findings = say(faults, plan_of(settings(family, **{name: "{DBInstanceClassMemory/32768}"})))
    assert [one.severity for one in findings] == ([] if owner is None else [Severity.ERROR])
    assert all(one.detail.endswith(f"has no parameter '{name}'; it is one of {owner}.") for one in findings)


@pytest.mark.parametrize("family", ["aurora-postgresql17", "oracle-ee-19", Unknown("later"), "mysql", "postgresql17"])
def test_families_that_are_not_ours(family: object, say: Say) -> None:
    group = ParameterGroup(key="G", family=family, description="d", parameters={"work_mem": "16MB"})  # type: ignore[arg-type]  # any
    assert say(faults, plan_of(group)) == []


def test_mysql_counts_bytes_and_unseen_values_pass(say: Say) -> None:
    (finding,) = say(faults, plan_of(settings("mysql8.4", innodb_buffer_pool_size="6G", max_connections="100000")))
    assert "It counts bytes" in finding.detail
    group = ParameterGroup(
        key="G", family="mysql8.4", description="d", parameters={"max_connections": Unknown("later")}
    )
    assert say(faults, plan_of(group)) == []
    assert len(say(faults, plan_of(settings("mariadb11.8", max_connections="100001")))) == 1
    (open_ended,) = say(faults, plan_of(settings("mysql8.4", innodb_buffer_pool_size="1")))
    assert "within 5.24288e+06 and inf" in open_ended.detail


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("work_mem", "16MB", "16384"),
        ("work_mem", "64kB", "64"),
        ("work_mem", "63kB", None),  # below the least
        ("work_mem", "2 GB", "2097152"),
        ("work_mem", "1TB", "1073741824"),
        ("work_mem", "2TB", None),  # above the most
        ("shared_buffers", "8MB", "1024"),
        ("shared_buffers", "1025kB", None),  # no whole number of pages
        ("work_mem", "16 parsecs", None),
        ("random_page_cost", "1MB", None),
    ],
)
def test_a_size_in_the_parameter_s_own_unit(name: str, value: str, right: str | None, mends: Mends) -> None:
    wrong = settings(**{name: value})
    (mend,) = mends(faults, plan_of(wrong))
    assert mend == ((settings(**{name: right}),) if right else ())
