"""Where commands work: refused names, absent sandboxes and stacks, and what each refusal says to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay import api
from mainstay.api._site import Where, open_site, stack_name
from mainstay.core.errors import InputRefused, NotFound
from mainstay.plan.passes import build
from mainstay.plan.plan import Plan
from mainstay.spec import load

BLUEPRINT = Path(__file__).parents[2] / "blueprints" / "postgres-ecommerce.yaml"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return build(load(BLUEPRINT))


def sandboxed(path: Path) -> Where:
    return Where(is_sandbox=True, workspace=path)


@pytest.mark.parametrize("name", ["", "bad stack!", "1st", "a" * 129, "-a", "shop_dev"])
def test_a_name_that_cloudformation_does_not_take_is_refused(name: str, plan: Plan) -> None:
    with pytest.raises(InputRefused, match="no name for a stack") as refused:
        stack_name(plan, name)
    assert name in refused.value.detail


def test_any_other_name_is_taken_and_the_plans_own_stands_in(plan: Plan) -> None:
    assert stack_name(plan, "a" * 128) == "a" * 128
    assert stack_name(plan, None) == plan.primary.stack
    assert stack_name(plan, None, "nowhere-1") == plan.primary.stack


def test_two_targets_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="two targets"):
        open_site(Where(is_sandbox=True, profile="x", workspace=tmp_path), None)


@pytest.mark.parametrize("command", [api.status, api.verify, api.drill, api.restore])
def test_looking_at_a_sandbox_that_is_not_there_begins_none(command: object, tmp_path: Path) -> None:
    assert callable(command)
    with pytest.raises(NotFound, match="no sandbox") as absent:
        command(BLUEPRINT, where=sandboxed(tmp_path))
    assert "mainstay deploy --sandbox" in absent.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [api.status, api.verify, api.drill, api.restore])
def test_a_stack_that_is_not_there_is_to_be_deployed(command: object, tmp_path: Path) -> None:
    assert callable(command)
    where = sandboxed(tmp_path)
    open_site(where, None, begin=True)
    with pytest.raises(NotFound, match="not deployed") as absent:
        command(BLUEPRINT, where=where)
    assert "no stack shop-dev in eu-central-1 (sandbox)" in absent.value.detail
    assert "mainstay deploy --sandbox" in absent.value.hint


def test_a_stack_that_is_not_there_cannot_be_destroyed(tmp_path: Path) -> None:
    where = sandboxed(tmp_path)
    open_site(where, None, begin=True)
    with pytest.raises(NotFound, match="nothing to destroy") as absent:
        api.destroy(BLUEPRINT, where=where, confirm="shop-dev")
    assert "shop-dev in eu-central-1" in absent.value.detail


def test_a_snapshot_and_a_time_are_two_points(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="two points"):
        api.restore(BLUEPRINT, where=sandboxed(tmp_path), snapshot="s", to="2026-11-20T14:05:00Z")


@pytest.mark.parametrize("name", ["", "a/b", "bad name", "1st", "a--b", "a-", "a" * 64])
def test_a_name_that_rds_does_not_take_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="no name for an instance"):
        api.restore(BLUEPRINT, where=sandboxed(tmp_path), target=name)


@pytest.mark.parametrize("name", ["a", "a-b-1", "a" * 63])
def test_any_other_name_of_an_instance_is_taken(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no sandbox"):
        api.restore(BLUEPRINT, where=sandboxed(tmp_path), target=name)


def test_a_time_is_read_before_anything_is_asked(tmp_path: Path) -> None:
    for command in (api.restore, api.drill):
        with pytest.raises(InputRefused, match="time not understood"):
            command(BLUEPRINT, where=sandboxed(tmp_path), to="yesterday")


def test_a_sandbox_that_is_not_there_has_no_status(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="not a sandbox") as absent:
        api.sandbox_status(where=sandboxed(tmp_path))
    assert "mainstay sandbox up" in absent.value.hint


def test_taking_a_sandbox_down_takes_an_empty_workspace_with_it(tmp_path: Path) -> None:
    workspace = tmp_path / ".mainstay"
    where = sandboxed(workspace)
    api.sandbox_up(where=where)
    api.sandbox_down(where=where)
    assert not workspace.exists()
    api.sandbox_up(where=where)
    (workspace / "evidence").mkdir()
    api.sandbox_down(where=where)
    assert [path.name for path in workspace.iterdir()] == ["evidence"]
