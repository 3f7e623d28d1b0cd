"""DB022: switches, where the server writes, and the audit plugin."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.exported_log_is_empty import faults
from mainstay.checks.examples import database, plan_of, replica, settings
from mainstay.core.findings import Finding
from mainstay.plan.resources import DbOption, OptionGroup, Resource
from mainstay.plan.values import Param, Ref, Unknown

Say = Callable[..., list[Finding]]


def mysql(**changes: object) -> Resource:
    return database(**{"engine": "mysql", "engine_version": "8.4.11", "parameter_group": Ref("Settings"), **changes})


@pytest.mark.parametrize(
    ("logs", "parameters", "said"),
    [
        (("general",), {"log_output": "FILE"}, ["general_log is 0"]),
        (("slowquery",), {"log_output": "FILE", "slow_query_log": "OFF"}, ["slow_query_log is OFF"]),
        (("slowquery",), {"log_output": "FILE", "slow_query_log": "ON"}, []),
        (("slowquery",), {"slow_query_log": "1"}, ["log_output is TABLE, not FILE"]),
        (("slowquery",), {"slow_query_log": "1", "log_output": "table,file"}, []),
        (("slowquery",), {"slow_query_log": "1", "log_output": "NONE"}, ["log_output is NONE"]),
        (("slowquery", "general"), {}, ["slow_query_log is 0", "general_log is 0"]),
        (("error",), {}, []),
        ((Param("Log"),), {}, []),
        (("slowquery",), {"slow_query_log": Param("Slow")}, []),
        (("slowquery",), {"slow_query_log": "1", "log_output": Param("Output")}, []),
    ],
)
def test_settings(logs: tuple[object, ...], parameters: dict[str, str], said: list[str], say: Say) -> None:
    findings = say(faults, plan_of(mysql(log_exports=logs), settings("mysql8.4", **parameters)))
    assert len(findings) == len(said)
    assert all(part in finding.detail for part, finding in zip(said, findings, strict=True))


@pytest.mark.parametrize(
    ("group", "count"), [(None, 1), ("default.mysql8.4", 1), ("of-another-stack", 0), (Param("Group"), 0)]
)
def test_groups(group: object, count: int, say: Say) -> None:
    assert len(say(faults, plan_of(mysql(log_exports=("general",), parameter_group=group)))) == count


def test_a_replica_has_the_settings_of_its_source(say: Say) -> None:
    plan = plan_of(mysql(), replica(log_exports=("general",)), settings("mysql8.4"))
    assert [finding.subject for finding in say(faults, plan)] == ["Replica"]


def test_postgres_needs_no_switch(say: Say) -> None:
    assert say(faults, plan_of(database(log_exports=("postgresql", "general")))) == []


def options(*names: object, **changes: object) -> Resource:
    found = tuple(DbOption(name=name) for name in names)  # type: ignore[arg-type]  # whatever a case wants
    group: dict[str, object] = {"key": "Options", "engine": "mysql", "major_version": "8.4", "description": "d"}
    return OptionGroup(**{**group, "options": found, **changes})  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(
    ("link", "group", "count"),
    [
        (None, options(), 1),
        ("default:mysql-8-4", options(), 1),
        ("of-another-stack", options(), 0),
        (Ref("Options"), options(), 1),
        (Ref("Options"), options("MEMCACHED"), 1),
        (Ref("Options"), options("MEMCACHED", "MARIADB_AUDIT_PLUGIN"), 0),
        (Ref("Options"), options(Param("Option")), 0),
        (Ref("Options"), options(options=(Unknown("later", is_list=True),)), 0),
        (Ref("Options"), options(extras={"OptionConfigurations": "odd"}), 0),
    ],
)
def test_the_audit_log(link: object, group: Resource, count: int, say: Say) -> None:
    findings = say(faults, plan_of(mysql(log_exports=("audit",), option_group=link), settings("mysql8.4"), group))
    assert len(findings) == count
    assert all("MARIADB_AUDIT_PLUGIN" in finding.detail for finding in findings)


def test_an_option_group_of_a_form_that_is_not_known(say: Say) -> None:
    db = mysql(log_exports=("audit",), extras={"OptionGroupName": ["odd"]})
    assert say(faults, plan_of(db, settings("mysql8.4"))) == []


def test_postgres_has_no_plugin(say: Say) -> None:
    assert say(faults, plan_of(database(log_exports=("audit",)))) == []


@pytest.mark.parametrize(
    ("own", "of_source", "count"),
    [
        ("default:mysql-8-4", Ref("Options"), 1),
        ("default:mysql-8-4", "of-another-stack", 1),
        (Ref("Options"), "of-another-stack", 0),
        (None, Ref("Options"), 0),
        ("of-another-stack", "default:mysql-8-4", 0),
        (Ref("Empty"), Ref("Options"), 1),
        (Ref("Options"), Ref("Empty"), 0),
    ],
)
def test_whose_options_a_replica_has(own: object, of_source: object, count: int, say: Say) -> None:
    plan = plan_of(
        mysql(option_group=of_source),
        replica(log_exports=("audit",), option_group=own),
        settings("mysql8.4"),
        options("MARIADB_AUDIT_PLUGIN"),
        options(key="Empty"),
    )
    assert [finding.subject for finding in say(faults, plan)] == ["Replica"] * count
