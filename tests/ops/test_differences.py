"""What a plan changes about a stack that stands: read with its values, in the form that it has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mainstay import diff
from mainstay.core.units import Bytes
from mainstay.diff import Effect
from mainstay.formats import cloudformation
from mainstay.formats.cloudformation.nesting import nest
from mainstay.formats.layout import laid_out
from mainstay.ops.aws.stack_states import StackState
from mainstay.ops.differences import difference, difference_of_template, read_standing
from mainstay.ops.standing import StandingStack
from mainstay.plan.intent import Intent
from mainstay.plan.plan import RegionPlan
from mainstay.plan.resources import DbInstance, LogGroup, NestedStack, Topic
from mainstay.plan.values import Param, Ref

TEMPLATE: dict[str, Any] = {
    "Parameters": {"Size": {"Type": "String", "Default": "20"}, "Login": {"Type": "String", "NoEcho": True}},
    "Resources": {
        "Db": {
            "Type": "AWS::RDS::DBInstance",
            "Properties": {"AllocatedStorage": {"Ref": "Size"}, "MasterUserPassword": {"Ref": "Login"}},
        }
    },
}
INTENT = Intent(name="shop")


def standing(template: object, children: Mapping[str, str] | None = None, **parameters: str) -> StandingStack:
    state = StackState(name="shop", stack_id="arn:x", status="CREATE_COMPLETE", parameters=parameters)
    return StandingStack(
        state=state,
        template=template if isinstance(template, str) else json.dumps(template),
        children=children or {},
        databases={"Db": diff.Standing(storage=Bytes.gib(50))},
    )


def test_it_is_read_with_the_values_that_it_has_and_secrets_stay_parameters() -> None:
    stack = standing(TEMPLATE, Size="30", Login="****")
    assert stack.parameters == {"Size": "30"}
    database = read_standing(stack.template, stack.parameters, "shop")["Db"]
    assert isinstance(database, DbInstance)
    assert (database.storage, database.password) == (Bytes.gib(30), Param("Login"))


def test_what_was_seen_of_a_database_counts() -> None:
    wanted = read_standing(json.dumps(TEMPLATE), {"Size": "40"}, "new")
    (change,) = difference_of_template(standing(TEMPLATE, Size="30"), wanted).changes
    assert change.effect is Effect.REFUSED  # 50 GiB stand


def test_without_a_stack_everything_is_created() -> None:
    wanted = read_standing(json.dumps(TEMPLATE), {}, "new")
    assert [one.effect for one in difference_of_template(None, wanted).changes] == [Effect.CREATED]
    assert [one.effect for one in difference(None, wanted, wanted, INTENT).changes] == [Effect.CREATED]


def region(**database: Any) -> RegionPlan:
    return RegionPlan(
        region="eu-west-1",
        stack="shop",
        resources=(
            Topic(key="Topic"),
            DbInstance(**{"key": "Db", "identifier": "shop", **database}),
            LogGroup(key="Logs", name="/shop", depends_on=(Ref("Db"),)),
        ),
    )


def nested(plan: RegionPlan) -> StandingStack:
    parent, children = nest(plan, INTENT)
    for room in children:
        parent["Resources"][room]["Properties"]["TemplateURL"] = f"https://s3.example.com/{room}"
    return standing(laid_out(parent), {name: laid_out(child) for name, child in children.items()})


def test_a_nested_stack_is_compared_child_by_child() -> None:
    stack = nested(region())
    assert len(stack.children) > 1
    assert difference(stack, region(), region(), INTENT).changes == ()
    wanted = region(username="somebody")
    (change, *others) = difference(stack, wanted, wanted, INTENT).changes
    assert (change.key, change.effect) == ("Db", Effect.REPLACEMENT)
    assert {one.kind for one in others} <= {"LogGroup", "NestedStack"}


def test_a_child_that_goes_takes_what_it_holds_with_it() -> None:
    wanted = replace(region(), resources=region().resources[1:2])
    seen = {one.key: one.effect for one in difference(nested(region()), wanted, wanted, INTENT).changes}
    assert seen["Topic"] is Effect.REMOVED
    assert seen["Logs"] is Effect.REMOVED
    added = {one.key: one.effect for one in difference(nested(wanted), region(), region(), INTENT).changes}
    assert added["Topic"] is Effect.CREATED


def test_a_template_with_its_children_meets_the_stack_with_its_own() -> None:
    stack = nested(region())
    flat = read_standing(stack.template, {}, "new", stack.children)
    assert {type(one) for one in flat.resources} >= {NestedStack, DbInstance, LogGroup}
    assert difference_of_template(stack, flat).changes == ()


def test_children_that_are_not_seen_are_no_removal() -> None:
    stack = nested(region())
    alone = cloudformation.read(stack.template, file="new").primary
    found = difference_of_template(stack, alone, is_whole=False)
    assert found.changes == ()
    assert "was not compared" in found.notes[0]


def test_a_stack_nested_deeper_is_left_as_one() -> None:
    stack = nested(region())
    found = read_standing(stack.template, {}, "new", {"NoSuchStack": "{}"})
    assert {type(one) for one in found.resources} == {NestedStack}
