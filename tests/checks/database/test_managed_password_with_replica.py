"""DB034: which sources, which engines."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.managed_password_with_replica import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding
from mainstay.plan.values import Unknown

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(("managed", "count"), [(True, 1), (False, 0), (None, 0), (Unknown("later"), 0)])
def test_a_replica(managed: object, count: int, say: Say) -> None:
    findings = say(faults, plan_of(database(manages_password=managed), replica()))
    assert [finding.subject for finding in findings] == ["Replica"] * count


def test_sources_that_are_not_ours(say: Say) -> None:
    sqlserver = database(manages_password=True, engine="sqlserver-ee")
    assert say(faults, plan_of(sqlserver, replica())) == []
    assert say(faults, plan_of(database(manages_password=True), replica(source="elsewhere"))) == []
