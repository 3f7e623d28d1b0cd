"""BK037: members of events, also in patterns that no field could hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.backup.event_never_matches import faults
from mainstay.checks.examples import plan_of
from mainstay.core.findings import Finding
from mainstay.plan.patterns import EventPattern, Like, Match
from mainstay.plan.resources import (
    EventRule,
)

Say = Callable[..., list[Finding]]


def rule_on(kinds: list[str], member: str, source: str = "aws.backup") -> EventRule:
    matches = (
        Match(("source",), (source,)),
        Match(("detail-type",), tuple(f"{kind} State Change" for kind in kinds)),
        Match(("detail", member), ("FAILED",)),
    )
    return EventRule(key="Failures", pattern=EventPattern(matches))


@pytest.mark.parametrize(
    ("kinds", "member", "count"),
    [
        (["Backup Job"], "state", 0),
        (["Backup Job"], "status", 1),
        (["Copy Job"], "state", 0),
        (["Copy Job"], "status", 1),
        (["Restore Job"], "status", 0),
        (["Restore Job"], "state", 1),
        (["Backup Job", "Copy Job", "Restore Job"], "state", 1),
        (["Backup Job", "Copy Job", "Restore Job"], "status", 2),
        (["Backup Job", "Copy Job"], "status", 2),
        (["Recovery Point"], "state", 0),
        (["Backup Job"], "resourceType", 0),
    ],
)
def test_members(kinds: list[str], member: str, count: int, say: Say) -> None:
    findings = say(faults, plan_of(rule_on(kinds, member)))
    assert len(findings) == count
    assert all(("of its own" in each.hint) is (len(kinds) > 1) for each in findings)
    assert say(faults, plan_of(rule_on(kinds, member, source="aws.rds"))) == []


@pytest.mark.parametrize(
    ("written", "count"),
    [
        (
            {
                "source": ["aws.backup"],
                "detail-type": ["Backup Job State Change"],
                "detail": {"status": [{"exists": True}]},
            },
            1,
        ),
        (
            {
                "source": ["aws.backup"],
                "detail-type": ["Backup Job State Change"],
                "detail": {"state": [{"exists": True}]},
            },
            0,
        ),
        ({"source": ["aws.backup"], "detail-type": ["Backup Job State Change"]}, 0),
        ({"source": "aws.backup"}, 0),
        ('{"source": ["aws.backup"], "detail-type": ["Copy Job State Change"], "detail": {"status": [1]}}', 1),
        (
            '${jsonencode({"source": ["aws.backup"], "detail-type": ["Copy Job State Change"], '
            '"detail": {"status": [1]}})}',
            1,
        ),
        ({"source": ["aws.backup"], "detail-type": ["Backup Job"], "detail": {"status": [1]}}, 0),
        ("no JSON", 0),
        ("[]", 0),
    ],
)
def test_patterns_kept_as_they_were_written(written: object, count: int, say: Say) -> None:
    rule = EventRule(key="Failures", extras={"EventPattern": written})  # type: ignore[dict-item]  # JSON
    assert len(say(faults, plan_of(rule))) == count


def test_a_pattern_on_the_whole_detail(say: Say) -> None:
    matches = (
        Match(("source",), ("aws.backup",)),
        Match(("detail-type",), ("Backup Job State Change", Like("prefix", "Copy"))),
        Match(("detail",), ("status",)),
    )
    assert say(faults, plan_of(EventRule(key="Failures", pattern=EventPattern(matches)))) == []
    assert say(faults, plan_of(EventRule(key="Nightly"))) == []


def test_a_pattern_is_found_among_other_things(say: Say) -> None:
    written = '{"source": ["aws.backup"], "detail-type": ["Copy Job State Change"], "detail": {"status": [1]}}'
    rule = EventRule(key="Failures", extras={"Other": {}, "EventPattern": written})
    assert len(say(faults, plan_of(rule))) == 1
