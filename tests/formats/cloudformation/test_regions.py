"""Plans over several regions: one template each, and the same plan back, whatever the order of the files."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.core.errors import InputRefused
from mainstay.formats.cloudformation import read, read_regions, render
from mainstay.plan.intent import Intent
from mainstay.plan.plan import Output, OutputOf, Parameter, Plan, RegionPlan
from mainstay.plan.resources import Topic

NAMES = st.from_regex(r"[A-Z][A-Za-z0-9]{0,9}", fullmatch=True)
THERE = RegionPlan(region="eu-west-1", stack="shop", outputs=(Output(name="Key", value="k"),))
HERE = RegionPlan(
    region="eu-central-1", stack="shop", parameters=(Parameter(name="KeyArn", source=OutputOf("eu-west-1", "Key")),)
)
PLAN = Plan(regions=(HERE, THERE), intent=Intent(name="shop"))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    sources=st.dictionaries(NAMES.map(lambda name: f"P{name}"), st.none() | NAMES, max_size=4),
    outputs=st.lists(NAMES.map(lambda name: f"O{name}"), max_size=3, unique=True),
    intent=st.builds(Intent, name=NAMES),
    turned=st.booleans(),
)
def test_two_regions_are_read_back_as_they_were(
    sources: dict[str, str | None], outputs: list[str], intent: Intent, turned: bool
) -> None:
    parameters = [
        Parameter(name=name, source=OutputOf("eu-west-1", output) if output else None)
        for name, output in sources.items()
    ]
    here = RegionPlan(region="eu-central-1", stack="s", resources=(Topic(key="Topic"),), parameters=tuple(parameters))
    there = RegionPlan(region="eu-west-1", stack="s", outputs=tuple(Output(name=name, value="v") for name in outputs))
    plan = Plan(regions=(here, there), intent=intent)
    files = render(plan)
    # Without a source nothing tells which of them is the primary: then the order of the files does.
    ordered = dict(reversed(files.items())) if turned and here.awaits else files
    assert read_regions(ordered) == plan
    assert render(read_regions(ordered)) == files


def test_one_template_is_a_plan_of_one_region() -> None:
    files = render(Plan(regions=(THERE,), intent=PLAN.intent))
    ((file, text),) = files.items()
    assert read_regions(files) == read(text, file=file) == Plan(regions=(THERE,), intent=PLAN.intent)


def test_the_template_of_one_region_alone_says_where_its_parameters_come_from() -> None:
    text = render(PLAN)["shop.eu-central-1.template.json"]
    assert read(text, file="t").primary == HERE
    with pytest.raises(InputRefused, match="no region can be deployed first") as raised:
        read_regions({"t": text})
    assert "eu-central-1 (for eu-west-1)" in raised.value.detail


def test_templates_of_different_plans_are_refused() -> None:
    other = dataclasses.replace(PLAN, intent=Intent(name="else"))
    files = {**render(PLAN), "x.json": next(iter(render(other).values()))}
    with pytest.raises(InputRefused, match="not one plan") as raised:
        read_regions(files)
    assert raised.value.detail.startswith("x.json: ")
    with pytest.raises(InputRefused, match="not one plan"):
        read_regions({})


def test_a_source_of_no_parameter_is_damage() -> None:
    document = json.loads(render(PLAN)["shop.eu-central-1.template.json"])
    del document["Parameters"]
    with pytest.raises(InputRefused, match="metadata of Mainstay damaged"):
        read(json.dumps(document), file="t")
