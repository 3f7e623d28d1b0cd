"""Two regions taken down: seen and asked for together, then the one that takes from the other goes first."""

from __future__ import annotations

from typing import Any

import pytest
from tests.ops.test_deploy_regions import HERE, THERE, planned, put, site_in

from mainstay.core.errors import InputRefused, NotFound
from mainstay.ops.destroy import STEPS, destroy, destroy_regions
from mainstay.ops.destruction import Destruction
from mainstay.ops.inventory import Inventory

Fixture = Any  # fixtures of conftest


def down(place: Fixture, stack: str, confirm: str | None = None, **options: Any) -> tuple[Inventory, ...]:
    sites = [site_in(place, HERE), site_in(place, THERE)]
    return destroy_regions(sites, stack, confirm=confirm or stack, journal=place.journal, **options)


def is_there(place: Fixture, region: str, stack: str) -> bool:
    return site_in(place, region).doors.cloudformation.find_stack(stack) is not None


def test_the_name_is_asked_for_once_with_both_regions_in_view(place: Fixture, heard: Fixture) -> None:
    put(place, planned(), "pair")
    shown: list[Destruction] = []
    with pytest.raises(InputRefused, match="not confirmed") as refused:
        down(place, "pair", "other", show=shown.append)
    assert [one.site.region for one in shown] == [HERE, THERE]
    lines = refused.value.detail.splitlines()
    assert lines[1:] == [
        f"in {HERE}:",
        "delete Topic (AWS::SNS::Topic)",
        f"in {THERE}:",
        "delete Topic (AWS::SNS::Topic)",
    ]
    assert is_there(place, HERE, "pair")
    here, there = down(place, "pair", progress=heard)
    assert (here.region, there.region) == (HERE, THERE)
    assert [name.split(" ")[0] for name in (*here.deleted, *there.deleted)] == ["Topic", "Topic"]
    assert not is_there(place, HERE, "pair")
    assert not is_there(place, THERE, "pair")
    names = [step.split(" ", 1)[1] for step in heard.steps]
    assert names.count("ask for its name") == 1
    assert names.index(f"{HERE}: delete the stack") < names.index(f"{THERE}: delete the stack")
    assert names.index(f"{THERE}: delete what was restored from it") < names.index(f"{HERE}: delete the stack")
    assert place.journal.unfinished("destroy", "pair") == []


@pytest.mark.parametrize("step", [2 * len(STEPS) - 4, 2 * len(STEPS) - 1])
def test_killed_between_the_regions_it_goes_on(place: Fixture, step: int) -> None:
    """Before the second region's stack is touched, and when both are gone: what the first held is told all the same."""
    stack = f"fell-{step}"
    put(place, planned(), stack)
    code = (
        "from mainstay.ops.destroy import destroy_regions\n"
        "sites = [Site(doors=Doors(sandbox.session(directory, region)), label='sandbox', region=region)\n"
        f"         for region in ({HERE!r}, {THERE!r})]\n"
        f"destroy_regions(sites, {stack!r}, confirm={stack!r}, journal=journal, progress=Killer())\n"
    )
    assert place.killed_at(step, code) == -9
    run = place.journal.unfinished("destroy", stack)[0]
    assert not is_there(place, HERE, stack)
    assert is_there(place, THERE, stack) == (step == 2 * len(STEPS) - 4)
    here, there = down(place, stack)
    assert [len(one.deleted) for one in (here, there)] == [1, 1]
    assert place.journal.run(run.id).is_finished
    with pytest.raises(NotFound):
        down(place, stack)


def test_a_region_that_was_never_deployed_is_left_out(place: Fixture) -> None:
    put(place, planned(), "alone")
    destroy(site_in(place, HERE), "alone", confirm="alone", journal=place.journal)
    (there,) = down(place, "alone")
    assert there.region == THERE
    with pytest.raises(NotFound) as missing:
        down(place, "alone")
    assert f"There is no stack alone in {HERE} (sandbox) or {THERE} (sandbox)." in missing.value.detail


def test_a_stack_that_was_made_again_is_looked_at_again(place: Fixture) -> None:
    put(place, planned(), "again")
    code = (
        "from mainstay.ops.destroy import destroy\n"
        "destroy(site, 'again', confirm='again', journal=journal, progress=Killer())\n"
    )
    assert place.killed_at(len(STEPS), code) == -9
    put(place, planned(), "again")
    old = place.journal.unfinished("destroy", "again")[0]
    here, there = down(place, "again")
    assert (here.region, there.region) == (HERE, THERE)
    assert not place.journal.run(old.id).is_finished
