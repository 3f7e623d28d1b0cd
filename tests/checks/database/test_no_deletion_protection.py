"""DB006: off, unwritten, unseen, and who is exempt."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.no_deletion_protection import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding
from mainstay.plan.intent import Intent
from mainstay.plan.values import Unknown

Say = Callable[..., list[Finding]]


@pytest.mark.parametrize(("written", "count"), [(None, 1), (False, 1), (True, 0), (Unknown("later"), 0)])
def test_in_production(written: object, count: int, say: Say) -> None:
    assert len(say(faults, plan_of(database(has_deletion_protection=written)))) == count


def test_exempt(say: Say) -> None:
    assert say(faults, plan_of(database(has_deletion_protection=False), intent=Intent(profile="dev"))) == []
    assert say(faults, plan_of(replica(has_deletion_protection=False))) == []
