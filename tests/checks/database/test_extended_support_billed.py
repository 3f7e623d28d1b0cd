"""DB010: from which day, how much, and who is not billed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from mainstay import facts
from mainstay.checks.database.extended_support_billed import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding
from mainstay.plan.resources import Resource
from mainstay.plan.values import Unknown

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("day", "price"),
    [
        (date(2026, 7, 31), None),
        (date(2026, 8, 1), "$146 a month for 2 vCPU at $0.10"),
        (date(2028, 7, 31), "$146 a month for 2 vCPU at $0.10"),
        (date(2028, 8, 1), "$292 a month for 2 vCPU at $0.20"),
    ],
)
def test_from_the_day_it_is_charged(day: date, price: str | None, say: Say) -> None:
    plan = plan_of(database(engine="mysql", engine_version="8.0.46", is_multi_az=False))
    details = [finding.detail for finding in say(faults, plan, today=day)]
    assert len(details) == (price is not None)
    assert all(price in detail for detail in details if price)


def test_a_standby_and_a_replica_are_billed_too(say: Say) -> None:
    first, second = say(faults, plan_of(database(engine_version="13.23", is_multi_az=True), replica()))
    assert "$292 a month for 4 vCPU" in first.detail
    assert "$146 a month for 2 vCPU" in second.detail
    assert "move to postgres 18" in first.hint


def test_a_replica_is_billed_as_its_source_is_unless_it_says_otherwise(say: Say) -> None:
    off, on = "open-source-rds-extended-support-disabled", "open-source-rds-extended-support"
    source = database(engine_version="13.23", lifecycle_support=off)
    assert say(faults, plan_of(source, replica())) == []
    (finding,) = say(faults, plan_of(source, replica(lifecycle_support=on)))
    assert finding.subject == "Replica"


def test_an_unknown_class_has_no_price(say: Say) -> None:
    (finding,) = say(faults, plan_of(database(engine_version="13.23", instance_class="db.z9.large")))
    assert finding.detail.endswith("billed since 2026-03-01.")


@pytest.mark.parametrize(
    "db",
    [
        database(engine_version="13.23", lifecycle_support="open-source-rds-extended-support-disabled"),
        database(engine_version="13.23", lifecycle_support=Unknown("later")),
        database(engine_version=None),
        database(engine="mariadb", engine_version="10.6.28"),
        database(engine="oracle-ee", engine_version="13"),
    ],
)
def test_not_billed(db: Resource, say: Say) -> None:
    assert say(faults, plan_of(db)) == []


def test_written_out(say: Say) -> None:
    db = database(engine_version="13.23", lifecycle_support="open-source-rds-extended-support")
    assert len(say(faults, plan_of(db))) == 1


def test_a_month_has_730_hours(say: Say) -> None:
    (finding,) = say(faults, plan_of(database(engine_version="13.23", instance_class="db.m7g.16xlarge")))
    assert "about $9,344 a month for 128 vCPU at $0.10" in finding.detail


def test_a_price_that_is_not_known_is_not_named(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = {name: facts.load(name) for name in ("prices", "lifecycle", "classes", "versions")}
    tables["prices"] = replace(tables["prices"], data={"region": "us-east-1"})
    monkeypatch.setattr(facts, "load", tables.__getitem__)
    (finding,) = say(faults, plan_of(database(engine_version="13.23")))
    assert finding.detail.endswith("billed since 2026-03-01.")
