"""BK036: tests, drills and validations; what another stack may do is said mildly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.examples import (
    backed_up,
    job_events,
    restore_test,
)
from mainstay.checks.backup.never_restored import faults
from mainstay.core.findings import Finding, Severity
from mainstay.core.units import Duration
from mainstay.plan.intent import DrillIntent, Intent
from mainstay.plan.resources import (
    EventRule,
    Resource,
)
from mainstay.plan.values import (
    Param,
)

Say = Callable[..., list[Finding]]


def found(say: Say, **parts: Resource | None) -> list[tuple[str, Severity]]:
    return [(each.subject, each.severity) for each in say(faults, backed_up(intent=None, **parts))]


@pytest.mark.parametrize(
    ("hours", "event", "severity"),
    [
        (0, True, Severity.WARNING),
        (1, True, None),
        (1, False, Severity.INFO),
        (None, False, None),
    ],
)
def test_windows(hours: int | None, event: bool, severity: Severity | None, say: Say) -> None:
    window = None if hours is None else Duration.minutes(60 * hours)
    parts: dict[str, Resource | None] = {"TestedDatabase": restore_test(validation_window=window)}
    if not event:
        parts["JobEvents"] = None
    assert found(say, **parts) == ([] if severity is None else [("TestedDatabase", severity)])


def test_an_event_that_cannot_be_read(say: Say) -> None:
    assert found(say, JobEvents=EventRule(key="JobEvents", extras={"event_pattern": "${unknown}"})) == []


def test_an_event_of_other_jobs(say: Say) -> None:
    assert found(say, JobEvents=job_events("Backup Job", "state")) == [("TestedDatabase", Severity.INFO)]
    assert found(say, TestedDatabase=restore_test(validation_window=Param("Hours")), JobEvents=None) == []


@pytest.mark.parametrize(
    ("intent", "count"),
    [
        (Intent(), 1),
        (Intent(profile="ransomware"), 1),
        (Intent(profile="dev"), 0),
        (Intent(drill=DrillIntent(every=Duration.days(7))), 0),
    ],
)
def test_plans_without_tests(intent: Intent, count: int, say: Say) -> None:
    untested = backed_up(intent=intent, RestoreTests=None, TestedDatabase=None)
    assert [each.subject for each in say(faults, untested)] == ["Backups"] * count
    assert say(faults, backed_up(intent=intent, RestoreTests=None, TestedDatabase=None, Selection=None)) == []
