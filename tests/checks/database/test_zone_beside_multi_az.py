"""DB018: zones of both forms, and what may leave one of the two out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.zone_beside_multi_az import faults
from mainstay.checks.examples import database, plan_of
from mainstay.core.findings import Finding
from mainstay.plan.values import If, Param, Zone

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"zone": "us-east-1a"}, "in us-east-1a"),
        ({"zone": Zone(0)}, "in zone 1 of the region"),
        ({"zone": None}, None),
        ({"zone": If("IsOne", "us-east-1a", None)}, None),
        ({"zone": "us-east-1a", "is_multi_az": False}, None),
        ({"zone": "us-east-1a", "is_multi_az": None}, None),
        ({"zone": "us-east-1a", "is_multi_az": Param("MultiAz")}, None),
        ({"zone": "us-east-1a", "address": "aws_db_instance.shop"}, None),
    ],
)
def test_zones(changes: dict[str, object], said: str | None, say: Say) -> None:
    findings = say(faults, plan_of(database(**changes)))
    assert len(findings) == (said is not None)
    assert all(said in finding.detail for finding in findings if said)
