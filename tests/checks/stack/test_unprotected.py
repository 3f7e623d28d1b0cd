"""ST003: what is known of a stack, and of whose."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.examples import database, group, plan_of
from mainstay.checks.stack.unprotected import faults
from mainstay.core.findings import Finding
from mainstay.plan.intent import Intent
from mainstay.plan.resources import Resource

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("intent", "resources", "count"),
    [
        (Intent(name="shop"), (group(), database()), 1),
        (Intent(name="shop", protects_stack=True), (group(), database()), 0),
        (Intent(name="shop", profile="dev"), (group(), database()), 0),
        (Intent(), (group(), database()), 0),  # somebody else's template does not say
        (Intent(name="shop"), (group(),), 0),
    ],
)
def test_stacks(intent: Intent, resources: tuple[Resource, ...], count: int, say: Say) -> None:
    findings = say(faults, plan_of(*resources, intent=intent))
    assert len(findings) == count
    assert all("shop is production" in finding.detail for finding in findings)
