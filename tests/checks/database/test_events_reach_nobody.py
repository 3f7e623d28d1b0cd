"""DB044: what is subscribed to, for whom, and where nobody wants to be told anything."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.events_reach_nobody import faults
from mainstay.checks.examples import alarm, database, plan_of, replica
from mainstay.core.findings import Finding, Severity
from mainstay.plan.intent import Intent
from mainstay.plan.patterns import EventPattern, Match
from mainstay.plan.resources import EventRule, EventSubscription, Resource
from mainstay.plan.values import Attr, Param, Ref, Unknown

Say = Callable[..., list[Finding]]
ALL = ("configuration change", "deletion", "failover", "failure", "low storage")


def events(**changes: object) -> Resource:
    given = {"key": "Events", "topic": "topic", "source_type": "db-instance", **changes}
    return EventSubscription(**given)  # type: ignore[arg-type]  # whatever a case wants


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, None),
        ({"source_type": None}, None),
        ({"source_type": Param("Type")}, None),
        ({"categories": ALL}, None),
        ({"categories": ALL[:-1]}, "low storage"),
        ({"categories": ("failure",)}, "configuration change, deletion, failover, low storage"),
        ({"categories": (Param("Category"),)}, None),
        ({"source_ids": (Ref("Database"),)}, None),
        ({"source_ids": (Attr("Database", "id"),)}, None),
        ({"source_ids": ("shop",)}, None),
        ({"source_ids": (Param("Source"),)}, None),
        ({"source_ids": ("other",)}, ", ".join(ALL)),
        ({"is_enabled": False}, ", ".join(ALL)),
        ({"is_enabled": Param("On")}, None),
        ({"source_type": "db-cluster"}, ", ".join(ALL)),
    ],
)
def test_subscriptions(changes: dict[str, object], missing: str | None, say: Say) -> None:
    findings = say(faults, plan_of(database(identifier="shop"), alarm(), events(**changes)))
    assert len(findings) == (missing is not None)
    for finding in findings:
        assert finding.hint == f"subscribe a topic to the categories {missing} of db-instance"
        is_grave = "failure" in str(missing)
        assert finding.severity is (Severity.WARNING if is_grave else Severity.INFO)


def test_two_subscriptions_together(say: Say) -> None:
    first, second = events(categories=ALL[:2]), events(key="More", categories=ALL[2:])
    assert say(faults, plan_of(database(), first, second)) == []


def test_without_a_standby_nothing_fails_over(say: Say) -> None:
    assert say(faults, plan_of(database(is_multi_az=False), events(categories=tuple({*ALL} - {"failover"})))) == []


def hears(*sources: str, **changes: object) -> Resource:
    return EventRule(key="Rule", pattern=EventPattern((Match(("source",), sources),)), **changes)  # type: ignore[arg-type]  # any


@pytest.mark.parametrize(
    ("resources", "count"),
    [
        ((alarm(),), 1),
        ((), 0),  # nobody is told of anything here
        ((alarm(alarm_actions=()),), 0),
        ((alarm(dimensions={"DBInstanceIdentifier": "other"}),), 0),
        ((alarm(), hears("aws.rds")), 0),
        ((alarm(), hears("aws.backup")), 1),
        ((alarm(), EventRule(key="Rule", schedule=Unknown("later"))), 1),
        ((alarm(), EventRule(key="Rule", extras={"EventPattern": {"source": [{"prefix": "aws"}]}})), 0),
    ],
)
def test_who_wants_to_be_told(resources: tuple[Resource, ...], count: int, say: Say) -> None:
    assert len(say(faults, plan_of(database(), *resources))) == count


def test_only_in_production_and_only_the_source(say: Say) -> None:
    assert say(faults, plan_of(database(), alarm(), intent=Intent(profile="dev"))) == []
    watched = alarm(dimensions={"DBInstanceIdentifier": Ref("Replica")})
    assert say(faults, plan_of(database(), replica(), watched)) == []
