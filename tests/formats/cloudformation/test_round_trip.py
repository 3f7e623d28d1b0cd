"""The central property: a plan read back from its template is the same plan, for every kind and every shape."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.formats.plans import Shapes, opaque
from tests.measuring import unmeasured

from mainstay.formats.cloudformation import read, render
from mainstay.plan.plan import Plan, RegionPlan
from mainstay.plan.resources import KINDS, Resource
from mainstay.plan.values import Unknown

FOREIGN = "a function that is known only to CloudFormation"
UNKNOWNS = [
    Unknown(FOREIGN, {"Fn::Transform": {"Name": "AWS::Include"}}),
    Unknown("nothing here is called Nobody", {"Ref": "Nobody"}),
    Unknown("resolved by CloudFormation when it deploys", "{{resolve:ssm:/a/b}}"),
]
LISTS = [
    Unknown(FOREIGN, {"Fn::GetAZs": ""}, is_list=True),
    Unknown("Fn::Split of a text that is not known here", {"Fn::Split": [",", {"Ref": "Word"}]}, is_list=True),
]
SHAPES = Shapes(unknowns=st.sampled_from(UNKNOWNS), lists_unknown=st.sampled_from(LISTS))
QUICK = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(QUICK)
@given(data=st.data())
def test_a_plan_is_read_back_as_it_was(kind: type[Resource], data: st.DataObject) -> None:
    plan: Plan = unmeasured(data.draw, SHAPES.plan(kind))
    ((_, text),) = render(plan).items()
    again = read(text, file="t.json")
    assert _differences(again, plan) == []
    assert again == plan
    assert [one.key for one in again.primary.resources] == [one.key for one in plan.primary.resources]
    ((_, second),) = render(again).items()
    assert second == text


def _differences(left: Plan, right: Plan) -> list[tuple[str, object, object]]:
    """Where two plans differ, in fewer words than the plans themselves."""
    pairs = [
        (f"{one.key}.{spec.name}", getattr(one, spec.name), getattr(two, spec.name, None))
        for one, two in zip(left.primary.resources, right.primary.resources, strict=True)
        for spec in dataclasses.fields(one)
        if spec.compare
    ]
    return [pair for pair in pairs if pair[1] != pair[2]]


@settings(QUICK)
@given(resource=opaque)
def test_a_resource_of_a_foreign_type_is_kept_as_it_was(resource: Resource) -> None:
    plan = Plan(regions=(RegionPlan(region="", resources=(resource,)),))
    ((_, text),) = render(plan).items()
    assert read(text, file="t.json") == plan
    assert "Metadata" not in json.loads(text)
