"""What every rule's test asks: what a rule says of a plan on a fixed day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from mainstay.checks import Rule, examine
from mainstay.core.findings import Finding
from mainstay.plan.plan import Plan

Say = Callable[..., list[Finding]]


@pytest.fixture
def say() -> Say:
    """`say(rule, plan, today=…)`: the findings of one rule; a crash of the rule fails the test."""

    def findings_of(rule: Rule, plan: Plan, today: date = date(2026, 11, 20)) -> list[Finding]:
        findings = examine(rule, plan, today=today)
        assert [each.detail for each in findings if each.id == "MS001"] == []
        return findings

    return findings_of
