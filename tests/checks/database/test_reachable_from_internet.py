"""DB031: written and by default."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.reachable_from_internet import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding
from mainstay.plan.resources import Resource
from mainstay.plan.values import Unknown

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("db", "said"),
    [
        (database(is_public=True), "publicly accessible"),
        (database(is_public=False, subnet_group=None), None),
        (database(is_public=None, subnet_group=None), "default VPC"),
        (database(is_public=None), None),
        (database(is_public=Unknown("later"), subnet_group=None), None),
        (database(is_public=None, subnet_group=None, snapshot="rds:old"), None),
        (replica(is_public=None), None),
        (replica(is_public=True), "publicly accessible"),
    ],
)
def test_addresses(db: Resource, said: str | None, say: Say) -> None:
    details = [finding.detail for finding in say(faults, plan_of(db))]
    assert len(details) == (said is not None)
    assert all(said in detail for detail in details if said)
