"""The central property for Terraform: a plan read back from its module is the same plan, for every kind and shape."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.formats.plans import ATTRIBUTES, CAST, PARAMETERS, Shapes

from mainstay.core.errors import InputRefused
from mainstay.core.units import Duration
from mainstay.formats.differences import permitted
from mainstay.formats.terraform import REFUSED, read, render
from mainstay.plan.plan import Plan
from mainstay.plan.resources import (
    KINDS,
    CompositeAlarm,
    DbInstance,
    GatewayAttachment,
    NestedStack,
    Resource,
    Subscription,
)
from mainstay.plan.values import Unknown

ELSEWHERE = "an expression that only Terraform can evaluate"
UNKNOWNS = [Unknown(ELSEWHERE, "${max(1, 2)}"), Unknown(ELSEWHERE, "a-${aws_vpc.nobody.id}")]
LISTS = [Unknown(ELSEWHERE, "${tolist(var.word)}", is_list=True)]
# Terraform has one name for what a plan calls by two (`aws_security_group.x.id`), see formats.differences.
KNOWN = {
    key: tuple(name for name in names if (key, name) not in {("TheElasticIp", "id"), ("TheSecurityGroup", "id")})
    for key, names in ATTRIBUTES.items()
    if key != "TheNestedStack"
}
SHAPES = Shapes(
    unknowns=st.sampled_from(UNKNOWNS),
    lists_unknown=st.sampled_from(LISTS),
    has_conditions=False,
    pseudos=("account", "region", "partition", "url_suffix", "stack_name"),
    cast=tuple(
        sorted((one for one in CAST if not isinstance(one, NestedStack)), key=lambda one: KINDS.index(type(one)))
    ),
    known=KNOWN,
    parameters=tuple(dataclasses.replace(one, extras={}) for one in PARAMETERS),
    extras=st.just({}),
    secrets=False,
)
NEEDED: dict[type[Resource], dict[str, Any]] = {
    DbInstance: {"instance_class": "db.t4g.micro"},
    GatewayAttachment: {"internet_gateway": "igw-1"},
    Subscription: {"endpoint": "dba@shop.example"},
    CompositeAlarm: {"suppressor": "a", "suppressor_wait": Duration(60), "suppressor_extension": Duration(60)},
}
QUICK = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in REFUSED], ids=lambda kind: kind.__name__)
@settings(QUICK)
@given(data=st.data())
def test_a_plan_is_read_back_from_its_module_as_it_was(kind: type[Resource], data: st.DataObject) -> None:
    plan: Plan = _complete(_in_order(data.draw(SHAPES.plan(kind))))
    try:
        files = render(plan)
    except InputRefused as error:
        reason = error.detail
    else:
        again = read(files)
        assert _differences(again, plan) == []
        assert again == plan
        assert render(again) == files
        return
    assert len(permitted("Terraform", reason)) == 1, reason


def _in_order(plan: Plan) -> Plan:
    region = plan.primary
    ordered = tuple(sorted(region.resources, key=lambda one: KINDS.index(type(one))))
    return dataclasses.replace(plan, regions=(dataclasses.replace(region, resources=ordered),))


def _complete(plan: Plan) -> Plan:
    """What the provider cannot do without is there, or most plans would be refused."""
    resources = tuple(
        dataclasses.replace(
            one, **{name: value for name, value in NEEDED.get(type(one), {}).items() if _lacks(one, name)}
        )
        for one in plan.primary.resources
    )
    return dataclasses.replace(plan, regions=(dataclasses.replace(plan.primary, resources=resources),))


def _lacks(one: Resource, name: str) -> bool:
    return getattr(one, name) is None


def _differences(left: Plan, right: Plan) -> list[tuple[str, object, object]]:
    pairs = [
        (f"{one.key}.{spec.name}", getattr(one, spec.name), getattr(two, spec.name, None))
        for one, two in zip(left.primary.resources, right.primary.resources, strict=True)
        for spec in dataclasses.fields(one)
        if spec.compare
    ]
    return [pair for pair in pairs if pair[1] != pair[2]]
