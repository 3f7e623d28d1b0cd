"""`read(cloudformation(plan)) == read(terraform(plan)) == plan`, but for what `differences` lists."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.formats.plans import CAST, PARAMETERS, Shapes
from tests.measuring import unmeasured

from mainstay.core.errors import InputRefused
from mainstay.formats import cloudformation, terraform
from mainstay.formats.differences import as_terraform_returns, permitted
from mainstay.plan.passes import build
from mainstay.plan.plan import Plan
from mainstay.plan.resources import KINDS, Function, Resource
from mainstay.plan.values import Unknown
from mainstay.spec import load

ROOT = Path(__file__).parents[2]
BLUEPRINTS = sorted(path.stem for path in (ROOT / "blueprints").glob("*.yaml"))
CASES = [(name, environment) for name in BLUEPRINTS for environment in ("dev", "prod")]
FOREIGN = Unknown("a function that is known only to CloudFormation", {"Fn::Transform": {"Name": "AWS::Include"}})
SHAPES = Shapes(
    unknowns=st.just(FOREIGN),
    lists_unknown=st.just(dataclasses.replace(FOREIGN, is_list=True)),
    pseudos=("account", "region", "partition", "url_suffix", "stack_name", "stack_id"),
    cast=tuple(one for one in CAST if type(one).__name__ != "NestedStack"),
    known={"TheDbInstance": ("id", "arn"), "TheSecurityGroup": ("id",), "TheElasticIp": ("id", "public_ip")},
    parameters=tuple(dataclasses.replace(one, extras={}) for one in PARAMETERS),
    extras=st.just({}),
)
PLAIN = dataclasses.replace(
    SHAPES, unknowns=st.nothing(), lists_unknown=st.nothing(), has_conditions=False, secrets=False
)
QUICK = settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)


@cache
def built(blueprint: str, environment: str) -> Plan:
    return build(load(ROOT / "blueprints" / f"{blueprint}.yaml", environment=environment))


def through_cloudformation(plan: Plan) -> Plan:
    return cloudformation.read_regions(cloudformation.render(plan))


def through_terraform(plan: Plan) -> Plan:
    return terraform.read(terraform.render(plan))


FORMATS: tuple[tuple[str, Callable[[Plan], Plan], Callable[[Plan], Plan]], ...] = (
    ("CloudFormation", through_cloudformation, lambda plan: plan),
    ("Terraform", through_terraform, as_terraform_returns),
)


def three_ways(plan: Plan) -> int:
    """Holds the equation; how many of the two formats the plan could be written in."""
    refusals: list[tuple[str, str]] = []
    for name, there_and_back, wanted in FORMATS:
        try:
            again = there_and_back(plan)
        except InputRefused as error:
            refusals.append((name, error.detail))
        else:
            assert again == wanted(plan)
    assert [refusal for refusal in refusals if len(permitted(*refusal)) != 1] == []
    return len(FORMATS) - len(refusals)


@pytest.mark.parametrize(("blueprint", "environment"), CASES)
def test_a_blueprint_is_the_same_in_both(blueprint: str, environment: str) -> None:
    plan = built(blueprint, environment)
    assert three_ways(plan) == 2
    assert as_terraform_returns(plan) == plan, "a plan of ours needs no permission"


def test_the_blueprints_have_two_regions_and_functions_among_them() -> None:
    plans = [built(*case) for case in CASES]
    assert any(len(plan.regions) == 2 for plan in plans)
    assert any(any(plan.of(Function)) for plan in plans)


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_the_nested_form_s_templates_are_each_the_same_again(blueprint: str) -> None:
    for name, text in cloudformation.render_nested(built(blueprint, "prod")).items():
        plan = cloudformation.read(text, file=name)
        (again,) = cloudformation.render(plan).values()
        assert cloudformation.read(again, file=name) == plan


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(QUICK)
@given(data=st.data())
def test_any_plan_is_the_same_in_both_but_for_what_is_permitted(kind: type[Resource], data: st.DataObject) -> None:
    three_ways(unmeasured(data.draw, SHAPES.plan(kind)))
    three_ways(unmeasured(data.draw, PLAIN.plan(kind)))
