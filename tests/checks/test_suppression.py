"""Suppressions: reason, resource, last day, and those that do nothing."""

from __future__ import annotations

from datetime import date

import pytest

from mainstay.checks import run
from mainstay.checks.examples import database, plan_of
from mainstay.checks.suppression import apply
from mainstay.core.findings import Finding, Harm, Severity, worst
from mainstay.plan.intent import Intent, Suppression

TODAY = date(2026, 11, 20)


def findings_with(*suppressions: Suppression) -> list[Finding]:
    plan = plan_of(database(has_deletion_protection=False), intent=Intent(suppressions=suppressions))
    return run(plan, today=TODAY)


@pytest.mark.parametrize("resource", ["*", "Database"])
@pytest.mark.parametrize("until", [None, TODAY, date(2027, 1, 1)])
def test_a_suppressed_finding_stays_visible_and_fails_nothing(resource: str, until: date | None) -> None:
    (finding,) = findings_with(Suppression(rule="DB006", resource=resource, reason="a trial", until=until))
    assert (finding.id, finding.suppressed) == ("DB006", "a trial")
    assert worst([finding]) is None


def test_the_day_after_its_last_a_finding_is_open_again() -> None:
    findings = findings_with(Suppression(rule="DB006", reason="a trial", until=date(2026, 11, 19)))
    assert [(each.id, each.suppressed, each.severity) for each in findings] == [
        ("DB006", None, Severity.WARNING),
        ("MS002", None, Severity.WARNING),
    ]
    assert "2026-11-19" in findings[1].detail
    assert "a trial" in findings[1].detail


@pytest.mark.parametrize(
    "pointless",
    [
        Suppression(rule="DB006", resource="Other", reason="r"),
        Suppression(rule="DB031", reason="r"),
        Suppression(rule="DB031", reason="r", until=date(2020, 1, 1)),
    ],
)
def test_a_suppression_that_matches_nothing_is_named(pointless: Suppression) -> None:
    findings = findings_with(pointless)
    assert [(each.id, each.severity) for each in findings] == [("DB006", Severity.WARNING), ("MS003", Severity.INFO)]
    assert pointless.rule in findings[1].detail
    assert ("on Other" in findings[1].detail) is (pointless.resource == "Other")


def test_the_first_that_holds_gives_the_reason() -> None:
    findings = findings_with(
        Suppression(rule="DB006", reason="old", until=date(2026, 1, 1)),
        Suppression(rule="DB006", reason="first"),
        Suppression(rule="DB006", reason="second"),
    )
    assert [(each.id, each.suppressed) for each in findings] == [("MS002", None), ("DB006", "first")]


@pytest.mark.parametrize(
    ("resource", "is_covered"), [("Database", True), ("aws_db_instance.shop", True), ("*", True), ("", False)]
)
def test_a_resource_is_named_by_its_address_or_its_key(resource: str, is_covered: bool) -> None:
    db = database(has_deletion_protection=False, address="aws_db_instance.shop")
    intent = Intent(suppressions=(Suppression(rule="DB006", resource=resource, reason="a trial"),))
    finding = next(each for each in run(plan_of(db, intent=intent), today=TODAY) if each.id == "DB006")
    assert (finding.suppressed == "a trial") is is_covered


def test_an_empty_name_covers_nothing_about_the_whole() -> None:
    finding = Finding(
        id="MS006", severity=Severity.INFO, harm=Harm.BLIND, summary="s", detail="d", hint="h", subject="s"
    )
    (same, _) = apply([Suppression(rule="MS006", resource="", reason="r")], [finding], TODAY)
    assert same.suppressed is None
