"""DB003: retention by profile, and who is exempt."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.automated_backups_too_short import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding, Severity
from mainstay.core.units import Duration
from mainstay.plan.intent import Intent
from mainstay.plan.resources import Resource
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("profile", "days", "severity"),
    [
        ("prod", 0, Severity.ERROR),
        ("prod", 1, Severity.WARNING),
        ("prod", 6, Severity.WARNING),
        ("prod", 7, None),
        ("prod", 35, None),
        ("prod", None, Severity.ERROR),
        ("dev", 0, Severity.ERROR),
        ("dev", 1, None),
        ("dev", None, None),
    ],
)
def test_retention(profile: str, days: int | None, severity: Severity | None, say: Say) -> None:
    db = database(backup_retention=None if days is None else Duration.days(days))
    found = [finding.severity for finding in say(faults, plan_of(db, intent=Intent(profile=profile)))]
    assert found == ([] if severity is None else [severity])


@pytest.mark.parametrize(
    "db",
    [
        replica(backup_retention=Duration(0)),
        database(backup_retention=None, snapshot="rds:old"),
        database(backup_retention=Param("Days")),
        database(backup_retention=Duration(0), engine="aurora-postgresql"),
        database(backup_retention=Duration(0), extras={"DBClusterIdentifier": "cluster"}),
    ],
    ids=["replica", "from a snapshot", "a parameter", "aurora", "in a cluster"],
)
def test_exempt(db: Resource, say: Say) -> None:
    assert say(faults, plan_of(db)) == []


def test_what_is_said(say: Say) -> None:
    (silent,) = say(faults, plan_of(database(backup_retention=None)))
    assert "says nothing of retention, so AWS keeps 1 day" in silent.detail
    assert "no point in time" not in silent.detail


@pytest.mark.parametrize(("is_multi_az", "says"), [(True, True), (False, False), (None, False)])
def test_a_standby_is_no_backup(is_multi_az: bool | None, says: bool, say: Callable[..., list[Finding]]) -> None:
    db = database(backup_retention=Duration.days(1), is_multi_az=is_multi_az)
    (finding,) = say(faults, plan_of(db))
    assert ("it repeats every DROP TABLE" in finding.detail) is says
