"""DB004: every fate on deletion and on replacement."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstay.checks.database.dies_without_snapshot import faults
from mainstay.checks.examples import database, plan_of, replica
from mainstay.core.findings import Finding, Severity
from mainstay.plan.intent import Intent
from mainstay.plan.resources import Fate

Say = Callable[..., list[Finding]]
KEPT = [Fate.SNAPSHOT, Fate.RETAIN, Fate.RETAIN_EXCEPT_ON_CREATE]


@pytest.mark.parametrize("on_delete", [None, *KEPT])
@pytest.mark.parametrize("on_replace", KEPT)
def test_kept(on_delete: Fate | None, on_replace: Fate, say: Say) -> None:
    assert say(faults, plan_of(database(on_delete=on_delete, on_replace=on_replace))) == []


def test_both_ways_to_lose_it(say: Say) -> None:
    deleted, replaced = say(faults, plan_of(database(on_delete=Fate.DELETE, on_replace=Fate.DELETE)))
    assert "leaves the template" in deleted.detail
    assert "Delete is written" in replaced.detail
    assert {deleted.severity, replaced.severity} == {Severity.ERROR}


def test_outside_production_a_written_delete_is_a_choice(say: Say) -> None:
    dev = Intent(profile="dev")
    assert say(faults, plan_of(database(on_delete=Fate.DELETE, on_replace=Fate.DELETE), intent=dev)) == []
    (finding,) = say(faults, plan_of(database(on_delete=Fate.DELETE, on_replace=None), intent=dev))
    assert finding.severity is Severity.WARNING
    assert "nothing is written" in finding.detail


def test_a_replica_may_go(say: Say) -> None:
    assert say(faults, plan_of(replica(on_delete=Fate.DELETE))) == []


def test_a_fate_that_cannot_be_seen_is_not_taken_for_none(say: Say) -> None:
    hidden = {"@UpdateReplacePolicy": {"Ref": "Policy"}}
    assert say(faults, plan_of(database(on_delete=Fate.SNAPSHOT, on_replace=None, extras=hidden))) == []
