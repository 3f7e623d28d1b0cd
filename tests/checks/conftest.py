"""What every rule's test asks: what a rule says of a plan on a fixed day, and what it would have instead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from mainstay.checks import Rule, Scene, examine
from mainstay.core.findings import Finding
from mainstay.plan.plan import Plan
from mainstay.plan.resources import Resource

Say = Callable[..., list[Finding]]
Mends = Callable[[Rule, Plan], list[tuple[Resource, ...]]]


@pytest.fixture
def say() -> Say:
    """`say(rule, plan, today=…)`: the findings of one rule; a crash of the rule fails the test."""

    def findings_of(rule: Rule, plan: Plan, today: date = date(2026, 11, 20)) -> list[Finding]:
        findings = examine(rule, plan, today=today)
        assert [each.detail for each in findings if each.id == "MS001"] == []
        return findings

    return findings_of


@pytest.fixture
def mends() -> Mends:
    """`mends(rule, plan)`: the resources as each fault of a rule would have them; () where it has no answer."""

    def found(rule: Rule, plan: Plan) -> list[tuple[Resource, ...]]:
        scene = Scene(plan, plan.primary, date(2026, 11, 20))
        looked = [one for one in plan.primary.resources if isinstance(one, rule.applies_to)]
        return [fault.mend for one in looked for fault in rule.judge(one, scene)]

    return found
