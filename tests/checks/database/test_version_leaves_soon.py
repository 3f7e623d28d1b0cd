"""DB011: ninety days before a minor, or a major's support, goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from mainstay.checks.database.version_leaves_soon import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("day", "left"),
    [
        (date(2026, 9, 1), "in 90 days"),
        (date(2026, 8, 31), None),
        (date(2026, 11, 29), "in 1 day."),
        (date(2026, 11, 30), None),  # from here on DB009 speaks
    ],
)
def test_a_minor(day: date, left: str | None, say: Say) -> None:
    findings = say(faults, plan_of(database(engine="mysql", engine_version="8.4.7")), today=day)
    assert len(findings) == (left is not None)
    for finding in findings:
        assert "RDS stops creating mysql 8.4.7 on 2026-11-30" in finding.detail
        assert str(left) in finding.detail
        assert "pin 8.4.11" in finding.hint


@pytest.mark.parametrize(
    ("day", "support", "count"),
    [
        (date(2026, 11, 29), None, 0),
        (date(2026, 11, 30), None, 1),
        (date(2027, 2, 27), "open-source-rds-extended-support", 1),
        (date(2027, 2, 27), "open-source-rds-extended-support-disabled", 0),
        (date(2027, 2, 28), None, 0),
    ],
)
def test_a_major(day: date, support: str | None, count: int, say: Say) -> None:
    findings = say(faults, plan_of(database(engine_version="14", lifecycle_support=support)), today=day)
    assert len(findings) == count
    for finding in findings:
        assert "postgres 14 leaves standard support on 2027-02-28" in finding.detail
        assert "billed from 2027-03-01" in finding.detail
        assert finding.hint.endswith("postgres 18")


@pytest.mark.parametrize(
    ("version", "day", "count"),
    [
        ("10.6", date(2026, 10, 1), 0),
        ("10.6", date(2026, 10, 2), 1),
        ("10.6", date(2026, 12, 30), 1),
        ("10.6", date(2026, 12, 31), 0),
        ("10.6.28", date(2026, 12, 30), 1),  # the newest minor leaves with its major, which is told once
        ("10.6.27", date(2026, 12, 30), 2),
        ("10.5.29", date(2026, 8, 30), 0),  # told by its major, of which nothing is known any more
    ],
)
def test_a_major_of_mariadb(version: str, day: date, count: int, say: Say) -> None:
    findings = say(faults, plan_of(database(engine="mariadb", engine_version=version)), today=day)
    assert len(findings) == count
    for finding in findings[-1:]:
        assert "mariadb 10.6 leaves standard support on 2026-12-31" in finding.detail
        assert "there is no Extended Support" in finding.detail
        assert finding.hint == "plan the upgrade to mariadb 12.3"


def test_not_seen(say: Say) -> None:
    plan = plan_of(
        database(engine="mysql", engine_version="8.4.7", source="elsewhere"),
        database(key="Two", engine_version=Param("Version")),
        database(key="Three", engine="oracle-ee", engine_version="8.4.7"),
        replica(engine="mysql", engine_version="8.4.7"),
    )
    assert say(faults, plan) == []
