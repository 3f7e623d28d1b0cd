"""DB005: the default, the written value, and who is exempt."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.backups_deleted_with_instance import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding
from mainstay.plan.intent import Intent
from mainstay.plan.values import Unknown

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(
    ("written", "said"),
    [(None, "defaults to true"), (True, "DeleteAutomatedBackups is true"), (False, None), (Unknown("later"), None)],
)
def test_in_production(written: object, said: str | None, say: Say) -> None:
    details = [finding.detail for finding in say(faults, plan_of(database(deletes_automated_backups=written)))]
    assert len(details) == (said is not None)
    assert all(said in detail for detail in details if said)


def test_exempt(say: Say) -> None:
    assert say(faults, plan_of(database(deletes_automated_backups=True), intent=Intent(profile="dev"))) == []
    assert say(faults, plan_of(replica(deletes_automated_backups=True))) == []
