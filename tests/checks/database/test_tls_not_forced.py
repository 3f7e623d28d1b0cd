"""DB030: written values, defaults by version, groups that cannot be seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.tls_not_forced import faults
from mainstay.checks.examples import database, plan_of, replica, settings
from mainstay.core.findings import Finding
from mainstay.plan.resources import ParameterGroup
from mainstay.plan.values import Ref, Unknown

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("engine", "version", "parameters", "subject"),
    [
        ("postgres", "17.11", {}, None),
        ("postgres", "14.24", {}, "Database"),
        ("postgres", "14.24", {"rds.force_ssl": "1"}, None),
        ("postgres", "17.11", {"rds.force_ssl": "0"}, "Settings"),
        ("mysql", "8.4.11", {}, "Database"),
        ("mysql", "8.4.11", {"require_secure_transport": "1"}, None),
        ("mysql", "8.4.11", {"require_secure_transport": "OFF"}, "Settings"),
        ("mysql", "8.4.11", {"require_secure_transport": "ON"}, None),
        ("mariadb", "10.11.19", {}, "Database"),
        ("mariadb", "11.8.9", {}, None),
        ("oracle-ee", "19", {}, None),
    ],
)
def test_settings(engine: str, version: str, parameters: dict[str, str], subject: str | None, say: Say) -> None:
    db = database(engine=engine, engine_version=version, parameter_group=Ref("Settings"))
    findings = say(faults, plan_of(db, settings(f"{engine}0", **parameters)))
    assert [finding.subject for finding in findings] == ([] if subject is None else [subject])


@pytest.mark.parametrize(
    ("link", "count"), [(None, 1), ("default.mysql8.4", 1), ("another-stack", 0), (Unknown("later"), 0)]
)
def test_groups_outside_the_plan(link: object, count: int, say: Say) -> None:
    db = database(engine="mysql", engine_version="8.4.11", parameter_group=link)
    assert len(say(faults, plan_of(db))) == count


def test_a_group_whose_parameters_are_hidden(say: Say) -> None:
    db = database(engine="mysql", engine_version="8.4.11", parameter_group=Ref("Settings"))
    hidden = ParameterGroup(key="Settings", family="mysql8.4", description="d", extras={"Parameters": {"Fn::If": []}})
    assert say(faults, plan_of(db, hidden)) == []


def test_a_replica_follows_its_source(say: Say) -> None:
    plan = plan_of(database(parameter_group=Ref("Settings")), replica(), settings(**{"rds.force_ssl": "0"}))
    assert {finding.subject for finding in say(faults, plan)} == {"Settings"}
