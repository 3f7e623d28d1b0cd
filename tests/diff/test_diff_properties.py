"""Of any plan: nothing differs from itself, and of any two something can be said."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.formats.plans import Shapes

from mainstay import diff
from mainstay.formats import cloudformation, terraform
from mainstay.plan.plan import Plan
from mainstay.plan.resources import KINDS
from mainstay.plan.values import Unknown

TARGETS = (diff.Target(diff.CLOUDFORMATION, cloudformation.TABLES), diff.Target(diff.TERRAFORM, terraform.TABLES))
UNKNOWN = Unknown("a function", {"Fn::Transform": {"Name": "AWS::Include"}})
SHAPES = Shapes(unknowns=st.just(UNKNOWN), lists_unknown=st.just(UNKNOWN))
QUICK = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
PLANS = st.sampled_from(KINDS).flatmap(SHAPES.plan)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
@QUICK
@given(plan=PLANS)
def test_nothing_differs_from_itself(target: diff.Target, plan: Plan) -> None:
    found = diff.compare(plan, plan, target)
    assert found.changes == ()
    assert found.exit_code == 0


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
@QUICK
@given(before=PLANS, after=PLANS)
def test_any_two_can_be_compared_and_told(target: diff.Target, before: Plan, after: Plan) -> None:
    found = diff.compare(before, after, target)
    document = json.loads(json.dumps(found.as_json()))
    assert document["exit_code"] == (2 if found.losses else int(bool(found.refusals)))
    for change in found.changes:
        assert change.reason or change.fields or change.action == "added"
        assert all(one.before or one.after for one in change.fields)
        assert all(one.source for one in change.fields)
