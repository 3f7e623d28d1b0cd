"""Restores of a real database in the sandbox, stopped and killed on the way."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from mainstay.core.clock import SystemClock
from mainstay.core.errors import Busy, InputRefused, NotFound, TargetRefused
from mainstay.ops import tags
from mainstay.ops.aws.door import found
from mainstay.ops.aws.rds_states import DbState
from mainstay.ops.instances import change_instance
from mainstay.ops.lease import hold
from mainstay.ops.login import Address, connect
from mainstay.ops.restoration import Restored, Wish, secret_name
from mainstay.ops.restore import STEPS, placement_of, restore
from mainstay.plan.plan import Plan

Fixture = Any  # fixtures of conftest
STACK = "shop-dev"
SOURCE = "shop-dev"


@pytest.fixture(scope="module")
def shop(place: Fixture, shop_plan: Plan) -> Fixture:
    place.deploy(shop_plan, STACK)
    deadline = time.monotonic() + 60
    while place.site.doors.rds.instance(SOURCE).latest_restorable_time is None and time.monotonic() < deadline:
        time.sleep(0.05)
    return place


@contextmanager
def gone_after(place: Fixture, target: str) -> Iterator[None]:
    try:
        yield
    finally:
        rds = place.site.doors.rds
        if rds.find_instance(target):
            rds.delete_without_snapshot(target)
        found(partial(place.site.doors.secrets.delete, secret_name(target)))
        while rds.find_instance(target):
            time.sleep(0.02)


def login_to(place: Fixture, restored: Restored) -> None:
    login = place.site.doors.secrets.read_login(restored.login_secret_arn)
    with connect(login, Address(restored.address, restored.port), place.site.ca_bundle) as connection:
        row = connection.execute("SELECT current_user, pg_is_in_recovery()").fetchone()
    assert row == ("shop_owner", False)


def test_the_latest_comes_back_beside_the_source_with_a_password_of_its_own(shop: Fixture, heard: Fixture) -> None:
    before = shop.site.doors.rds.instance(SOURCE)
    result = restore(shop.site, Wish(source=SOURCE), journal=shop.journal, progress=heard)
    with gone_after(shop, result.identifier):
        login_to(shop, result)
        state = shop.site.doors.rds.instance(result.identifier)
        assert state.resource_id == result.resource_id != before.resource_id
        assert state.subnet_group == before.subnet_group
        assert state.security_group_ids == before.security_group_ids
        assert state.parameter_group == before.parameter_group
        assert (state.is_public, state.is_multi_az, state.has_deletion_protection) == (False, False, False)
        assert state.retention == 0
        assert state.tags[tags.SOURCE] == before.resource_id
        assert (state.tags[tags.RUN_ID], state.tags[tags.PURPOSE]) == (result.run_id, "restore")
        assert set(result.phases_s) == {"request", "available", "password"}
        assert shop.journal.run(result.run_id).is_finished
        after = shop.site.doors.rds.instance(SOURCE)
        assert replace(after, latest_restorable_time=None) == replace(before, latest_restorable_time=None)
        written = (shop.journal.directory / f"{result.run_id}.jsonl").read_text() + "".join(heard.notes)
        assert shop.site.doors.secrets.read_login(result.login_secret_arn).password not in written
        assert json.loads(json.dumps(result.as_json()))["identifier"] == result.identifier


def test_a_password_is_given_while_another_is_on_its_way(shop: Fixture, heard: Fixture) -> None:
    """As a run finds it that goes on where another one was killed."""
    rds, run = shop.site.doors.rds, shop.journal.begin("drill", SOURCE)
    restored = restore(shop.site, Wish(source=SOURCE), journal=shop.journal, progress=heard)
    name, login = restored.identifier, shop.site.doors.secrets.read_login(restored.login_secret_arn)
    with gone_after(shop, name):
        rds.set_password(name, "first-password-of-two")
        given = replace(login, password="second-password-of-two")
        state = change_instance(
            shop.site, run, name, "master password", lambda: rds.set_password(name, given.password),
            deadline_s=60, progress=heard, clock=SystemClock(),
        )  # fmt: skip
        assert state.is_available
        with connect(given, Address(restored.address, restored.port), shop.site.ca_bundle) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_wish_that_was_fulfilled_is_fulfilled_again_by_the_same_instance(shop: Fixture) -> None:
    latest = shop.site.doors.rds.restorable_window(SOURCE).latest
    wish = Wish(source=SOURCE, time=latest - timedelta(microseconds=1), target="shop-again")
    with gone_after(shop, "shop-again"):
        first = restore(shop.site, wish, journal=shop.journal)
        again = restore(shop.site, wish, journal=shop.journal)
        assert again.resource_id == first.resource_id
        assert again.requested_time == first.requested_time == wish.time
        login_to(shop, again)
        with pytest.raises(TargetRefused, match="name is taken") as stop:
            restore(shop.site, Wish(source=SOURCE, target="shop-again"), journal=shop.journal)
        assert "another point" in stop.value.detail


@pytest.mark.parametrize("step", range(1, len(STEPS) + 1))
def test_killed_at_any_step_it_is_taken_up_again(shop: Fixture, step: int) -> None:
    target = f"shop-killed-{step}"
    code = (
        "from mainstay.ops.restore import restore\n"
        "from mainstay.ops.restoration import Wish\n"
        f"wish = Wish(source={SOURCE!r}, target={target!r})\n"
        "restore(site, wish, journal=journal, progress=Killer())\n"
    )
    with gone_after(shop, target):
        assert shop.killed_at(step, code) == -9
        run = shop.journal.unfinished("restore", target)[0]
        begun = shop.site.doors.rds.find_instance(target)
        result = restore(shop.site, Wish(source=SOURCE, target=target), journal=shop.journal)
        assert result.run_id == run.id
        assert begun is None or begun.resource_id == result.resource_id
        assert shop.journal.unfinished("restore", target) == []
        login_to(shop, result)


def test_killed_without_a_name_the_same_wish_finds_its_instance(shop: Fixture) -> None:
    code = (
        "from mainstay.ops.restore import restore\n"
        "from mainstay.ops.restoration import Wish\n"
        f"restore(site, Wish(source={SOURCE!r}, purpose='drill'), journal=journal, progress=Killer())\n"
    )
    assert shop.killed_at(4, code) == -9
    result = restore(shop.site, Wish(source=SOURCE, purpose="drill"), journal=shop.journal)
    with gone_after(shop, result.identifier):
        assert result.identifier.startswith("shop-dev-drill-2")
        mine = shop.site.doors.rds.instances_tagged(tags.PURPOSE, "drill")
        assert [state.identifier for state in mine] == [result.identifier]


@pytest.mark.parametrize("shift", [timedelta(days=-400), timedelta(days=1)])
def test_a_time_outside_the_window_is_refused_with_the_window(shop: Fixture, shift: timedelta) -> None:
    wish = Wish(source=SOURCE, time=datetime.now(UTC) + shift, target="shop-never")
    with pytest.raises(InputRefused, match="outside the restorable window") as stop:
        restore(shop.site, wish, journal=shop.journal)
    assert "can be restored from 2" in stop.value.detail
    assert shop.site.doors.rds.find_instance("shop-never") is None


def test_the_latest_restorable_time_itself_is_refused_as_rds_does(shop: Fixture) -> None:
    window = shop.site.doors.rds.restorable_window(SOURCE)
    assert window.latest is not None
    assert not window.holds(window.latest)
    assert window.holds(window.latest - timedelta(microseconds=1))
    assert window.earliest is not None
    assert not window.holds(window.earliest - timedelta(seconds=1))


def test_somebody_elses_instance_is_never_adopted(shop: Fixture) -> None:
    with pytest.raises(TargetRefused, match="name is taken") as stop:
        restore(shop.site, Wish(source=SOURCE, target="shop-dev-replica-1"), journal=shop.journal)
    assert "was not made by a restore of ours" in stop.value.detail


def test_a_snapshot_comes_back_also_beside_a_source_that_is_gone(shop: Fixture) -> None:
    rds = shop.site.doors.rds
    rds.take_snapshot(SOURCE, "kept", {"Why": "test"})
    while rds.snapshot("kept").status != "available":
        time.sleep(0.02)
    source = rds.instance(SOURCE)
    with pytest.raises(InputRefused, match="nowhere to put it"):
        restore(shop.site, Wish(source="forgotten", snapshot="kept", target="shop-snap"), journal=shop.journal)
    placement = placement_of(source)
    wish = Wish(source="forgotten", snapshot="kept", target="shop-snap", placement=placement)
    with gone_after(shop, "shop-snap"):
        result = restore(shop.site, wish, journal=shop.journal)
        assert result.source_resource_id == source.resource_id
        assert result.point == "snapshot kept"
        login_to(shop, result)
    rds.delete_snapshot("kept")


def test_nothing_to_restore_from_says_so(shop: Fixture) -> None:
    with pytest.raises(NotFound, match="no such instance"):
        restore(shop.site, Wish(source="forgotten", target="shop-x"), journal=shop.journal)
    with pytest.raises(Busy, match="nothing to restore yet"):
        restore(shop.site, Wish(source="shop-dev-replica-1", target="shop-x"), journal=shop.journal)


def test_two_do_not_restore_the_same_target_at_once(shop: Fixture) -> None:
    with (
        hold(shop.journal.directory, "restore-shop-x", operation="restore"),
        pytest.raises(Busy, match="somebody else"),
    ):
        restore(shop.site, Wish(source=SOURCE, target="shop-x"), journal=shop.journal)


def test_a_wish_has_to_make_sense() -> None:
    with pytest.raises(InputRefused, match="the source itself"):
        Wish(source=SOURCE, target="SHOP-dev")
    with pytest.raises(InputRefused, match="a time and a snapshot"):
        Wish(source=SOURCE, time=datetime.now(UTC), snapshot="kept")
    with pytest.raises(InputRefused, match="time without an offset"):
        Wish(source=SOURCE, time=datetime(2026, 11, 20))


def test_the_placement_leaves_nothing_to_defaults() -> None:
    state = DbState(
        identifier="a", resource_id="r", arn="", status="available", engine="postgres", engine_version="17",
        instance_class="db.t4g.medium", subnet_group="g", security_group_ids=("sg-1",), parameter_group="p", port=5433,
    )  # fmt: skip
    placement = placement_of(state, is_multi_az=True)
    assert (placement.subnet_group, placement.security_group_ids, placement.parameter_group) == ("g", ("sg-1",), "p")
    assert (placement.port, placement.is_multi_az) == (5433, True)
