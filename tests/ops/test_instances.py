"""Waiting for an instance: what is seen early, with states that a healthy sandbox does not reach."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mainstay.core.errors import Busy, Inconclusive, TargetRefused
from mainstay.ops.aws.rds_states import DbEvent, DbState
from mainstay.ops.instances import change_instance, wait_available, wait_gone
from mainstay.ops.journal import Journal

Fixture = Any  # fixtures of conftest
STATE = DbState(identifier="db", resource_id="db-1", arn="", status="creating", engine="postgres", engine_version="17")


def site(*states: DbState | None) -> Any:
    """A site whose RDS gives these answers, the last one for ever."""
    left = list(states)
    events = (DbEvent(at=datetime(2026, 11, 20, tzinfo=UTC), message="MyISAM tables found", categories=("failure",)),)
    rds = SimpleNamespace(find_instance=lambda _: left.pop(0) if len(left) > 1 else left[0], events=lambda *_: events)
    return SimpleNamespace(doors=SimpleNamespace(rds=rds), pace=lambda seconds: seconds)


def wait(clock: Fixture, heard: Fixture, *states: DbState | None, settled: bool = False) -> DbState:
    target = site(*states)
    return wait_available(target, "db", deadline_s=3600, progress=heard, clock=clock, settled=settled)


def test_it_may_take_a_while_to_appear_and_has_to_stay(clock: Fixture, heard: Fixture) -> None:
    ready = replace(STATE, status="available")
    backing_up = replace(STATE, status="backing-up")
    assert wait(clock, heard, None, STATE, ready, backing_up, ready, ready) == ready
    assert len(clock.sleeps) == 5
    assert heard.ticks[0].startswith("db is not visible yet")


def test_what_never_appears_is_told_after_five_minutes(clock: Fixture, heard: Fixture) -> None:
    with pytest.raises(TargetRefused) as stop:
        wait(clock, heard, None)
    assert "has not appeared in 300 s" in stop.value.detail
    assert clock.elapsed_s < 400


def test_a_dead_instance_is_told_with_what_rds_says(clock: Fixture, heard: Fixture) -> None:
    with pytest.raises(TargetRefused) as stop:
        wait(clock, heard, STATE, replace(STATE, status="incompatible-restore"))
    assert stop.value.detail.startswith("db is incompatible-restore")
    assert "RDS says: MyISAM tables found" in stop.value.detail


def test_settled_means_that_nothing_is_pending(clock: Fixture, heard: Fixture) -> None:
    ready = replace(STATE, status="available")
    pending = replace(ready, pending={"MasterUserPassword": "****"})
    assert wait(clock, heard, pending, ready, ready, settled=True) == ready
    assert "pending: MasterUserPassword" in heard.ticks[0]
    assert wait(clock, heard, pending, settled=False) == pending


def test_gone_is_waited_for_until_the_deadline(clock: Fixture, heard: Fixture) -> None:
    deleting = replace(STATE, status="deleting")
    wait_gone(site(deleting, None), "db", deadline_s=100, progress=heard, clock=clock)
    assert heard.ticks == ["db is deleting (0s)"]
    with pytest.raises(Inconclusive):
        wait_gone(site(deleting), "db", deadline_s=100, progress=heard, clock=clock)


def test_a_change_is_asked_for_again_while_rds_is_busy(clock: Fixture, heard: Fixture, tmp_path: Path) -> None:
    ready = replace(STATE, status="available")
    busy = replace(STATE, status="resetting-master-credentials")
    refusals = [Busy("busy with something else"), Busy("busy with something else")]

    def change() -> DbState:
        if refusals:
            raise refusals.pop()
        return ready

    run = Journal(tmp_path).begin("drill", "db")
    target = site(busy, busy, ready)
    assert change_instance(target, run, "db", "password", change, deadline_s=600, progress=heard, clock=clock) == ready
    assert refusals == []
    assert "not answered: busy with something else" in heard.ticks[0]
    asked = run.calls("rds:ModifyDBInstance")
    assert [(one["target"], one["change"]) for one in asked] == [("db", "password")] * 3


def test_a_change_is_not_waited_for_where_it_can_never_be(clock: Fixture, heard: Fixture, tmp_path: Path) -> None:
    def change() -> DbState:
        raise Busy("busy with something else")

    def ask(*states: DbState) -> None:
        run = Journal(tmp_path).begin("drill", "db")
        change_instance(site(*states), run, "db", "password", change, deadline_s=600, progress=heard, clock=clock)

    with pytest.raises(TargetRefused, match="db is storage-full"):
        ask(replace(STATE, status="storage-full"))
    assert clock.sleeps == []
    with pytest.raises(Inconclusive, match="busy with something else"):
        ask(replace(STATE, status="modifying"))
    assert clock.elapsed_s <= 600
