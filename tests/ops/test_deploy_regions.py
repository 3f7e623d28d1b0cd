"""Two regions in one sandbox: the second is deployed first, the first takes its outputs, and nothing is done twice."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import Any

import pytest

from mainstay import sandbox
from mainstay.core.errors import AnswerIsNo, InputRefused, TargetRefused
from mainstay.formats import cloudformation
from mainstay.ops.aws.doors import Doors
from mainstay.ops.deploy import STEPS, deploy_regions
from mainstay.ops.deployment import Deployed, Part, Review
from mainstay.ops.journal import Journal
from mainstay.ops.site import Site
from mainstay.ops.status import absent, status
from mainstay.plan.plan import Output, OutputOf, Parameter, Plan, RegionPlan
from mainstay.plan.resources import Topic
from mainstay.plan.values import Attr, Param

Fixture = Any  # fixtures of conftest
HERE, THERE = "eu-central-1", "eu-west-1"


def planned(display: str = "one", output: str = "TopicArn") -> Plan:
    """A topic here that is called after the ARN of a topic over there."""
    here = RegionPlan(
        region=HERE,
        resources=(Topic(key="Topic", display_name=Param("Other")),),
        parameters=(
            Parameter(name="Other", source=OutputOf(THERE, output)),
            Parameter(name="Own", default="a"),
        ),
    )
    there = RegionPlan(
        region=THERE,
        resources=(Topic(key="Topic", display_name=display),),
        outputs=(Output(name="TopicArn", value=Attr("Topic", "arn")),),
    )
    return Plan(regions=(here, there))


def site_in(place: Fixture, region: str) -> Site:
    site: Site = place.site
    doors = site.doors if region == site.region else doors_to(place.directory, region)
    return dataclasses.replace(site, doors=doors, region=region)


@functools.cache  # clients take a second to make
def doors_to(directory: Path, region: str) -> Doors:
    return Doors(sandbox.session(directory, region))


def put(place: Fixture, plan: Plan, stack: str, **options: Any) -> tuple[Deployed, ...]:
    texts = dict(zip((one.region for one in plan.regions), cloudformation.render(plan).values(), strict=True))
    parts = [
        Part(site=site_in(place, one.region), region=one, template=texts[one.region]) for one in plan.in_deploy_order
    ]
    usual: dict[str, Any] = {"approve": lambda _: True, "journal": place.journal}
    return deploy_regions(parts, plan.intent, stack=stack, **usual | options)


def shown_here(place: Fixture, stack: str) -> str:
    """What the topic of this region is called now."""
    known = {one.logical_id: one.physical_id for one in place.site.doors.cloudformation.resources(stack)}
    client = sandbox.session(place.directory, HERE).client("sns")
    return str(client.get_topic_attributes(TopicArn=known["Topic"])["Attributes"]["DisplayName"])


def test_the_second_region_comes_first_and_each_is_reviewed(place: Fixture, heard: Fixture) -> None:
    reviews: list[Review] = []

    def approve(review: Review) -> bool:
        reviews.append(review)
        return True

    there, here = put(place, planned(), "both", approve=approve, progress=heard)
    assert [(one.region, one.number, one.of) for one in reviews] == [(THERE, 1, 2), (HERE, 2, 2)]
    assert (there.region, here.region, there.run_id == here.run_id) == (THERE, HERE, True)
    assert shown_here(place, "both") == there.outputs["TopicArn"]
    total = 2 * len(STEPS)
    assert heard.steps[0] == f"1/{total} {THERE}: see who calls, and where"
    assert heard.steps[-1] == f"{total}/{total} {HERE}: read the outputs"
    assert there.seconds > 0
    assert here.seconds > 0


def test_the_same_again_changes_neither(place: Fixture) -> None:
    put(place, planned(), "twice")
    again = put(place, planned(), "twice", approve=lambda _: False)
    assert [one.has_changed for one in again] == [False, False]


def test_a_region_that_is_not_approved_leaves_the_other_and_is_taken_up_again(place: Fixture) -> None:
    with pytest.raises(AnswerIsNo) as refused:
        put(place, planned(), "half", approve=lambda review: review.region == THERE)
    assert refused.value.hint == f"what was deployed in {THERE} stays; deploy again to go on"
    assert place.site.doors.cloudformation.find_stack("half") is None
    there, here = put(place, planned(), "half")
    assert (there.has_changed, here.has_changed) == (False, True)


def test_an_output_that_is_not_there_is_named(place: Fixture) -> None:
    with pytest.raises(TargetRefused, match="the other region does not tell") as refused:
        put(place, planned(output="Nowhere"), "mute")
    assert "Other is output Nowhere of stack mute in eu-west-1, which has: TopicArn." in refused.value.detail
    _, here = put(place, planned(output="TopicArn"), "mute", parameters={"Other": "given"})
    assert here.has_changed
    assert shown_here(place, "mute") == "given"


def test_a_parameter_of_neither_region_is_refused_before_anything(place: Fixture) -> None:
    with pytest.raises(InputRefused, match="parameter not known") as refused:
        put(place, planned(), "nothing", parameters={"Owm": "b"})
    assert "it has: Other, Own." in refused.value.detail
    assert site_in(place, THERE).doors.cloudformation.find_stack("nothing") is None


def test_killed_between_the_regions_it_goes_on(place: Fixture) -> None:
    stack = "between"
    code = (
        "from mainstay.formats import cloudformation\n"
        "from mainstay.ops.deploy import deploy_regions\n"
        "from mainstay.ops.deployment import Part\n"
        f"texts = {cloudformation.render(planned())!r}\n"
        "plan = cloudformation.read_regions(texts)\n"
        "def at(region):\n"
        "    return Site(doors=Doors(sandbox.session(directory, region)), label='sandbox', region=region)\n"
        "texts = dict(zip([one.region for one in plan.regions], texts.values()))\n"
        "parts = [Part(site=at(one.region), region=one, template=texts[one.region]) for one in plan.in_deploy_order]\n"
        f"deploy_regions(parts, plan.intent, stack={stack!r}, approve=lambda _: True, journal=journal,"
        " progress=Killer())\n"
    )
    assert place.killed_at(len(STEPS) + 1, code) == -9
    run = place.journal.unfinished("deploy", stack)[0]
    there, here = put(place, planned(), stack)
    assert (there.has_changed, here.has_changed, here.run_id) == (False, True, run.id)
    assert place.journal.unfinished("deploy", stack) == []


def test_a_stack_that_is_planned_and_not_there_is_not_well(place: Fixture) -> None:
    missing = absent(place.site, "gone")
    assert (missing.status, missing.is_well, missing.exit_code) == ("NOT_DEPLOYED", False, 1)
    assert "replicated" not in missing.as_json()


def test_backups_that_are_planned_and_not_there_are_missed(place: Fixture, tmp_path: Path) -> None:
    put(place, planned(), "watched")
    seen = status(site_in(place, THERE), "watched", replicated=("nobody",), journal=Journal(tmp_path))
    assert [(one.source, one.status, one.age) for one in seen.replicated] == [("nobody", "missing", None)]
    assert not seen.is_well
    assert seen.as_json()["replicated"] == [
        {"source": "nobody", "status": "missing", "restorable_to": None, "age": None}
    ]
    assert status(site_in(place, THERE), "watched").is_well
