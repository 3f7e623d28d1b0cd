"""DB017: classes, days, and the advanced mode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay.checks.database.insights_refused import faults
from mainstay.checks.examples import database, plan_of
from mainstay.core.findings import Finding, Severity
from mainstay.core.units import Duration
from mainstay.plan.resources import Resource
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]
Mends = Callable[..., list[tuple[Resource, ...]]]


@pytest.mark.parametrize(
    ("engine", "name", "count"),
    [
        ("mysql", "db.t4g.small", 1),
        ("mariadb", "db.t3.micro", 1),
        ("mysql", "db.t4g.medium", 0),
        ("postgres", "db.t4g.micro", 0),
        ("sqlserver-ee", "db.t3.small", 0),
    ],
)
def test_classes(engine: str, name: str, count: int, say: Say) -> None:
    db = database(engine=engine, instance_class=name, has_performance_insights=True)
    assert len(say(faults, plan_of(db))) == count
    assert say(faults, plan_of(database(engine=engine, instance_class=name))) == []


@pytest.mark.parametrize(
    ("days", "is_on", "said"),
    [
        (7, True, []),
        (8, True, ["for 8 days"]),
        (30, True, ["for 30 days"]),
        (31 * 23, True, []),
        (31 * 24, True, ["for 744 days"]),
        (731, True, []),
        (7, None, ["but they are off"]),
        (7, False, ["but they are off"]),
        (7, Param("Insights"), []),
        (0, False, []),  # Terraform shows 0 where nothing is kept
        (None, False, []),
    ],
)
def test_days(days: int | None, is_on: object, said: list[str], say: Say) -> None:
    kept = None if days is None else Duration.days(days)
    findings = say(faults, plan_of(database(has_performance_insights=is_on, performance_insights_retention=kept)))
    assert len(findings) == len(said)
    assert all(part in finding.detail for part, finding in zip(said, findings, strict=True))


@pytest.mark.parametrize(
    ("days", "is_on", "severity"),
    [
        (465, True, None),
        (434, True, Severity.WARNING),
        (None, True, Severity.WARNING),
        (None, False, Severity.ERROR),
        (None, None, Severity.ERROR),
        (Param("Days"), True, None),
    ],
)
def test_the_advanced_mode(days: object, is_on: object, severity: Severity | None, say: Say) -> None:
    kept = Duration.days(days) if isinstance(days, int) else days
    db = database(has_performance_insights=is_on, performance_insights_retention=kept, insights_mode="advanced")
    findings = say(faults, plan_of(db))
    assert [finding.severity for finding in findings] == ([severity] if severity else [])
    kept_for = f"are kept for {days or 7} days"
    assert all((kept_for if is_on else "are off") in finding.detail for finding in findings)


def test_a_form_that_is_not_known(say: Say) -> None:
    db = database(performance_insights_retention=Duration.days(8), extras={"EnablePerformanceInsights": []})
    assert say(faults, plan_of(db)) == []


@pytest.mark.parametrize(("days", "right"), [(6, 7), (8, 31), (30, 31), (32, 62), (714, 731), (732, None)])
def test_the_next_longer_retention(days: int, right: int | None, mends: Mends) -> None:
    wrong = database(has_performance_insights=True, performance_insights_retention=Duration.days(days))
    kept = [] if right is None else [replace(wrong, performance_insights_retention=Duration.days(right))]
    assert mends(faults, plan_of(wrong)) == [tuple(kept)]
