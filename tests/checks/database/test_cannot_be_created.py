"""DB009: versions that have left, versions newer than the table, classes by region."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from mainstay.checks.database.cannot_be_created import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding, Severity
from mainstay.plan.values import Param

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("engine", "version", "is_refused"),
    [
        ("postgres", "17.11", False),
        ("postgres", "17.8", True),
        ("postgres", "17.4", True),
        ("postgres", "17.12", False),  # newer than the table
        ("postgres", "19.1", False),
        ("postgres", "9.6.24", True),
        ("postgres", "17", False),
        ("mysql", "8.0.35", True),
        ("mysql", "8.4", False),
        ("mariadb", "10.6.26", True),
        ("aurora-postgresql", "15.4", False),
        ("oracle-ee", "12.1.0.2", False),
    ],
)
def test_versions(engine: str, version: str, is_refused: bool, say: Say) -> None:
    details = [each.detail for each in say(faults, plan_of(database(engine=engine, engine_version=version)))]
    assert len(details) == is_refused
    assert all(version in detail for detail in details)


def test_a_minor_leaves_on_its_day(say: Say) -> None:
    plan = plan_of(database(engine="mysql", engine_version="8.4.7"))
    assert say(faults, plan, today=date(2026, 11, 29)) == []
    (finding,) = say(faults, plan, today=date(2026, 11, 30))
    assert "it creates 8.4.8, 8.4.9, 8.4.10, 8.4.11." in finding.detail


def test_the_newest_four_are_named(say: Say) -> None:
    (finding,) = say(faults, plan_of(database(engine="mysql", engine_version="8.4.3")))
    assert "it creates 8.4.8, 8.4.9, 8.4.10, 8.4.11." in finding.detail


def test_what_is_not_created_fresh_is_exempt(say: Say) -> None:
    old = database(engine_version="16.3", snapshot="rds:old")
    assert say(faults, plan_of(old, replica(engine_version="16.3"))) == []
    assert say(faults, plan_of(database(engine_version=None))) == []


@pytest.mark.parametrize(
    ("region", "name", "is_refused"),
    [
        ("us-east-1", "db.m5.large", False),
        ("ap-east-2", "db.m5.large", True),
        ("ap-east-2", "db.m99.large", False),  # newer than the table
        ("", "db.m5.large", False),
        ("ap-east-2", None, False),
        ("ap-east-2", Param("Class"), False),
    ],
)
def test_classes(region: str, name: object, is_refused: bool, say: Say) -> None:
    details = [each.detail for each in say(faults, plan_of(database(instance_class=name), region=region))]
    assert details == ([f"{region} does not offer {name} for postgres."] if is_refused else [])


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("db.t2.micro", "db.t3"),
        ("db.r3.large", "db.r5"),
        ("db.m1.small", "db.m5"),
        ("db.t3.micro", None),
        ("db.m99.large", None),
        ("db.serverless", None),
        ("db.z1d.large", None),  # of a series that the table lacks
    ],
)
def test_generations(name: str, first: str | None, say: Say) -> None:
    findings = say(faults, plan_of(database(instance_class=name), region=""))
    assert [each.severity for each in findings] == ([Severity.WARNING] if first else [])
    assert all(f"creates {first} and newer" in each.detail for each in findings)
