"""The nested form: nothing lost, nothing in a circle, and put together again the same template."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.linting import matches

from mainstay import api
from mainstay.core.errors import InputRefused
from mainstay.formats import cloudformation
from mainstay.formats.cloudformation.nesting import BASE, ROOMS, nest, rooms_of
from mainstay.plan.graph import in_dependency_order, needs
from mainstay.plan.passes import build
from mainstay.plan.plan import Output, Plan, RegionPlan
from mainstay.plan.values import REGION, STACK_NAME, Param, join
from mainstay.spec import load

ROOT = Path(__file__).parents[3]
BLUEPRINTS = sorted(path.stem for path in (ROOT / "blueprints").glob("*.yaml"))
Json = Any


@pytest.fixture(scope="module")
def planned() -> Callable[[str], Plan]:
    made: dict[str, Plan] = {}

    def plan(blueprint: str) -> Plan:
        if blueprint not in made:
            made[blueprint] = build(load(ROOT / "blueprints" / f"{blueprint}.yaml", environment="prod"))
        return made[blueprint]

    return plan


def put_together(parent: Json, children: dict[str, Json]) -> dict[str, Json]:
    """The resources and outputs of the stand-alone form, from the nested one."""

    def told(room: str, output: str) -> Json:
        return children[room]["Outputs"][output]["Value"]

    def whole(node: Json, given: dict[str, Json]) -> Json:
        match node:
            case {"Ref": name} if name in given:
                return whole(given[name], {})
            case {"Fn::GetAtt": [room, output]} if output.startswith("Outputs."):
                return told(room, output.removeprefix("Outputs."))
            case {"Fn::Sub": str(text)}:
                return {"Fn::Sub": re.sub(r"\$\{([A-Za-z0-9.]+)\}", lambda found: named(found[1], given), text)}
            case dict():
                return {name: whole(value, given) for name, value in node.items()}
            case list():
                return [whole(value, given) for value in node]
        return node

    def named(name: str, given: dict[str, Json]) -> str:
        room, _, rest = name.partition(".")
        value = whole(given[name], {}) if name in given else None
        if rest.startswith("Outputs."):
            value = told(room, rest.removeprefix("Outputs."))
        match value:
            case {"Ref": target}:
                return f"${{{target}}}"
            case {"Fn::GetAtt": [target, attribute]}:
                return f"${{{target}.{attribute}}}"
        return f"${{{name}}}"

    resources: dict[str, Json] = {}
    for room, child in children.items():
        given = parent["Resources"][room]["Properties"].get("Parameters", {})
        for key, block in child["Resources"].items():
            resources[key] = {name: value for name, value in whole(block, given).items() if name != "DependsOn"}
    return {"Resources": resources, "Outputs": whole(parent.get("Outputs", {}), {})}


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_put_together_again_it_is_the_template(planned: Callable[[str], Plan], blueprint: str) -> None:
    plan = planned(blueprint)
    for region in plan.regions:
        whole: Json = cloudformation.write(region, plan.intent)
        for block in whole["Resources"].values():
            block.pop("DependsOn", None)
        again = put_together(*nest(region, plan.intent))
        assert again["Outputs"] == whole.get("Outputs", {})
        assert again["Resources"] == whole["Resources"]


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_rooms_need_each_other_in_one_direction(planned: Callable[[str], Plan], blueprint: str) -> None:
    plan = planned(blueprint)
    for region in plan.regions:
        places = rooms_of(region)
        order = {room: place for place, room in enumerate(ROOMS)}
        for resource in region.resources:
            assert all(order[places[one]] <= order[places[resource.key]] for one in needs(resource))


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_each_template_is_read_back_and_whole_in_itself(planned: Callable[[str], Plan], blueprint: str) -> None:
    files = cloudformation.render_nested(planned(blueprint))
    for name, text in files.items():
        region = cloudformation.read(text, file=name).regions[0]
        in_dependency_order(region)
        assert {key for one in region.resources for key in needs(one)} <= {one.key for one in region.resources}
        (again,) = cloudformation.render(cloudformation.read(text, file=name)).values()
        assert again == text
        assert len(text.encode()) < 1_000_000
    assert files == cloudformation.render_nested(planned(blueprint))


def test_a_child_s_name_tells_its_text(planned: Callable[[str], Plan]) -> None:
    plan = planned("mysql-proxy")
    before = list(cloudformation.render_nested(plan))
    more = replace(plan.primary, description="another")
    after = list(cloudformation.render_nested(replace(plan, regions=(more,))))
    assert [len(before), before[0]] == [6, after[0]]
    assert not set(before[1:]) & set(after[1:])
    parent = json.loads(cloudformation.render_nested(plan)[before[0]])
    urls = [block["Properties"]["TemplateURL"] for block in parent["Resources"].values()]
    assert urls == [{"Fn::Sub": f"${{{BASE}}}/{name}"} for name in before[1:]]
    assert list(parent["Resources"]) == list(ROOMS)


def test_every_template_of_it_pleases_cfn_lint(planned: Callable[[str], Plan]) -> None:
    for name, text in cloudformation.render_nested(planned("mysql-proxy")).items():
        assert [f"{name}: {match}" for match in matches(text, "us-east-1")] == []


def test_parameters_and_exports_stay_with_the_parent(planned: Callable[[str], Plan]) -> None:
    plan = planned("postgres-ecommerce")
    parent, children = nest(plan.primary, plan.intent)
    assert set(parent["Parameters"]) == {one.name for one in plan.primary.parameters} | {BASE}
    assert set(parent["Outputs"]) == {one.name for one in plan.primary.outputs}
    assert "Metadata" in parent
    for child in children.values():
        assert not [one for one in child.get("Outputs", {}).values() if "Export" in one]
        assert not [one for one in child.get("Parameters", {}).values() if "Default" in one]
    (image,) = [
        one["Parameters"]["BastionImage"] for one in children.values() if "BastionImage" in one.get("Parameters", {})
    ]
    assert image["Type"] == "AWS::EC2::Image::Id"


def test_an_output_may_tell_what_no_resource_knows(planned: Callable[[str], Plan]) -> None:
    plan = planned("postgres-ecommerce")
    own = (Output(name="Where", value=REGION), Output(name="Image", value=Param("BastionImage")))
    more = replace(plan.primary, outputs=(*plan.primary.outputs, *own))
    files = cloudformation.render_nested(replace(plan, regions=(more,)))
    parent = json.loads(next(iter(files.values())))
    assert parent["Outputs"]["Where"]["Value"] == {"Ref": "AWS::Region"}
    assert parent["Outputs"]["Image"]["Value"] == {"Ref": "BastionImage"}


def test_what_holds_for_the_whole_cannot_be_nested(planned: Callable[[str], Plan]) -> None:
    plan = planned("mysql-proxy")
    odd = replace(plan.primary, extras={"Conditions": {"IsProd": {"Fn::Equals": ["a", "b"]}}})
    with pytest.raises(InputRefused, match="cannot be nested") as refused:
        nest(odd, plan.intent)
    assert "Conditions" in refused.value.detail
    assert "stand-alone" in refused.value.hint


@pytest.mark.parametrize("value", [STACK_NAME, join("of ", STACK_NAME)])
def test_a_stack_s_own_name_would_be_another_one(planned: Callable[[str], Plan], value: Any) -> None:
    plan = planned("mysql-proxy")
    odd = replace(plan.primary, outputs=(Output(name="Stack", value=value),))
    with pytest.raises(InputRefused, match="cannot be nested") as refused:
        nest(odd, plan.intent)
    assert "AWS::StackName" in refused.value.detail


def test_a_plan_of_nothing_has_no_children() -> None:
    parent, children = nest(RegionPlan(region=""), build_intent())
    assert (parent["Resources"], children) == ({}, {})
    assert "Outputs" not in parent


def build_intent() -> Any:
    return build(load(ROOT / "blueprints" / "mysql-proxy.yaml")).intent


def test_synth_writes_it_on_wish(tmp_path: Path) -> None:
    source = ROOT / "blueprints" / "mysql-proxy.yaml"
    result = api.synth(source, environment="prod", nested=True, out=tmp_path)
    assert len(result.files) == 6
    assert sorted(result.files) == sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(InputRefused, match="no nested form"):
        api.synth(source, to="terraform", nested=True)
